import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { describeVerdict } from "@peerscope/observer";
import { ArrowLeftRight, Link2, X } from "lucide-react";
import { useCallback, useEffect, useMemo } from "react";
import { copyText } from "../frame/announce.tsx";
import { useNow } from "../frame/clock.ts";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { classTextColor, ClassShape, LiveMark } from "../frame/state-mark.tsx";
import { useZone } from "../frame/zone.ts";
import { SessionContext, useSnapshot, type SessionContextValue } from "../session/context.tsx";
import { useTimeViewOfUrl } from "../session/session-view.tsx";
import { useSessionStore } from "../session/use-session-store.ts";
import { useViewKeys } from "../session/use-view-keys.ts";
import { viewLink } from "../session/view-link.ts";
import { omit, type CompareSearch, type SessionSearch } from "../url/search.ts";
import { classWords, machine, shortId } from "../words/labels.ts";
import { duration, when } from "../words/time.ts";
import { CompareCharts, SideLetter } from "./compare-charts.tsx";
import type { ComparedSide } from "./compared-side.ts";
import { DifferenceTable } from "./difference-table.tsx";
import { PickSession } from "./pick-session.tsx";

/** Why was it good here and bad there? Two sessions beside each other. */
export function ComparePage(): React.ReactNode {
  const search = useSearch({ from: "/compare" });
  const navigate = useNavigate();
  const { a, b } = search;
  useEffect(() => {
    document.title = "Compare two sessions – Peerscope";
  }, []);
  const write = useCallback(
    (update: (before: CompareSearch) => CompareSearch, replace = true) =>
      void navigate({
        to: "/compare",
        search: (before) => update(before as CompareSearch),
        replace,
        resetScroll: false,
      }),
    [navigate],
  );
  const pick = (side: "a" | "b", id: string | undefined): void =>
    // Another session has other times.
    write(
      (before) => ({ ...omit(before, "t", "at", side), ...(id === undefined ? {} : { [side]: id }) }),
      false,
    );
  return (
    <div className="px-4 py-4 md:px-6">
      <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="text-lg font-semibold tracking-tight">Compare two sessions</h1>
        <span className="ml-auto" />
        {a !== undefined && b !== undefined && (
          <>
            <button
              type="button"
              className="btn"
              onClick={() => write((before) => ({ ...before, a: b, b: a }))}
            >
              <ArrowLeftRight className="size-3.5" aria-hidden />
              Swap
            </button>
            <button type="button" className="btn" onClick={() => void copyText(viewLink(), "Link")}>
              <Link2 className="size-3.5" aria-hidden />
              Link
            </button>
          </>
        )}
      </div>
      {a !== undefined && b !== undefined ? (
        <Both key={`${a} ${b}`} a={a} b={b} search={search} write={write} pick={pick} />
      ) : (
        <div className="grid items-start gap-3 lg:grid-cols-2">
          {(["a", "b"] as const).map((side) => {
            const id = search[side];
            const letter = side === "a" ? "A" : "B";
            return (
              <section key={side} aria-label={`Session ${letter}`}>
                <h2 className="mb-2 flex items-center gap-2 text-table font-semibold">
                  <SideLetter letter={letter} />
                  {id === undefined ? "Choose a session" : "Chosen"}
                </h2>
                {id === undefined ? (
                  <PickSession
                    other={search[side === "a" ? "b" : "a"]}
                    onPick={(chosen) => pick(side, chosen)}
                  />
                ) : (
                  <div className="card flex items-center gap-3 p-4">
                    <Link to="/sessions/$id" params={{ id }} className="link font-mono text-xs">
                      {id}
                    </Link>
                    <button type="button" className="btn ml-auto" onClick={() => pick(side, undefined)}>
                      Another one
                    </button>
                  </div>
                )}
              </section>
            );
          })}
        </div>
      )}
    </div>
  );
}

interface BothProps {
  readonly a: string;
  readonly b: string;
  readonly search: CompareSearch;
  readonly write: (update: (before: CompareSearch) => CompareSearch) => void;
  readonly pick: (side: "a" | "b", id: string | undefined) => void;
}

function Both({ a, b, ...rest }: BothProps): React.ReactNode {
  const left = useSessionStore({ from: "server", sessionId: a }, a);
  // The same session twice is two stores: each is read by a worker of its own.
  const right = useSessionStore({ from: "server", sessionId: b }, b);
  const sideA = useMemo<ComparedSide | null>(
    () => (left === null ? null : { letter: "A", id: a, store: left }),
    [left, a],
  );
  const sideB = useMemo<ComparedSide | null>(
    () => (right === null ? null : { letter: "B", id: b, store: right }),
    [right, b],
  );
  if (sideA === null || sideB === null) return <div className="card skeleton h-40" aria-busy="true" />;
  return <Compared {...rest} a={sideA} b={sideB} />;
}

interface ComparedProps extends Omit<BothProps, "a" | "b"> {
  readonly a: ComparedSide;
  readonly b: ComparedSide;
}

