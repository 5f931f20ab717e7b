import { milliseconds, ratio } from "../../derive/delta.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { endIsIntended, isChangingPath, isReplacingTrack, isSettling, isSwitchingLayer } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import { isQuiet } from "../quiet.ts";
import type { Detector, View } from "../view.ts";

export const definition: ObservationDefinition = {
  id: "jitter-buffer-high",
  category: "network-downlink",
  tier: "A",
  title: "Large receive buffer",
  meaning:
    "What arrives is held back for long, because it arrives too unevenly to be played at once. It makes people talk over each other.",
  domainHint: "unknown",
  effect: true,
  severities: ["minor", "major"],
  unit: "ms",
  levels: [
    { severity: "minor", on: 200, clear: 120 },
    { severity: "major", on: 500, clear: 400 },
  ],
  on: { rule: "share", need: 3, of: 5 },
  clearSeconds: 10,
  onText:
    "3 of 5 steps above the level; what counts is the mean delay in the buffer, as far as the buffer's minimum for this way explains it",
  clearText: "below 120 ms (major: 400 ms) for 10 s",
  evidence: [
    "inbound-rtp.jitterBufferDelay",
    "inbound-rtp.jitterBufferTargetDelay",
    "inbound-rtp.jitterBufferMinimumDelay",
    "inbound-rtp.jitter",
  ],
  exceptions: [
    {
      guard: "G16",
      when: "the app chose the delay, or one medium waits for the other: the minimum is low then",
    },
    { guard: "G9", when: "the stream began less than 15 s ago: a healthy call held 220 ms then" },
    { guard: "G7", when: "the path changed a moment ago" },
    { guard: "G14", when: "the end is intended" },
  ],
  blindIn:
    "Firefox before 142 and Safari do not report the minimum, without which a chosen delay cannot be told apart.",
  thresholds: {},
};

/** Large receive buffer. */
export const jitterBufferHigh: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { from, to } = interval;
    const inForce = board.inForce(definition);
    for (const inbound of interval.inbound) {
      const { stream } = inbound;
      const emitted = inbound.jitterBufferEmittedCount;
      const minimum = ratio(inbound.jitterBufferMinimumDelay, emitted);
      const delay = ratio(inbound.jitterBufferDelay, emitted);
      if (minimum === null || delay === null) {
        // Nothing came out of the buffer: there is nothing to measure, and nothing is missing.
        if (emitted === 0) continue;
        board.absent(definition, "inbound-rtp.jitterBufferMinimumDelay");
        board.unknown(definition, stream.subject, from, to);
        continue;
      }
      const excluded =
        isSettling(model, connection, stream, to) ||
        isChangingPath(connection, to) ||
        isSwitchingLayer(stream, to) ||
        isReplacingTrack(connection, stream.kind, to) ||
        endIsIntended(model, connection, stream);
      // The minimum is what this way needs; what is held beyond it was chosen (guard G16).
      const value = excluded ? null : 1000 * Math.min(delay, minimum);
      if (isQuiet(board, inForce, stream.media, value)) continue;
      const change = board.vote(definition, stream.subject, from, to, value);
      if (change === null) continue;
      const target = ratio(inbound.jitterBufferTargetDelay, emitted);
      const limit = inForce.levels[0]?.on;
      attach(change, [
        evidence("inbound-rtp", "jitterBufferDelay", delay * 1000, "ms", from, to, limit),
        ...known("inbound-rtp", "jitterBufferTargetDelay", milliseconds(target), "ms", from, to),
        evidence("inbound-rtp", "jitterBufferMinimumDelay", minimum * 1000, "ms", from, to),
        ...known("inbound-rtp", "jitter", milliseconds(inbound.now.jitter), "ms", from, to),
      ]);
    }
  },
};
