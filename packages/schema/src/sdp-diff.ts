import type { JsonValue } from "./json.ts";

/**
 * A session description said by what differs from an earlier one: the `callId` of the call that carried the earlier one, then,
 * in the order of the new text, runs to take over from it as two numbers (first line from 0, number of lines) and lines that
 * are new as strings. `[7, 0, 42]` is the first 42 lines of the description of call 7; when it has no more, they are equal.
 *
 * Lines are what "\n" separates; a "\r" before it belongs to the line. Runs may come in any order and more than once: a
 * media section that was added mostly repeats one that was there.
 */
export type SdpDifference = readonly [baseCallId: number, ...parts: (number | string)[]];

/** The `sdp` of a description in a record: the whole text, or a difference. */
export type RecordedSdp = string | SdpDifference;

/** Characters of a description that a reader puts together: beyond it a difference is hostile. Ours. */
const maxSdpLength = 1_000_000;

/** Says `lines` by what differs from `base`, the lines of the description that the call `baseCallId` carried. */
export function sdpDifference(
  baseCallId: number,
  base: readonly string[],
  lines: readonly string[],
): SdpDifference {
  const difference: [number, ...(number | string)[]] = [baseCallId];
  /** Where the base goes on, if the texts go on alike. */
  let next = 0;
  let runLength = 0;
  const endRun = (): void => {
    if (runLength) difference.push(next - runLength, runLength);
    runLength = 0;
  };
  for (const line of lines) {
    if (base[next] !== line) {
      endRun();
      // The nearest one that follows: lines such as "a=rtcp-mux" are in every media section.
      const found = base.indexOf(line, next);
      const place = found < 0 ? base.indexOf(line) : found;
      if (place < 0) {
        difference.push(line);
        continue;
      }
      next = place;
    }
    next++;
    runLength++;
  }
  endRun();
  return difference;
}

/** The text that a difference says, or null when it does not fit this base or is not a difference. */
export function applySdpDifference(base: string, difference: JsonValue | SdpDifference): string | null {
  if (!Array.isArray(difference)) return null;
  const baseLines = base.split("\n");
  const lines: string[] = [];
  let length = 0;
  for (let index = 1; index < difference.length; index++) {
    const part: unknown = difference[index];
    let added: readonly string[];
    if (typeof part === "string") added = [part];
    else {
      const count: unknown = difference[++index];
      if (!isCount(part) || !isCount(count) || part + count > baseLines.length) return null;
      added = baseLines.slice(part, part + count);
    }
    for (const line of added) {
      length += line.length + 1;
      if (length > maxSdpLength) return null;
      lines.push(line);
    }
  }
  return lines.join("\n");
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}
