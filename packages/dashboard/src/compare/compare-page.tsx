import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { describeVerdict } from "@peerscope/observer";
import { ArrowLeftRight, Link2, X } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { copyText } from "../frame/announce.tsx";
import { useNow } from "../frame/clock.ts";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { classTextColor, ClassShape, LiveMark } from "../frame/state-mark.tsx";
import { useZone } from "../frame/zone.ts";
import { SessionContext, useSnapshot, type SessionContextValue } from "../session/context.tsx";
import { useTimeViewOfUrl } from "../session/session-view.tsx";
import type { SessionSource, SessionStore } from "../session/session-store.ts";
import { useSessionStore } from "../session/use-session-store.ts";
import { useViewKeys } from "../session/use-view-keys.ts";
import { viewLink } from "../session/view-link.ts";
import { omit, type CompareSearch, type SessionSearch } from "../url/search.ts";
import { classWords, machine, shortId } from "../words/labels.ts";
import { duration, when } from "../words/time.ts";
import { CompareCharts, SideLetter } from "./compare-charts.tsx";
import { takeHandedOver, toComparedFile, type ComparedFile, type ComparedSide } from "./compared-side.ts";
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
  const [files, setFiles] = useState<Files>(() => ({ a: takeHandedOver(), b: null }));
  const pick = (side: "a" | "b", picked: string | File | undefined): void => {
    const id = typeof picked === "string" ? picked : undefined;
    setFiles((before) => ({ ...before, [side]: picked instanceof File ? toComparedFile(picked) : null }));
    // Another session has other times.
    write(
      (before) => ({ ...omit(before, "t", "at", side), ...(id === undefined ? {} : { [side]: id }) }),
      false,
    );
  };
  const sources = { a: files.a ?? a, b: files.b ?? b };
  const isLink = files.a === null && files.b === null;
  return (
    <div className="px-4 py-4 md:px-6">
      <div className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="text-lg font-semibold tracking-tight">Compare two sessions</h1>
        <span className="ml-auto" />
        {sources.a !== undefined && sources.b !== undefined && (
          <button
            type="button"
            className="btn"
            onClick={() => {
              setFiles({ a: files.b, b: files.a });
              write((before) => ({
                ...omit(before, "a", "b"),
                ...(b === undefined ? {} : { a: b }),
                ...(a === undefined ? {} : { b: a }),
              }));
            }}
          >
            <ArrowLeftRight className="size-3.5" aria-hidden />
            Swap
          </button>
        )}
        {a !== undefined && b !== undefined && isLink && (
          <button type="button" className="btn" onClick={() => void copyText(viewLink(), "Link")}>
            <Link2 className="size-3.5" aria-hidden />
            Link
          </button>
        )}
      </div>
      {sources.a !== undefined && sources.b !== undefined ? (
        <Both
          key={`${keyOf(sources.a)} ${keyOf(sources.b)}`}
          a={sources.a}
          b={sources.b}
          search={search}
          write={write}
          pick={pick}
          onChoose={(side, choice) =>
            setFiles((before) => {
              const file = before[side]?.file;
              return file === undefined ? before : { ...before, [side]: toComparedFile(file, choice) };
            })
          }
        />
      ) : (
        <div className="grid items-start gap-3 lg:grid-cols-2">
          {(["a", "b"] as const).map((side) => {
            const source = sources[side];
            const other = search[side === "a" ? "b" : "a"];
            const letter = side === "a" ? "A" : "B";
            return (
              <section key={side} aria-label={`Session ${letter}`}>
                <h2 className="mb-2 flex items-center gap-2 text-table font-semibold">
                  <SideLetter letter={letter} />
                  {source === undefined ? "Choose a session" : "Chosen"}
                </h2>
                {source === undefined ? (
                  <PickSession other={other} onPick={(chosen) => pick(side, chosen)} />
                ) : (
                  <div className="card flex items-center gap-3 p-4">
                    {typeof source === "string" ? (
                      <Link to="/sessions/$id" params={{ id: source }} className="link font-mono text-xs">
                        {source}
                      </Link>
                    ) : (
                      <span className="truncate font-medium">{source.file.name}</span>
                    )}
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

/** Files in the place of sessions. */
interface Files {
  readonly a: ComparedFile | null;
  readonly b: ComparedFile | null;
}

function keyOf(source: string | ComparedFile): string {
  return typeof source === "string" ? source : source.key;
}

function sourceOf(source: string | ComparedFile): SessionSource {
  return typeof source === "string"
    ? { from: "server", sessionId: source }
    : { from: "file", file: source.file, choice: source.choice };
}

interface BothProps {
  readonly a: string | ComparedFile;
  readonly b: string | ComparedFile;
  readonly search: CompareSearch;
  readonly write: (update: (before: CompareSearch) => CompareSearch) => void;
  readonly pick: (side: "a" | "b", id: undefined) => void;
  /** Another session of a file with several. */
  readonly onChoose: (side: "a" | "b", choice: number) => void;
}

function Both({ a, b, ...rest }: BothProps): React.ReactNode {
  const left = useSessionStore(sourceOf(a), keyOf(a));
  // The same session twice is two stores: each is read by a worker of its own.
  const right = useSessionStore(sourceOf(b), keyOf(b));
  const sideA = useMemo(() => (left === null ? null : toSide("A", a, left)), [left, a]);
  const sideB = useMemo(() => (right === null ? null : toSide("B", b, right)), [right, b]);
  if (sideA === null || sideB === null) return <div className="card skeleton h-40" aria-busy="true" />;
  return <Compared {...rest} a={sideA} b={sideB} />;
}

function toSide(
  letter: ComparedSide["letter"],
  source: string | ComparedFile,
  store: SessionStore,
): ComparedSide {
  return { letter, id: typeof source === "string" ? source : source.file.name, from: store.from, store };
}

interface ComparedProps extends Omit<BothProps, "a" | "b"> {
  readonly a: ComparedSide;
  readonly b: ComparedSide;
}

function Compared({ a, b, search, write, pick, onChoose }: ComparedProps): React.ReactNode {
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
              <SideCard
                side={side}
                onAnother={() => pick(side.letter === "A" ? "a" : "b", undefined)}
                onChoose={(choice) => onChoose(side.letter === "A" ? "a" : "b", choice)}
              />
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
  onChoose,
}: {
  readonly side: ComparedSide;
  readonly onAnother: () => void;
  readonly onChoose: (choice: number) => void;
}): React.ReactNode {
  const { analysis, failure, phase, file } = useSnapshot(side.store);
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
        {side.from === "server" ? (
          <Link to="/sessions/$id" params={{ id: side.id }} className="link truncate font-semibold">
            {analysis.userId ?? analysis.peer ?? shortId(side.id)}
          </Link>
        ) : (
          <bdi className="truncate font-semibold">{side.id}</bdi>
        )}
        {file !== null && file.sessions.length > 1 && (
          <select
            className="btn max-w-48 truncate"
            aria-label={`Session of the file ${side.letter}`}
            value={file.chosen}
            onChange={(event) => onChoose(Number(event.target.value))}
          >
            {file.sessions.map(({ name }, index) => (
              // Names need not differ, and the list never changes.
              // oxlint-disable-next-line react/no-array-index-key
              <option key={index} value={index}>
                {name}
              </option>
            ))}
          </select>
        )}
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
