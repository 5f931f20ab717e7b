import { useMemo } from "react";
import type { StatsSnapshot } from "../../worker/messages.ts";
import { byteSize, short } from "../../words/numbers.ts";
import { connectionNames } from "../connection-names.ts";
import { useSession, useSnapshot, useTimeWords } from "../context.tsx";
import { LaneRows } from "../lane-rows.tsx";
import { MomentBar } from "../moment-bar.tsx";
import { useReportsAtCursor } from "../use-reports.ts";
import { candidatePairs, endWords, type CandidatePair, type PairEnd } from "./candidate-pairs.ts";
import { pathEvents, type PathEvent } from "./path-events.ts";
import { stateLanes } from "./state-lanes.ts";

/** How the two ends reach each other: every state machine, the pairs that were tried, and what changed the way. */
export function ConnectionTab(): React.ReactNode {
  const { store, start } = useSession();
  const snapshot = useSnapshot(store);
  const { reports, at, isNewest } = useReportsAtCursor();
  const names = useMemo(() => connectionNames(snapshot.events), [snapshot.events]);
  const end = snapshot.analysis?.end ?? start;
  const ids = [
    ...new Set([
      ...snapshot.events.flatMap(({ connectionId }) => connectionId ?? []),
      ...(reports ?? []).map(({ connectionId }) => connectionId),
    ]),
  ];
  if (ids.length === 0) {
    return (
      <p className="card p-6 text-ink-soft">
        {snapshot.phase === "loading"
          ? "Reading the connections"
          : "No peer connection was made in this recording."}
      </p>
    );
  }
  return (
    <section className="flex flex-col gap-3" aria-label="Connection">
      <div className="card flex flex-wrap items-center gap-3 p-2">
        <MomentBar at={at} isNewest={isNewest} />
      </div>
      {ids.map((id) => (
        <Connection
          key={id}
          id={id}
          name={names.get(id) ?? "Peer connection"}
          end={end}
          report={reports?.find(({ connectionId }) => connectionId === id) ?? null}
        />
      ))}
    </section>
  );
}

interface ConnectionProps {
  readonly id: string;
  readonly name: string;
  readonly end: number;
  readonly report: StatsSnapshot | null;
}

function Connection({ id, name, end, report }: ConnectionProps): React.ReactNode {
  const { store } = useSession();
  const { events } = useSnapshot(store);
  const lanes = useMemo(() => stateLanes(events, id, end), [events, id, end]);
  const path = useMemo(() => pathEvents(events, id), [events, id]);
  const pairs = useMemo(() => candidatePairs(report?.stats ?? []), [report]);
  return (
    <article className="card overflow-hidden" aria-label={name}>
      <h2 className="border-b border-line px-4 py-2 font-semibold first-letter:uppercase">{name}</h2>
      {lanes.length > 0 && (
        <div className="flex flex-col gap-0.5 border-b border-line p-4">
          <LaneRows lanes={lanes} />
        </div>
      )}
      <PathHistory path={path} />
      {pairs.length === 0 ? (
        <p className="p-4 text-table text-ink-soft">
          {report === null
            ? "No report of this connection within ten seconds before this moment."
            : "No pair of candidates was there yet: the two ends had not found a way to each other."}
        </p>
      ) : (
        <PairTable pairs={pairs} name={name} />
      )}
    </article>
  );
}

function PathHistory({ path }: { readonly path: readonly PathEvent[] }): React.ReactNode {
  const { view, start } = useSession();
  const words = useTimeWords();
  if (path.length === 0) return null;
  return (
    <ol
      className="max-h-56 overflow-auto border-b border-line px-4 py-2 text-table"
      aria-label="What changed the way"
      tabIndex={0}
    >
      {path.map((event, place) => (
        <li key={place} className="flex gap-3 py-0.5">
          <button
            type="button"
            className="tnum min-h-6 shrink-0 text-ink-soft hover:text-accent hover:underline"
            title="Put the cursor here"
            onClick={() => view.setAt((event.at - start) / 1000, true)}
          >
            {words(event.at, true)}
          </button>
          <span className={event.isBad ? "font-medium text-poor" : ""}>
            {event.isBad && "✕ "}
            {event.text}
          </span>
        </li>
      ))}
    </ol>
  );
}

const cell = "px-3 py-1.5 align-top";

function PairTable({
  pairs,
  name,
}: {
  readonly pairs: readonly CandidatePair[];
  readonly name: string;
}): React.ReactNode {
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={`Candidate pairs of ${name}`}>
      <table className="w-full min-w-[52rem] text-left text-table">
        <thead className="text-xs text-ink-soft">
          <tr className="border-b border-line">
            <th className={cell}>Pair</th>
            <th className={cell}>Here</th>
            <th className={cell}>There</th>
            <th className={`${cell} text-right`}>Round trip</th>
            <th className={`${cell} text-right`}>Sent</th>
            <th className={`${cell} text-right`}>Received</th>
            <th className={`${cell} text-right`}>Checks answered</th>
          </tr>
        </thead>
        <tbody>
          {pairs.map((pair) => (
            <tr
              key={pair.id}
              className={`border-b border-line last:border-b-0 ${pair.selected ? "bg-accent-soft/50" : ""}`}
            >
              <td className={cell}>
                <span className={pair.state === "failed" ? "font-medium text-poor" : "font-medium"}>
                  {pair.state === "failed" && "✕ "}
                  {pair.selected ? "● in use" : (pair.state ?? "–")}
                </span>
                {pair.nominated && !pair.selected && (
                  <span className="block text-xs text-ink-soft">nominated</span>
                )}
              </td>
              <td className={cell}>
                <End end={pair.local} />
              </td>
              <td className={cell}>
                <End end={pair.remote} />
              </td>
              <td className={`${cell} tnum text-right`}>
                {pair.roundTripTimeMs === null ? "–" : `${short(pair.roundTripTimeMs)} ms`}
              </td>
              <td className={`${cell} tnum text-right`}>
                {pair.bytesSent === null ? "–" : byteSize(pair.bytesSent)}
              </td>
              <td className={`${cell} tnum text-right`}>
                {pair.bytesReceived === null ? "–" : byteSize(pair.bytesReceived)}
              </td>
              <td className={`${cell} tnum text-right`}>
                {pair.requestsSent === null || pair.responsesReceived === null
                  ? "–"
                  : `${pair.responsesReceived} of ${pair.requestsSent}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function End({ end }: { readonly end: PairEnd }): React.ReactNode {
  const host = end.address?.includes(":") === true ? `[${end.address}]` : end.address;
  const address = host === null ? null : `${host}${end.port === null ? "" : `:${end.port}`}`;
  return (
    <>
      {endWords(end)}
      {end.networkType !== null && <span className="text-ink-soft">, {end.networkType}</span>}
      <code className="block font-mono text-xs text-ink-soft">
        {[address, end.url].filter(Boolean).join(" via ")}
      </code>
    </>
  );
}
