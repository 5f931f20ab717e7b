import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { isReplacingTrack, isSendingAnew } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";
import { videoSenders } from "./video-sender.ts";

export const definition: ObservationDefinition = {
  id: "cpu-limited-encoding",
  category: "cpu",
  tier: "A",
  title: "Encoder reduced by the processor",
  meaning: "The browser sends a smaller picture or fewer frames because this device cannot encode more.",
  domainHint: "publisher-device",
  effect: false,
  severities: ["major"],
  unit: "%",
  levels: [{ severity: "major", on: 30, clear: 10 }],
  on: { rule: "share", need: 3, of: 5 },
  clearSeconds: 20,
  onText:
    "limited by the processor more than 30 % of the step, and longer than by bandwidth, in 3 of 5 steps",
  clearText: "less than 10 % for 20 s",
  evidence: [
    "outbound-rtp.qualityLimitationDurations.cpu",
    "outbound-rtp.qualityLimitationDurations.bandwidth",
    "outbound-rtp.totalEncodeTime",
    "outbound-rtp.frameHeight",
    "derived.layers",
  ],
  exceptions: [
    { when: "bandwidth limits it for longer than the processor does" },
    { guard: "G9", when: "the stream began less than 15 s ago" },
    { guard: "G6", when: "the track is being replaced" },
  ],
  blindIn: "Firefox reports no durations of limits; `encoder-overloaded` looks at the encoder itself.",
  signals: [
    { family: "limitation", weight: 0.6, text: "the browser says that the processor limits the encoder" },
    { family: "bandwidth", weight: 0.5, text: "bandwidth was not what limited it" },
  ],
  thresholds: {},
};

/** Encoder reduced by CPU, as the browser counts it. `qualityLimitationReason` is of one moment only and is not used. */
export const cpuLimitedEncoding: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { from, to } = interval;
    for (const sender of videoSenders(interval.outbound)) {
      const { stream } = sender.lead;
      const { cpuShare, bandwidthShare } = sender;
      if (sender.layers === 0) {
        // Switched off: with nothing to encode, what was too much is over.
        board.vote(definition, stream.subject, from, to, 0);
        continue;
      }
      if (cpuShare === null) {
        board.absent(definition, "outbound-rtp.qualityLimitationDurations");
        board.unknown(definition, stream.subject, from, to);
        continue;
      }
      const excluded =
        isSendingAnew(model, connection, stream, to) || isReplacingTrack(connection, "video", to);
      const dominates = cpuShare >= (bandwidthShare ?? 0);
      const value = dominates ? 100 * cpuShare : 0;
      const change = board.vote(definition, stream.subject, from, to, excluded ? null : value);
      if (change === null) continue;
      const { encodeMs, height, layers } = sender;
      attach(change, [
        evidence("outbound-rtp", "qualityLimitationDurations.cpu", 100 * cpuShare, "%", from, to),
        ...known(
          "outbound-rtp",
          "qualityLimitationDurations.bandwidth",
          bandwidthShare === null ? null : 100 * bandwidthShare,
          "%",
          from,
          to,
        ),
        ...known("outbound-rtp", "totalEncodeTime", encodeMs, "ms", from, to),
        ...known("outbound-rtp", "frameHeight", height, "px", from, to),
        evidence("derived", "layers", layers, "", from, to),
      ]);
    }
  },
};
