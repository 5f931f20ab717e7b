import type { InboundInterval } from "../../derive/inbound-interval.ts";
import { ratio } from "../../derive/delta.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { endIsIntended, isReplacingTrack, isSettling } from "../guards.ts";
import { evidence } from "../open-record.ts";
import { isQuiet } from "../quiet.ts";
import type { Detector, View } from "../view.ts";

export const definition: ObservationDefinition = {
  id: "playout-delay-forced",
  category: "application",
  tier: "B",
  title: "Delay held by the app",
  meaning:
    "What arrives is held back longer than this way needs, and the other medium does not need it either.",
  domainHint: "application",
  effect: false,
  severities: ["info", "minor"],
  unit: "ms",
  levels: [
    { severity: "info", on: 300, clear: 240 },
    { severity: "minor", on: 500, clear: 400 },
  ],
  on: { rule: "for", seconds: 20 },
  clearSeconds: 10,
  onText:
    "the buffer aims at 300 ms more than its minimum for 20 s, sound first, less what the other medium needs to be in time; minor above 500 ms, and only while this person sends sound that can be heard",
  clearText: "below 240 ms (minor: 400 ms) for 10 s",
  evidence: [
    "inbound-rtp.jitterBufferTargetDelay",
    "inbound-rtp.jitterBufferMinimumDelay",
    "inbound-rtp.jitterBufferDelay",
    "derived.otherMediumDelay",
  ],
  exceptions: [
    { when: "sound waits for a picture that arrives unevenly, or the reverse" },
    { when: "nobody talks back: a delay disturbs no conversation, and stays information" },
    { guard: "G9", when: "the stream began less than 15 s ago" },
    { guard: "G6", when: "the track was replaced a moment ago" },
    { guard: "G14", when: "the end is intended" },
  ],
  blindIn: "Firefox before 142 and Safari report neither what the buffer aims at nor its minimum.",
  signals: [
    { family: "jitter-buffer", weight: 0.6, text: "the buffer aims at more delay than this way needs" },
    { family: "other-medium", weight: 0.5, text: "the other medium does not need that delay" },
  ],
  thresholds: {},
};

/** The app holds extra delay. */
export const playoutDelayForced: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { from, to } = interval;
    const inForce = board.inForce(definition);
    // A picture that follows held sound is held too: one finding, at the sound.
    const kind = interval.inbound.some(({ now }) => now.kind === "audio") ? "audio" : "video";
    for (const inbound of interval.inbound) {
      if (inbound.now.kind !== kind) continue;
      const { stream } = inbound;
      const emitted = inbound.jitterBufferEmittedCount;
      const target = ratio(inbound.jitterBufferTargetDelay, emitted);
      const minimum = minimumOf(inbound);
      if (target === null || minimum === null) {
        if (emitted === 0) continue;
        board.absent(definition, "inbound-rtp.jitterBufferTargetDelay");
        board.unknown(definition, stream.subject, from, to);
        continue;
      }
      const excluded =
        isSettling(model, connection, stream, to) ||
        isReplacingTrack(connection, kind, to) ||
        endIsIntended(model, connection, stream);
      const others = neededByOthers(interval.inbound, kind);
      const forcedMs = 1000 * Math.max(0, target - Math.max(minimum, others));
      const value = excluded
        ? null
        : isTalking(interval)
          ? forcedMs
          : Math.min(forcedMs, informationMs(inForce));
      if (isQuiet(board, inForce, stream.media, value)) continue;
      const change = board.vote(definition, stream.subject, from, to, value);
      if (change === null) continue;
      const delay = ratio(inbound.jitterBufferDelay, emitted);
      attach(change, [
        evidence("inbound-rtp", "jitterBufferTargetDelay", target * 1000, "ms", from, to),
        evidence("inbound-rtp", "jitterBufferMinimumDelay", minimum * 1000, "ms", from, to),
        ...(delay === null
          ? []
          : [evidence("inbound-rtp", "jitterBufferDelay", delay * 1000, "ms", from, to)]),
        ...(others === 0 ? [] : [evidence("derived", "otherMediumDelay", others * 1000, "ms", from, to)]),
      ]);
    }
  },
};

/** Seconds that this way needs; null when the browser does not say. */
function minimumOf({ jitterBufferMinimumDelay, jitterBufferEmittedCount }: InboundInterval): number | null {
  return ratio(jitterBufferMinimumDelay, jitterBufferEmittedCount);
}

/** Seconds that the streams of the other kind need; what is held for them is no choice of the app. */
function neededByOthers(all: readonly InboundInterval[], kind: "audio" | "video"): number {
  let most = 0;
  for (const other of all) if (other.now.kind !== kind) most = Math.max(most, minimumOf(other) ?? 0);
  return most;
}

/** Does this person take part by voice? */
function isTalking({ outbound }: View["interval"]): boolean {
  for (const { now, source, packetsSent } of outbound) {
    if (now.kind !== "audio" || (packetsSent ?? 0) === 0) continue;
    if (source === null || source.totalAudioEnergy === null || source.totalAudioEnergy > 0) return true;
  }
  return false;
}

/** The most that stays information. */
function informationMs({ levels }: ObservationDefinition): number {
  return levels.find(({ severity }) => severity === "minor")?.on ?? Number.POSITIVE_INFINITY;
}