function Compared({ a, b, search, write, pick }: ComparedProps): React.ReactNode {
  const left = useSnapshot(a.store);
  const right = useSnapshot(b.store);
  const zone = useZone();
  const onSearch = useCallback(
    (update: (before: SessionSearch) => SessionSearch) =>
      write((before) => {
        const { t, at } = update({
          ...(before.t === undefined ? {} : { t: before.t }),
          ...(before.at === undefined ? {} : { at: before.at }),
        });
        return {
          ...omit(before, "t", "at"),
          ...(t === undefined ? {} : { t }),
          ...(at === undefined ? {} : { at }),
        };
      }),
    [write],
  );
  const view = useTimeViewOfUrl(search, onSearch);
  const longestMs = Math.max(
    ...[left, right].map(({ analysis }) => (analysis === null ? 0 : analysis.end - analysis.start)),
  );
  useEffect(() => {
    if (longestMs > 0) view.setExtent({ from: 0, to: longestMs / 1000 }, false);
  }, [view, longestMs]);
  const start = left.analysis?.start ?? 0;
  // Parts of a session page that draw time work with the first session: positions are the same in both.
  const context = useMemo<SessionContextValue>(
    () => ({
      store: a.store,
      view,
      axis: "rel",
      zone,
      analysis: left.analysis,
      start,
      search: {},
      writeNote: null,
      // Of the view of a session only the times are part of this one, and those the view itself writes.
      setSearch: () => undefined,
    }),
    [a.store, view, zone, left.analysis, start],
  );
  useViewKeys(context, null, null);
  const sides = useMemo(() => [a, b], [a, b]);
  return (
    <SessionContext value={context}>
      <div className="flex flex-col gap-3">
        <div className="grid gap-3 lg:grid-cols-2">
          {sides.map((side) => (
            <PanelBoundary key={side.letter} what={`Session ${side.letter}`}>
              <SideCard side={side} onAnother={() => pick(side.letter === "A" ? "a" : "b", undefined)} />
            </PanelBoundary>
          ))}
        </div>
        <PanelBoundary what="The differences">
          <DifferenceTable a={a} b={b} />
        </PanelBoundary>
        <PanelBoundary what="The charts">
          <CompareCharts sides={sides} />
        </PanelBoundary>
      </div>
    </SessionContext>
  );
}

/** Who it was, how it was, and why. */
function SideCard({
  side,
  onAnother,
}: {
  readonly side: ComparedSide;
  readonly onAnother: () => void;
}): React.ReactNode {
  const { analysis, failure, phase } = useSnapshot(side.store);
  const zone = useZone();
  const now = useNow(30_000);
  const title = `Session ${side.letter}`;
  if (analysis === null)
    return (
      <section aria-label={title} className="card p-4" aria-busy={failure === null}>
        <h2 className="flex items-center gap-2 text-table font-semibold">
          <SideLetter letter={side.letter} />
          {failure === null ? "Reading the session" : "This session could not be read"}
        </h2>
        {failure === null ? (
          <div className="skeleton mt-3 h-16" />
        ) : (
          <>
            <p className="mt-2 text-table text-ink-soft">
              {failure.message} (<code className="font-mono text-xs">{failure.code}</code>)
            </p>
            <button type="button" className="btn mt-3" onClick={onAnother}>
              Another one
            </button>
          </>
        )}
      </section>
    );
  const { score, verdict, observations, context } = analysis;
  const on = machine(
    context["browserName"],
    context["browserVersion"],
    context["osName"],
    context["osVersion"],
  );
  return (
    <section
      aria-label={title}
      className="card flex flex-col gap-2 p-4"
      data-testid={`side-${side.letter}`}
      data-stated-cause={verdict.statedCause ?? ""}
    >
      <div className="flex items-center gap-2">
        <SideLetter letter={side.letter} />
        <Link to="/sessions/$id" params={{ id: side.id }} className="link truncate font-semibold">
          {analysis.userId ?? analysis.peer ?? shortId(side.id)}
        </Link>
        {phase === "live" && <LiveMark />}
        <span className="ml-auto flex items-center gap-2">
          <ClassShape of={score.class} size={16} />
          {score.value !== null && (
            <span className="tnum text-lg leading-none font-semibold">{Math.round(score.value)}</span>
          )}
          <span className={`text-table font-semibold ${classTextColor(score.class)}`}>
            {classWords[score.class]}
          </span>
        </span>
        <button
          type="button"
          className="btn-quiet"
          aria-label={`Compare with another session than ${side.letter}`}
          title="Another session"
          onClick={onAnother}
        >
          <X className="size-4" aria-hidden />
        </button>
      </div>
      <p className="text-base leading-snug font-medium text-pretty">
        {describeVerdict(verdict, observations, { sessionStart: analysis.start }).headline}
      </p>
      <p className="text-xs text-ink-soft">
        {[
          `${when(analysis.start, now, zone)} (${duration(analysis.end - analysis.start)})`,
          on,
          analysis.callId === null ? null : `call ${analysis.callId}`,
        ]
          .filter((part) => part !== null)
          .join(" · ")}
      </p>
    </section>
  );
}
