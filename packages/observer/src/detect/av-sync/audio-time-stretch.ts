import { ratio } from "../../derive/delta.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { endIsIntended, isReplacingTrack, isSettling } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import { isQuiet } from "../quiet.ts";
import type { Detector, View } from "../view.ts";

const thresholds = {
  /** Guard G12. */
  minimumSamples: 24_000,
};

export const definition: ObservationDefinition = {
  id: "audio-time-stretch",
  category: "av-sync",
  tier: "A",
  title: "Sound is stretched or sped up",
  meaning:
    "The receive buffer stretched or shortened a noticeable part of the received sound, to follow how unevenly it arrived.",
  domainHint: "unknown",
  effect: true,
  severities: ["minor"],
  unit: "%",
  levels: [{ severity: "minor", on: 5, clear: 2 }],
  on: { rule: "share", need: 3, of: 5 },
  clearSeconds: 10,
  onText:
    "3 of 5 steps above the level, each by what was inserted and removed within it, never by totals of the call",
  clearText: "below 2 % for 10 s",
  evidence: [
    "inbound-rtp.insertedSamplesForDeceleration",
    "inbound-rtp.removedSamplesForAcceleration",
    "inbound-rtp.totalSamplesReceived",
    "inbound-rtp.jitterBufferDelay",
  ],
  exceptions: [
    { guard: "G9", when: "the stream began less than 15 s ago: buffers of healthy calls settle then" },
    { guard: "G12", when: "less than half a second of sound was played in the step" },
    { guard: "G6", when: "the track was replaced a moment ago" },
    { guard: "G14", when: "the end is intended" },
  ],
  blindIn: "",
  thresholds,
};

/** Sound is stretched or sped up. Says nothing about sound and picture being apart. */
export const audioTimeStretch: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { from, to } = interval;
    const inForce = board.inForce(definition);
    const { minimumSamples } = board.thresholds(definition, thresholds);
    for (const inbound of interval.inbound) {
      if (inbound.now.kind !== "audio") continue;
      const { stream } = inbound;
      const { insertedSamplesForDeceleration: inserted, removedSamplesForAcceleration: removed } = inbound;
      const samples = inbound.totalSamplesReceived;
      if (inserted === null || removed === null || samples === null) {
        board.absent(definition, "inbound-rtp.insertedSamplesForDeceleration");
        board.unknown(definition, stream.subject, from, to);
        continue;
      }
      const excluded =
        samples < minimumSamples ||
        isSettling(model, connection, stream, to) ||
        isReplacingTrack(connection, "audio", to) ||
        endIsIntended(model, connection, stream);
      const value = excluded ? null : (100 * (inserted + removed)) / samples;
      if (isQuiet(board, inForce, stream.media, value)) continue;
      const change = board.vote(definition, stream.subject, from, to, value);
      if (change === null) continue;
      const buffer = ratio(inbound.jitterBufferDelay, inbound.jitterBufferEmittedCount);
      attach(change, [
        evidence("inbound-rtp", "insertedSamplesForDeceleration", inserted, "samples", from, to),
        evidence("inbound-rtp", "removedSamplesForAcceleration", removed, "samples", from, to),
        evidence("inbound-rtp", "totalSamplesReceived", samples, "samples", from, to),
        ...known("inbound-rtp", "jitterBufferDelay", buffer === null ? null : buffer * 1000, "ms", from, to),
      ]);
    }
  },
};
