import type { JsonValue } from "@peerscope/schema";
import { ChartLine } from "lucide-react";
import { useMemo } from "react";
import { memberKey, type StatsMember } from "../../worker/member-history.ts";
import { useSession } from "../context.tsx";
import { MomentBar } from "../moment-bar.tsx";
import { useReportsAtCursor } from "../use-reports.ts";
import { PinnedCharts } from "./pinned-charts.tsx";
import { pinsOf, togglePin } from "./pins.ts";

const asText = (value: JsonValue): string =>
  value === null ? "null" : typeof value === "object" ? JSON.stringify(value) : String(value);

/** Every member of every statistics object as the browser gave it, at the cursor. */
export function StatsTab(): React.ReactNode {
  const { search, setSearch } = useSession();
  const { reports: snapshots, at, isNewest } = useReportsAtCursor();
  const filter = (search.find ?? "").toLowerCase();

  const objects = useMemo(() => {
    const rows = (snapshots ?? []).flatMap((report) =>
      report.stats.map((stats) => ({
        key: `${report.connectionId} ${stats.id}`,
        connectionId: report.connectionId,
        stats,
      })),
    );
    return rows
      .map((row) => {
        const members = Object.entries(row.stats).filter(
          ([name]) => name !== "id" && name !== "type" && name !== "timestamp",
        );
        const name = `${row.stats.type} ${row.stats.id} ${asText(row.stats["kind"] ?? "")}`.toLowerCase();
        const shown =
          filter === "" || name.includes(filter)
            ? members
            : members.filter(([member, value]) =>
                `${member} ${asText(value)}`.toLowerCase().includes(filter),
              );
        return { ...row, members: shown };
      })
      .filter((row) => row.members.length > 0)
      .sort((a, b) => a.stats.type.localeCompare(b.stats.type) || a.stats.id.localeCompare(b.stats.id));
  }, [snapshots, filter]);
  const several = new Set(objects.map((object) => object.connectionId)).size > 1;

  return (
    <section aria-label="Stats at the cursor">
      <div className="card mb-3 flex flex-wrap items-center gap-3 p-2">
        <input
          type="text"
          className="h-8 w-72 max-w-full rounded-md border border-line bg-page px-2.5 text-table placeholder:text-ink-soft"
          placeholder="Find a member, value or object"
          aria-label="Find in stats"
          value={search.find ?? ""}
          onChange={(event) =>
            setSearch({ find: event.target.value === "" ? undefined : event.target.value })
          }
        />
        <MomentBar at={at} isNewest={isNewest} />
      </div>
      <PinnedCharts />
      {snapshots !== null && objects.length === 0 && (
        <p className="card p-6 text-ink-soft">
          {filter === ""
            ? "No report within ten seconds before this moment."
            : `Nothing in the reports of this moment contains “${search.find ?? ""}”.`}
        </p>
      )}
      <div className="columns-1 gap-3 md:columns-2 2xl:columns-3">
        {objects.map((object) => (
          <details key={object.key} open className="card mb-3 break-inside-avoid overflow-hidden">
            <summary className="flex min-h-8 items-baseline gap-2 bg-sunken/60 px-3 py-1.5 text-table">
              <span className="font-semibold">{object.stats.type}</span>
              {typeof object.stats["kind"] === "string" && <span>{object.stats["kind"]}</span>}
              <code className="min-w-0 truncate font-mono text-xs text-ink-soft">{object.stats.id}</code>
              {several && (
                <span className="ml-auto shrink-0 text-xs text-ink-soft">{object.connectionId}</span>
              )}
            </summary>
            <dl className="grid grid-cols-[minmax(0,1fr)_minmax(0,1.2fr)] text-xs">
              {object.members.map(([member, value]) => (
                <div key={member} className="col-span-2 grid grid-cols-subgrid px-3 py-0.5 odd:bg-sunken/40">
                  <dt className="truncate text-ink-soft" title={member}>
                    {member}
                  </dt>
                  <dd className="tnum flex items-start font-mono break-all">
                    <span className="min-w-0">{asText(value)}</span>
                    {(typeof value === "number" || typeof value === "boolean") && (
                      <DrawButton
                        member={{ connectionId: object.connectionId, statsId: object.stats.id, member }}
                      />
                    )}
                  </dd>
                </div>
              ))}
            </dl>
          </details>
        ))}
      </div>
    </section>
  );
}

/** Draws a member over the whole session, or stops to. */
function DrawButton({ member }: { readonly member: StatsMember }): React.ReactNode {
  const { search, setSearch } = useSession();
  const isDrawn = pinsOf(search.pin).some((pin) => memberKey(pin) === memberKey(member));
  return (
    <button
      type="button"
      className={`ml-auto grid size-6 shrink-0 place-items-center rounded hover:text-accent ${isDrawn ? "text-accent" : "text-ink-soft/70"}`}
      aria-pressed={isDrawn}
      aria-label={`Draw ${member.member}`}
      title="Draw it over the whole session"
      onClick={() => setSearch({ pin: togglePin(search.pin, member) })}
    >
      <ChartLine className="size-3.5" aria-hidden />
    </button>
  );
}
