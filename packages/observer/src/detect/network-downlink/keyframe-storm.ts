import { keyFrameWindowMs } from "../../derive/track-received-media.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { endIsIntended, isReplacingTrack, isSwitchingLayer } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import { isQuiet } from "../quiet.ts";
import type { Detector, View } from "../view.ts";

export const definition: ObservationDefinition = {
  id: "keyframe-storm",
  category: "network-downlink",
  tier: "A",
  title: "Key frames requested all the time",
  meaning:
    "This client asked for a whole picture again and again, because it could not decode what arrived. Each one costs the sender bit rate.",
  domainHint: "unknown",
  effect: true,
  severities: ["minor"],
  unit: "per second",
  levels: [{ severity: "minor", on: 0.5, clear: 0.15 }],
  on: { rule: "now" },
  clearSeconds: 10,
  onText: "more than 0.5 requests a second over 30 s; the window counts in full from the first second on",
  clearText: "below 0.15 requests a second for 10 s",
  evidence: ["derived.keyFrameRequests", "inbound-rtp.pliCount", "inbound-rtp.packetsLost"],
  exceptions: [
    { when: "somebody joins: a few requests are no rate" },
    { guard: "G5", when: "a layer is being switched" },
    { guard: "G6", when: "the track was replaced a moment ago" },
    { guard: "G14", when: "the end is intended" },
  ],
  blindIn: "",
  thresholds: {},
};

/** Key frames requested all the time, by this client. What others ask of its own camera is an effect at their end. */
export const keyframeStorm: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { from, to } = interval;
    const inForce = board.inForce(definition);
    for (const inbound of interval.inbound) {
      if (inbound.now.kind !== "video") continue;
      const { stream } = inbound;
      if (inbound.pliCount === null && inbound.firCount === null) {
        board.absent(definition, "inbound-rtp.pliCount");
        board.unknown(definition, stream.subject, from, to);
        continue;
      }
      const { keyFrameRequests } = stream.media;
      let requests = 0;
      for (const { count } of keyFrameRequests) requests += count;
      const excluded =
        isSwitchingLayer(stream, to) ||
        isReplacingTrack(connection, "video", to) ||
        endIsIntended(model, connection, stream);
      const value = excluded ? null : (1000 * requests) / keyFrameWindowMs;
      if (isQuiet(board, inForce, stream.media, value)) continue;
      const bad = { from: keyFrameRequests[0]?.at ?? from, to: keyFrameRequests.at(-1)?.at ?? to };
      const change = board.vote(definition, stream.subject, from, to, value, bad);
      if (change === null) continue;
      const since = to - keyFrameWindowMs;
      attach(change, [
        evidence("derived", "keyFrameRequests", requests, "", since, to),
        ...known("inbound-rtp", "pliCount", inbound.pliCount, "", from, to),
        evidence("inbound-rtp", "packetsLost", stream.sinceStep.newlyLost, "packets", from, to),
      ]);
    }
  },
};
