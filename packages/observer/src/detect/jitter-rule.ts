import type { ObservationDefinition } from "./definition.ts";

/** Named constants of how jitter is judged. */
export const jitterThresholds = {
  /** Video packets come in bursts of one frame: twice the values of audio. */
  videoFactor: 2,
  /**
   * Ours, from observation of the high-jitter recording: with 100±80 ms of delay and packets overtaking one another Chromium
   * reported 20 to 35 ms. The reason we assume: libwebrtc updates the jitter of RFC 3550 only by packets that come in order.
   */
  reorderingFactor: 1.5,
  reorderingSeconds: 10,
  /** The same for what is open: once none overtook another for so long, the reported value tells the end. Ours. */
  reorderingHoldsSeconds: 5,
  /** Share of the frames that came at best below which the sender makes fewer. Ours, as for what a decoder gets. */
  steadyFrameShare: 0.7,
} as const;

/** The same constants with the values of a project. */
export type JitterConstants = { readonly [Name in keyof typeof jitterThresholds]: number };

/** How jitter is judged, whichever way the packets went. Levels are those of audio. */
export const jitterRule: Pick<
  ObservationDefinition,
  "effect" | "severities" | "unit" | "levels" | "on" | "clearSeconds" | "clearText"
> = {
  effect: false,
  severities: ["minor", "major"],
  unit: "ms",
  levels: [
    { severity: "minor", on: 30, clear: 20 },
    { severity: "major", on: 60, clear: 48 },
  ],
  on: { rule: "share", need: 3, of: 5, strong: 2 },
  clearSeconds: 8,
  clearText: "below 20 ms (major: 48 ms) for 8 s",
};

/** Jitter as it is compared with the levels: those of audio in order. `isOpen`: it was found to be high already. */
export function judgedJitter(
  kind: "audio" | "video",
  jitterMs: number,
  reorderedAt: number | null,
  at: number,
  isOpen: boolean,
  constants: JitterConstants = jitterThresholds,
): number {
  if (kind === "video") return jitterMs / constants.videoFactor;
  const seconds = isOpen ? constants.reorderingHoldsSeconds : constants.reorderingSeconds;
  const reordered = reorderedAt !== null && at - reorderedAt <= seconds * 1000;
  return reordered ? jitterMs * constants.reorderingFactor : jitterMs;
}
