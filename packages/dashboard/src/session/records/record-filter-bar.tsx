import { Crosshair, Download } from "lucide-react";
import { useState } from "react";
import { announce } from "../../frame/announce.tsx";
import { Segmented } from "../../frame/top-bar.tsx";
import { count, plural } from "../../words/numbers.ts";
import type { EntryKind } from "../../worker/kept-records.ts";
import type { RecordCounts, RecordFilter } from "../../worker/record-search.ts";
import { useSession, useSnapshot } from "../context.tsx";
import { kindWords } from "./record-words.ts";
import type { FoundRecords } from "./use-found-records.ts";

const kinds: readonly EntryKind[] = ["sample", "event", "context", "gap"];

interface Props {
  readonly found: FoundRecords;
  readonly filter: RecordFilter;
  /** Goes to the record at the cursor of the charts; null without one. */
  readonly onCursor: (() => void) | null;
}

/** What of the records is looked at, how many that are, and what one can take away. */
export function RecordFilterBar({ found, filter, onCursor }: Props): React.ReactNode {
  const { setSearch } = useSession();
  const { counts } = found;
  const isFiltered = filter.kind !== null || filter.type !== null || filter.text !== "";
  return (
    <div className="card flex flex-wrap items-center gap-2 p-2">
      <Segmented
        label="Kind of record"
        value={filter.kind ?? "all"}
        onChange={(value) =>
          setSearch({ recordKind: kinds.find((kind) => kind === value), recordType: undefined })
        }
        options={[
          { value: "all", label: "All" },
          ...kinds.map((kind) => ({
            value: kind,
            label:
              counts === null ? kindWords[kind].many : `${kindWords[kind].many} ${count(counts.kinds[kind])}`,
          })),
        ]}
      />
      <TypeChoice counts={counts} filter={filter} />
      <input
        type="text"
        className="h-8 w-64 max-w-full rounded-md border border-line bg-page px-2.5 text-table placeholder:text-ink-soft"
        placeholder="Words in the record"
        aria-label="Words in the record"
        maxLength={200}
        value={filter.text}
        onChange={(event) =>
          setSearch({ recordText: event.target.value === "" ? undefined : event.target.value })
        }
      />
      <span className="text-xs text-ink-soft" role="status">
        <Progress found={found} isFiltered={isFiltered} />
      </span>
      <span className="ml-auto flex flex-wrap gap-1.5">
        <button type="button" className="btn" disabled={onCursor === null} onClick={() => onCursor?.()}>
          <Crosshair className="size-3.5" aria-hidden />
          At the cursor
        </button>
        <DownloadButton found={found} isFiltered={isFiltered} />
      </span>
    </div>
  );
}

function Progress({ found, isFiltered }: Pick<DownloadProps, "found" | "isFiltered">): React.ReactNode {
  const { places, counts, isOver, share } = found;
  if (counts === null) return "Reading";
  const amount = isFiltered
    ? `${count(places.length)} of ${plural(counts.total, "record")}`
    : plural(counts.total, "record");
  return isOver || share === null ? amount : `${amount}, ${Math.round(share * 100)} % searched`;
}

function TypeChoice({
  counts,
  filter,
}: {
  readonly counts: RecordCounts | null;
  readonly filter: RecordFilter;
}): React.ReactNode {
  const { setSearch } = useSession();
  const known = (counts?.types ?? []).filter(({ kind }) => filter.kind === null || kind === filter.kind);
  const groups = [
    { kind: "sample", label: "Objects in samples" },
    { kind: "event", label: "Events" },
  ] as const;
  return (
    <select
      className="btn max-w-56 truncate"
      aria-label="Type"
      value={filter.type ?? ""}
      onChange={(event) =>
        setSearch({ recordType: event.target.value === "" ? undefined : event.target.value })
      }
    >
      <option value="">Every type</option>
      {filter.type !== null && !known.some(({ type }) => type === filter.type) && (
        <option value={filter.type}>{filter.type.slice(0, 80)}</option>
      )}
      {groups.map(({ kind, label }) => {
        const own = known.filter((one) => one.kind === kind);
        return own.length === 0 ? null : (
          <optgroup key={kind} label={label}>
            {own
              .toSorted((a, b) => a.type.localeCompare(b.type))
              .map(({ type, count: records }) => (
                <option key={type} value={type}>
                  {type.slice(0, 80)} ({count(records)})
                </option>
              ))}
          </optgroup>
        );
      })}
    </select>
  );
}

interface DownloadProps {
  readonly found: FoundRecords;
  readonly isFiltered: boolean;
}

/** The records that are shown as NDJSON, one a line. Made in this browser: it works for a file as well. */
function DownloadButton({ found, isFiltered }: DownloadProps): React.ReactNode {
  const { store } = useSession();
  const sessionId = useSnapshot(store).analysis?.sessionId ?? "records";
  const [isPacking, setIsPacking] = useState(false);
  const download = async (): Promise<void> => {
    setIsPacking(true);
    const file = await store.records.pack(isFiltered ? Uint32Array.from(found.places) : null);
    const address = URL.createObjectURL(file);
    const link = document.createElement("a");
    link.href = address;
    link.download = `${sessionId.replaceAll(/[^\w.-]+/g, "_").slice(0, 80)}.ndjson.gz`;
    link.click();
    // The browser has begun to read it by then.
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    setIsPacking(false);
    announce("Records saved, one JSON line each, packed with gzip");
  };
  return (
    <button
      type="button"
      className="btn"
      disabled={isPacking || !found.isOver || found.places.length === 0}
      title="NDJSON, packed with gzip: one record a line, as it came"
      onClick={() => void download()}
    >
      <Download className="size-3.5" aria-hidden />
      {isPacking ? "Packing" : isFiltered ? "Download these" : "Download all"}
    </button>
  );
}
