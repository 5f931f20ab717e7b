import type { JsonValue } from "@peerscope/schema";
import { useEffect, useMemo, useState } from "react";
import type { StatsSnapshot } from "../worker/messages.ts";
import { useSession, useSnapshot, useTimeWords } from "./context.tsx";
import { useCursor } from "./use-range.ts";

const asText = (value: JsonValue): string =>
  value === null ? "null" : typeof value === "object" ? JSON.stringify(value) : String(value);

/** Every member of every statistics object as the browser gave it, at the cursor. */
export function StatsTab(): React.ReactNode {
  const { store, view, start, search, setSearch } = useSession();
  const snapshot = useSnapshot(store);
  const words = useTimeWords();
  const cursor = useCursor(view);
  const end = snapshot.analysis?.end ?? start;
  const at = cursor === null ? end : start + cursor * 1000;
  const [snapshots, setSnapshots] = useState<readonly StatsSnapshot[] | null>(null);
  // While the recording is still being read, the report of this moment may not be there yet.
  const readSoFar = snapshot.phase === "loading" ? snapshot.version : -1;
  const filter = (search.find ?? "").toLowerCase();

  useEffect(() => {
    let stale = false;
    const timer = setTimeout(() => {
      void store.statsAt(at).then((found) => {
        if (!stale) setSnapshots(found);
      });
    }, 60);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [store, at, readSoFar]);

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
        <span className="text-table text-ink-soft">
          Latest report at <span className="tnum font-medium text-ink">{words(at, true)}</span>
          {cursor === null ? " (newest)" : ""}
        </span>
        <input
          type="range"
          className="h-6 min-w-40 flex-1 accent-accent"
          aria-label="Time of the report"
          aria-valuetext={words(at, true)}
          min={0}
          max={Math.max(1, (end - start) / 1000)}
          step={1}
          value={(at - start) / 1000}
          onChange={(event) => view.setAt(Number(event.target.value), true)}
        />
      </div>
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
                  <dd className="tnum font-mono break-all">{asText(value)}</dd>
                </div>
              ))}
            </dl>
          </details>
        ))}
      </div>
    </section>
  );
}
