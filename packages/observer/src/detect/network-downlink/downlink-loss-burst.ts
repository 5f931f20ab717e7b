import { burstIntervalMs, recentLossPercent } from "../../derive/track-received-media.ts";
import type { Connection } from "../../model/connection.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { endIsIntended, isChangingPath } from "../guards.ts";
import { evidence } from "../open-record.ts";
import { isQuiet } from "../quiet.ts";
import type { Detector, View } from "../view.ts";

const thresholds = {
  /** More loss than this over the minute is downlink-loss: bursts are then part of it. */
  averageLossPercent: 5,
};

export const definition: ObservationDefinition = {
  id: "downlink-loss-burst",
  category: "network-downlink",
  tier: "A",
  title: "Short dense loss on the way in",
  meaning:
    "Now and then much of what was sent to this client within one second never arrived, although little is lost on average.",
  domainHint: "receiver-downlink",
  effect: false,
  severities: ["minor"],
  unit: "",
  levels: [{ severity: "minor", on: 1.5, clear: 0.5 }],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "at least 2 bursts in 60 s, each 30 % or more of the packets between two samples a second apart, while less than 5 % are lost over the minute",
  clearText: "no burst in 60 s",
  evidence: [
    "derived.lossBursts",
    "derived.burstLossPercent",
    "derived.minuteLossPercent",
    "inbound-rtp.packetsLost",
  ],
  exceptions: [
    { when: "loss is high all the time: that is downlink-loss" },
    { when: "packets were missing after a gap in which none came at all: that is downlink-outage" },
    { when: "a picture lost the packets of a large frame: with sound beside it, sound is judged" },
    { guard: "G7", when: "the path changed a moment ago" },
    { guard: "G14", when: "the end is intended" },
  ],
  blindIn: "Not computable where samples are more than 1.5 s apart.",
  thresholds,
};

/** Short dense loss. */
export const downlinkLossBurst: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { from, to } = interval;
    const inForce = board.inForce(definition);
    const limits = board.thresholds(definition, thresholds);
    const seldom = (connection.recentIntervals.at(-1) ?? 0) > burstIntervalMs;
    for (const inbound of interval.inbound) {
      const { stream } = inbound;
      if (stream.kind === "video" && hearsAudio(connection)) continue;
      if (inbound.packetsLost === null || inbound.packetsReceived === null || seldom) {
        board.absent(definition, seldom ? "a sample each second" : "inbound-rtp.packetsLost");
        board.unknown(definition, stream.subject, from, to);
        continue;
      }
      const { bursts } = stream.media;
      const count = bursts.length;
      const averagePercent = count === 0 ? 0 : (recentLossPercent(stream) ?? 0);
      const excluded =
        averagePercent >= limits.averageLossPercent ||
        isChangingPath(connection, to) ||
        endIsIntended(model, connection, stream);
      const value = excluded ? null : count;
      if (isQuiet(board, inForce, stream.media, value)) continue;
      const first = bursts[0];
      const last = bursts.at(-1);
      const bad = first === undefined || last === undefined ? {} : { from: first.from, to: last.to };
      const change = board.vote(definition, stream.subject, from, to, value, bad);
      if (change === null || first === undefined || last === undefined) continue;
      let worst = last;
      let lost = 0;
      for (const burst of bursts) {
        lost += burst.lost;
        if (burst.lost * worst.expected > worst.lost * burst.expected) worst = burst;
      }
      attach(change, [
        evidence("derived", "lossBursts", count, "", first.from, to),
        evidence(
          "derived",
          "burstLossPercent",
          (100 * worst.lost) / worst.expected,
          "%",
          worst.from,
          worst.to,
        ),
        evidence("derived", "minuteLossPercent", averagePercent, "%", to - 60_000, to),
        evidence("inbound-rtp", "packetsLost", lost, "packets", first.from, last.to),
      ]);
    }
  },
};

function hearsAudio({ inbound }: Connection): boolean {
  for (const { kind, lastPacketAt } of inbound.values()) {
    if (kind === "audio" && lastPacketAt !== null) return true;
  }
  return false;
}
