import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import type { ScoreClass } from "@peerscope/schema";
import type { LiveSnapshot } from "@peerscope/schema/api";
import { Pause, Play, Radio } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useNow } from "../frame/clock.ts";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { useProject } from "../frame/project.ts";
import { classTextColor, ClassShape } from "../frame/state-mark.tsx";
import { useZone } from "../frame/zone.ts";
import { newestQuery } from "../queries/sessions.ts";
import { classMeanings, classWords } from "../words/labels.ts";
import { count, plural } from "../words/numbers.ts";
import { clock, when, type Zone } from "../words/time.ts";
import { LiveCalls } from "./live-calls.tsx";
import { announcementOf } from "./live-rows.ts";
import { CommonFactor, JustNow } from "./live-side.tsx";
import { useLiveStream, type LiveState } from "./live-stream.ts";
import { SufferingList } from "./suffering-list.tsx";

/** Who is suffering right now, and is it one person or many? */
export function LivePage(): React.ReactNode {
  const project = useProject();
  const [state, retryNow] = useLiveStream(project);
  // What was paused in one project is not what happens in another one.
  return <LiveView key={project ?? ""} state={state} onRetry={retryNow} />;
}

interface ViewProps {
  readonly state: LiveState;
  /** Does not wait for the next try. */
  readonly onRetry: () => void;
}

/** The page for one state of the stream. */
export function LiveView({ state, onRetry }: ViewProps): React.ReactNode {
  const [paused, setPaused] = useState<LiveState | null>(null);
  const shown = paused ?? state;
  const { snapshot } = shown;
  const announcement = useAnnouncement(snapshot);

  useEffect(() => {
    document.title =
      snapshot === null || snapshot.affected === 0
        ? "Live – Peerscope"
        : `${plural(snapshot.affected, "person suffers", "people suffer")} – Live – Peerscope`;
  }, [snapshot]);

  return (
    <div className="px-4 py-4 md:px-6">
      <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="text-lg font-semibold tracking-tight">Live</h1>
        <p className="text-table text-ink-soft">
          <LineWords state={state} pausedAt={paused?.snapshot?.at ?? null} />
        </p>
        <span className="ml-auto" />
        <button
          type="button"
          className="btn"
          aria-pressed={paused !== null}
          disabled={snapshot === null}
          onClick={() => setPaused(paused === null ? state : null)}
        >
          {paused === null ? (
            <Pause className="size-3.5" aria-hidden />
          ) : (
            <Play className="size-3.5" aria-hidden />
          )}
          {paused === null ? "Pause" : "Go on"}
        </button>
      </div>
      <p role="status" className="sr-only">
        {announcement}
      </p>
      {state.line === "lost" && <LostLine state={state} onRetry={onRetry} />}
      {snapshot === null ? (
        state.line === "connecting" && <LiveSkeleton />
      ) : (
        <div className={state.line === "lost" ? "opacity-70" : ""}>
          {snapshot.clients === 0 ? (
            <NobodyThere />
          ) : (
            <Everybody
              snapshot={snapshot}
              state={shown}
              isFrozen={paused !== null || state.line === "lost"}
            />
          )}
        </div>
      )}
    </div>
  );
}

function Everybody({
  snapshot,
  state,
  isFrozen,
}: {
  readonly snapshot: LiveSnapshot;
  readonly state: LiveState;
  readonly isFrozen: boolean;
}): React.ReactNode {
  const here = useNow();
  // What stands still does not get older.
  const now = isFrozen ? snapshot.at : here + state.clockOffsetMs;
  return (
    <div className="flex flex-col gap-3">
      <PanelBoundary what="The counters">
        <Counters snapshot={snapshot} />
      </PanelBoundary>
      <div className="grid items-start gap-3 xl:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="flex min-w-0 flex-col gap-3">
          <PanelBoundary what="The list of those who suffer">
            <SufferingList sessions={snapshot.sessions} affected={snapshot.affected} now={now} />
          </PanelBoundary>
          <PanelBoundary what="The calls">
            <LiveCalls calls={snapshot.worstCalls} total={snapshot.calls} />
          </PanelBoundary>
        </div>
        <div className="flex min-w-0 flex-col gap-3">
          <PanelBoundary what="The common factor">
            <CommonFactor snapshot={snapshot} />
          </PanelBoundary>
          <PanelBoundary what="What changed">
            <JustNow changes={snapshot.changes} />
          </PanelBoundary>
        </div>
      </div>
    </div>
  );
}

const order: readonly ScoreClass[] = ["good", "fair", "poor", "failed", "dropped", "not-measured"];

function Counters({ snapshot }: { readonly snapshot: LiveSnapshot }): React.ReactNode {
  const { calls, clients, classes, affected } = snapshot;
  return (
    <dl className="card flex flex-wrap items-stretch gap-y-2 px-2 py-3">
      <Counter name="Calls" value={count(calls)} />
      <Counter name="Clients" value={count(clients)} />
      <Counter name="Suffering" value={count(affected)} hint="something is wrong in their session now" />
      <div className="mx-2 border-l border-line max-sm:hidden" aria-hidden />
      {order.map((of) => {
        const here = classes[of];
        // Nobody has failed: nothing to count. The three bands are always told.
        if (here === 0 && of !== "good" && of !== "fair" && of !== "poor") return null;
        return (
          <Counter
            key={of}
            name={classWords[of]}
            hint={classMeanings[of]}
            value={count(here)}
            share={clients === 0 ? null : `${Math.round((here / clients) * 100)} %`}
            of={of}
          />
        );
      })}
    </dl>
  );
}

