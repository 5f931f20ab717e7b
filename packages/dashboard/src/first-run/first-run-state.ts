import type { FirstSample, RefusalSummary } from "@peerscope/schema/api";

/** What a new project is told. */
export type FirstRunState =
  /** Nothing came, and nothing was refused. */
  | { readonly kind: "waiting"; readonly isLong: boolean }
  /** Somebody tried, and was refused. */
  | { readonly kind: "refused"; readonly refusals: readonly RefusalSummary[] }
  /** Samples arrive, or did. */
  | {
      readonly kind: "arrived";
      readonly sessionId: string | null;
      readonly frames: number;
      readonly at: number | null;
    }
  /** The store does not say whether there is anything. */
  | { readonly kind: "unknown"; readonly refusals: readonly RefusalSummary[] };

/** Who pasted the lines sees something by then, in milliseconds. Ours. */
const longMs = 60_000;

/** @param waitedMs how long the reader has looked at the guide. */
export function firstRunState(sample: FirstSample, waitedMs: number): FirstRunState {
  if (sample.hasOwn === true)
    return {
      kind: "arrived",
      sessionId: sample.newestSessionId,
      frames: sample.openFrames,
      at: sample.newestAt,
    };
  // Those with a key of this project say more than those that may be anybody's.
  const refusals = sample.refusals.toSorted(
    (one, other) => Number(other.ofProject) - Number(one.ofProject) || other.lastAt - one.lastAt,
  );
  if (sample.hasOwn === null) return { kind: "unknown", refusals };
  if (refusals.length > 0) return { kind: "refused", refusals };
  return { kind: "waiting", isLong: waitedMs >= longMs };
}
