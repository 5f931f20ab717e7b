import type { RefusalSummary } from "@peerscope/schema/api";
import { ago } from "../words/time.ts";
import { count, plural } from "../words/numbers.ts";

/** What was refused within the last minutes, why, and what to do about it. */
export function RefusalList({
  refusals,
  now,
}: {
  readonly refusals: readonly RefusalSummary[];
  /** Unix ms of the server. */
  readonly now: number;
}): React.ReactNode {
  return (
    <ul className="grid gap-3">
      {refusals.map((refusal) => (
        <li
          key={`${refusal.code} ${refusal.ofProject}`}
          data-refusal={refusal.code}
          className="border-l-2 border-poor-mark pl-3 text-table"
        >
          <p className="font-medium">
            {refusal.message}
            {refusal.detail !== null && <span className="break-all"> {refusal.detail}</span>}
          </p>
          {refusal.hint !== null && <p>{refusal.hint}</p>}
          <p className="text-xs text-ink-soft">
            <code className="font-mono">{refusal.code}</code>, {plural(refusal.count, "time")} within ten
            minutes, last {ago(refusal.lastAt, now)}
            {!refusal.ofProject &&
              ". It showed no key of this project, so it may be another project's client"}
          </p>
        </li>
      ))}
    </ul>
  );
}

/** "1,284 samples" of sessions that are open now. */
export function sampleCount(frames: number): string {
  return `${count(frames)} ${frames === 1 ? "sample" : "samples"}`;
}
