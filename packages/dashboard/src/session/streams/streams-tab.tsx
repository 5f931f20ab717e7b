import { useMemo } from "react";
import { valueAt } from "../../charts/series.ts";
import { short, withUnit } from "../../words/numbers.ts";
import { seriesKeyOf } from "../../worker/metric-columns.ts";
import { connectionNames } from "../connection-names.ts";
import { useSession, useSnapshot } from "../context.tsx";
import { MomentBar } from "../moment-bar.tsx";
import { useReportsAtCursor } from "../use-reports.ts";
import { streamsOf, type MetricAt, type Stream } from "./streams.ts";

/** Every RTP stream of a moment in a row, what is sent joined with what the far end says of it. */
export function StreamsTab(): React.ReactNode {
  const { store, setSearch } = useSession();
  const snapshot = useSnapshot(store);
  const { reports, at, isNewest } = useReportsAtCursor();
  const names = useMemo(() => connectionNames(snapshot.events), [snapshot.events]);
  const streams = useMemo(() => {
    const metricAt: MetricAt = (name, direction, connectionId, statsId) => {
      const line = store.series.get(seriesKeyOf(name, direction, connectionId, statsId));
      return line === undefined ? null : valueAt(line, at);
    };
    return streamsOf(reports ?? [], metricAt);
    // Lines grow in place.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [store, reports, at, snapshot.seriesCount]);
  const groups = [
    { title: "What this person sends", direction: "out" },
    { title: "What this person receives", direction: "in" },
  ] as const;
  return (
    <section className="flex flex-col gap-3" aria-label="Streams">
      <div className="card flex flex-wrap items-center gap-3 p-2">
        <MomentBar at={at} isNewest={isNewest} />
      </div>
      {reports !== null && streams.length === 0 && (
        <p className="card p-6 text-ink-soft">
          No sound or picture was sent or received at this moment, or no report is within ten seconds before
          it.
        </p>
      )}
      {groups.map(({ title, direction }) => {
        const rows = streams.filter((stream) => stream.direction === direction);
        return rows.length === 0 ? null : (
          <StreamTable
            key={direction}
            title={title}
            isInbound={direction === "in"}
            streams={rows}
            names={names}
            onOpen={(stream) => setSearch({ tab: "stats", find: stream.statsId })}
          />
        );
      })}
    </section>
  );
}

interface TableProps {
  readonly title: string;
  readonly isInbound: boolean;
  readonly streams: readonly Stream[];
  readonly names: ReadonlyMap<string, string>;
  readonly onOpen: (stream: Stream) => void;
}

const cell = "px-3 py-1.5 align-top";
const number = `${cell} tnum text-right`;

function StreamTable({ title, isInbound, streams, names, onOpen }: TableProps): React.ReactNode {
  return (
    <div className="card overflow-hidden">
      <h2 className="border-b border-line px-4 py-2 font-semibold">{title}</h2>
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={title}>
        <table className="w-full min-w-[56rem] text-left text-table">
          <thead className="text-xs text-ink-soft">
            <tr className="border-b border-line">
              <th className={cell}>Stream</th>
              <th className={cell}>Codec</th>
              <th className={cell}>Picture</th>
              <th className={`${cell} text-right`}>Bitrate</th>
              <th className={`${cell} text-right`}>Loss</th>
              <th className={`${cell} text-right`}>Jitter</th>
              {isInbound ? (
                <>
                  <th className={`${cell} text-right`}>Buffer</th>
                  <th className={`${cell} text-right`}>Patched over</th>
                  <th className={`${cell} text-right`}>Stood still</th>
                </>
              ) : (
                <>
                  <th className={`${cell} text-right`}>Round trip</th>
                  <th className={cell}>Limited by</th>
                </>
              )}
            </tr>
          </thead>
          <tbody>
            {streams.map((stream) => (
              <tr
                key={`${stream.connectionId} ${stream.statsId}`}
                className="border-b border-line last:border-b-0 hover:bg-sunken"
              >
                <td className={cell}>
                  <button
                    type="button"
                    className="link min-h-6 text-left"
                    title="Everything reported about it"
                    onClick={() => onOpen(stream)}
                  >
                    {stream.kind === "audio" ? "Sound" : "Picture"}
                    {stream.rid !== null && ` layer ${stream.rid}`}
                  </button>
                  <span className="block text-xs text-ink-soft">
                    {[
                      names.get(stream.connectionId),
                      stream.mid !== null && `mid ${stream.mid}`,
                      stream.ssrc !== null && `SSRC ${stream.ssrc}`,
                    ]
                      .filter(Boolean)
                      .join(", ")}
                  </span>
                </td>
                <td className={cell}>
                  {stream.codec ?? "–"}
                  {stream.implementation !== null && (
                    <span className="block text-xs text-ink-soft">{stream.implementation}</span>
                  )}
                </td>
                <td className={cell}>{stream.picture ?? "–"}</td>
                <td className={number}>{told(stream.bitrateBps, "kbit/s", 0.001)}</td>
                <td className={number}>{told(stream.lossRatio, "%", 100)}</td>
                <td className={number}>{told(stream.jitterMs, "ms")}</td>
                {isInbound ? (
                  <>
                    <td className={number}>{told(stream.jitterBufferDelayMs, "ms")}</td>
                    <td className={number}>{told(stream.concealmentRatio, "%", 100)}</td>
                    <td className={number}>{told(stream.freezeRatio, "%", 100)}</td>
                  </>
                ) : (
                  <>
                    <td className={number}>{told(stream.roundTripTimeMs, "ms")}</td>
                    <td className={cell}>{stream.limitation ?? "–"}</td>
                  </>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function told(value: number | null, unit: string, scale = 1): string {
  if (value === null) return "–";
  return unit === "%" ? `${short(value * scale)} %` : withUnit(value * scale, unit);
}
