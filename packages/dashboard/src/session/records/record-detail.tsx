import { ChartSpline, Copy } from "lucide-react";
import { useState } from "react";
import { copyText } from "../../frame/announce.tsx";
import { Segmented } from "../../frame/top-bar.tsx";
import type { WholeRecord } from "../../worker/record-rows.ts";
import { useSession, useTimeWords } from "../context.tsx";
import { RecordTree } from "./record-tree.tsx";
import { gapWords, kindWords } from "./record-words.ts";

interface Props {
  /** Null while nothing is chosen, or it is still read. */
  readonly whole: WholeRecord | null;
  /** Type of the objects that are looked for. */
  readonly type: string | null;
}

/** One record as it came. */
export function RecordDetail({ whole, type }: Props): React.ReactNode {
  const { setSearch } = useSession();
  const words = useTimeWords();
  const [onlyChanges, setOnlyChanges] = useState(false);
  if (whole === null)
    return (
      <p className="p-4 text-table text-ink-soft">
        Choose a record to see all of it. The cursor of the charts goes where it is.
      </p>
    );
  const { record, gap, before } = whole;
  if (record === null)
    return (
      <p className="p-4 text-table">
        {gap === null ? "This record could not be decoded again." : gapWords(gap)}
      </p>
    );
  return (
    <>
      <header className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-3 py-2">
        <h3 className="text-table">
          <bdi className="font-semibold">
            {record.kind === "event" ? record.name : kindWords[record.kind].one}
          </bdi>{" "}
          at <span className="tnum">{words(record.at, true)}</span>
        </h3>
        {before !== null && (
          <Segmented
            label="What of the record"
            value={onlyChanges ? "changes" : "all"}
            onChange={(value) => setOnlyChanges(value === "changes")}
            options={[
              { value: "all", label: "Everything" },
              { value: "changes", label: "What changed" },
            ]}
          />
        )}
        <span className="ml-auto flex gap-1.5">
          <button
            type="button"
            className="btn"
            title="Show this moment in the charts"
            onClick={() => setSearch({ tab: undefined })}
          >
            <ChartSpline className="size-3.5" aria-hidden />
            In the charts
          </button>
          <button
            type="button"
            className="btn"
            onClick={() => void copyText(JSON.stringify(record, null, 2), "Record")}
          >
            <Copy className="size-3.5" aria-hidden />
            Copy JSON
          </button>
        </span>
      </header>
      {/* What scrolls has to be reachable by keyboard. */}
      <div
        role="region"
        aria-label="The record"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="max-h-[calc(62dvh-3rem)] overflow-auto -outline-offset-2 max-xl:max-h-none"
      >
        <RecordTree
          record={record}
          before={before}
          onlyChanges={onlyChanges && before !== null}
          type={type}
        />
      </div>
    </>
  );
}