interface CounterProps {
  readonly name: string;
  readonly value: string;
  readonly hint?: string;
  readonly share?: string | null;
  readonly of?: ScoreClass;
}

function Counter({ name, value, hint, share, of }: CounterProps): React.ReactNode {
  return (
    <div className="min-w-24 px-3" title={hint}>
      <dt
        className={`flex items-center gap-1.5 text-xs ${of === undefined ? "text-ink-soft" : classTextColor(of)}`}
      >
        {of !== undefined && <ClassShape of={of} />}
        {name}
      </dt>
      <dd className="tnum flex items-baseline gap-1.5 text-lg font-semibold">
        {value}
        {share !== undefined && share !== null && (
          <span className="text-xs font-normal text-ink-soft">{share}</span>
        )}
      </dd>
    </div>
  );
}

function NobodyThere(): React.ReactNode {
  const newest = useQuery(newestQuery(useProject()));
  const zone = useZone();
  const now = useNow(30_000);
  return (
    <div className="card mx-auto mt-8 max-w-xl p-8 text-center">
      <Radio className="mx-auto size-8 text-ink-soft" aria-hidden />
      <h2 className="mt-3 text-base font-semibold">Nobody is in a call</h2>
      <p className="mt-1 text-ink-soft">
        {lastHeard(newest.data, now, zone)}Sessions appear here while their clients are connected.
      </p>
      <div className="mt-4 flex justify-center gap-2">
        <Link to="/sessions" className="btn">
          All sessions
        </Link>
        <a href="/demo" className="btn">
          Start a demo call
        </a>
      </div>
    </div>
  );
}

/** Says nothing of the last one while that is not known. */
function lastHeard(newest: number | null | undefined, now: number, zone: Zone): string {
  if (newest === undefined) return "";
  return newest === null
    ? "Nothing was recorded yet. "
    : `The last one was heard ${when(newest, now, zone)}. `;
}

function LiveSkeleton(): React.ReactNode {
  return (
    <div
      aria-busy="true"
      role="region"
      aria-label="Loading what is happening now"
      className="flex flex-col gap-3"
    >
      <div className="card skeleton h-18" />
      <div className="grid gap-3 xl:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="card skeleton h-64" />
        <div className="card skeleton h-40" />
      </div>
    </div>
  );
}

function LineWords({
  state,
  pausedAt,
}: {
  readonly state: LiveState;
  readonly pausedAt: number | null;
}): React.ReactNode {
  const zone = useZone();
  if (pausedAt !== null) return <span className="text-ink">Paused, showing {clock(pausedAt, zone)}</span>;
  if (state.line === "connecting") return "Connecting";
  return state.line === "open" ? "Updates as it happens, at most every 2 s" : "";
}

/** Says what is shown, when the next try is, and lets one try at once. */
function LostLine({
  state,
  onRetry,
}: {
  readonly state: LiveState;
  readonly onRetry: () => void;
}): React.ReactNode {
  const zone = useZone();
  const now = useNow(500);
  const href = useLocation({ select: (location) => location.href });
  const { refusal, retryAt, snapshot } = state;
  const seconds = retryAt === null ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1000));
  return (
    <div className="card mb-3 flex flex-wrap items-center gap-x-3 gap-y-2 border-poor-mark px-4 py-2 text-table">
      <ClassShape of="failed" />
      <span role="alert">
        {refusal === null ? "Connection to the server lost" : refusal.message}
        {refusal?.code != null && <code className="ml-1.5 font-mono text-xs">({refusal.code})</code>}
        {snapshot === null ? "" : `, showing ${clock(snapshot.at, zone)}`}.
      </span>
      <span className="tnum text-ink-soft">
        {retryAt === null ? "Trying again now" : `Trying again in ${seconds} s`}
      </span>
      <span className="ml-auto flex gap-2">
        {refusal?.code === "login-needed" && (
          <Link to="/login" search={{ next: href }} className="btn">
            Log in
          </Link>
        )}
        <button type="button" className="btn" onClick={onRetry}>
          Try now
        </button>
      </span>
    </div>
  );
}

/** Screen readers hear of changes at most this often, in milliseconds. */
const announceMs = 10_000;

function useAnnouncement(snapshot: LiveSnapshot | null): string {
  const [text, setText] = useState("");
  const told = useRef<LiveSnapshot | null>(null);
  const latest = useRef(snapshot);
  useEffect(() => {
    latest.current = snapshot;
    told.current ??= snapshot;
  }, [snapshot]);
  useEffect(() => {
    const timer = setInterval(() => {
      const { current } = latest;
      if (current === null || told.current === null || current === told.current) return;
      const words = announcementOf(told.current, current);
      told.current = current;
      if (words !== null) setText(words);
    }, announceMs);
    return () => clearInterval(timer);
  }, []);
  return text;
}
