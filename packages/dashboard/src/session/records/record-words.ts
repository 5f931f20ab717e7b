import type { RecordRow } from "../../worker/record-rows.ts";
import type { EntryKind, RecordGap } from "../../worker/kept-records.ts";
import { duration } from "../../words/time.ts";

/** Kinds of records, as a choice and as a word in a row. */
export const kindWords: Readonly<Record<EntryKind, { readonly one: string; readonly many: string }>> = {
  sample: { one: "sample", many: "Samples" },
  event: { one: "event", many: "Events" },
  context: { one: "context", many: "Context" },
  gap: { one: "gap", many: "Gaps" },
};

/** What a row is called besides its kind. */
export function rowName({ kind, name, detail, connectionId }: RecordRow): string {
  if (kind === "event") return name;
  if (kind === "sample") return connectionId ?? "";
  if (kind === "context") return "who and where";
  return detail === "" ? "nothing recorded" : "not readable";
}

/** A gap in a sentence. */
export function gapWords({ from, until, reason }: RecordGap): string {
  if (reason !== null) return `A part of the recording could not be read here: ${reason}.`;
  return `Nothing was recorded here for ${duration((until ?? from) - from)}.`;
}
