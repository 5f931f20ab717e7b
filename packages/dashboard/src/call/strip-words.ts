import { classWords } from "../words/labels.ts";
import { duration } from "../words/time.ts";
import { classOf } from "./matrix.ts";

/** How a strip of scores looks, in words: the worst first, and for how long nothing was measured. */
export function stripWords(scores: readonly (number | null)[], bucketMs: number): string {
  const found = (["poor", "fair", "good", "not-measured"] as const).flatMap((of) => {
    const buckets = scores.filter((score) => classOf(score) === of).length;
    return buckets === 0 ? [] : [{ of, forMs: buckets * bucketMs }];
  });
  const [first, second] = found;
  if (first === undefined || first.of === "not-measured") return "nothing was measured";
  if (second === undefined) return `${classWords[first.of].toLowerCase()} all the time`;
  return found.map(({ of, forMs }) => `${classWords[of].toLowerCase()} for ${duration(forMs)}`).join(", ");
}
