import { sourceAdvances } from "../../derive/track-streams.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { hasEnoughPackets, isScreenShare, isSendingAnew } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";
import { noticedAtFarEnd } from "./far-end.ts";

const thresholds = {
  averageSeconds: 10,
  /** Fewest packets of one step; ours, so that a few that waited do not outweigh the many before them. */
  fewestPacketsOfStep: 10,
};

export const definition: ObservationDefinition = {
  id: "uplink-send-delay",
  category: "network-uplink",
  tier: "B",
  title: "Packets wait in the sender",
  meaning: "The browser holds packets back because the way out is too narrow for what the encoder made.",
  domainHint: "publisher-uplink",
  effect: false,
  severities: ["minor", "major"],
  unit: "ms",
  levels: [
    { severity: "minor", on: 20, clear: 10 },
    { severity: "major", on: 100, clear: 80 },
  ],
  on: { rule: "share", need: 3, of: 5 },
  clearSeconds: 10,
  onText:
    "packets waited longer than the level in 3 of 5 steps, averaged over ten seconds or so, older packets counting less",
  clearText: "below 10 ms (major: 80 ms) for 10 s",
  evidence: [
    "outbound-rtp.totalPacketSendDelay",
    "outbound-rtp.targetBitrate",
    "outbound-rtp.bytesSent",
    "outbound-rtp.hugeFramesSent",
    "remote-inbound-rtp.jitter",
    "remote-inbound-rtp.packetsLost",
  ],
  exceptions: [
    { when: "one key frame is sent in a burst" },
    { guard: "G4", when: "a screen is shared: its pictures come in bursts" },
    { guard: "G9", when: "the stream began less than 15 s ago" },
    { guard: "G12", when: "fewer than 50 packets were sent in that time, or 10 in the step" },
  ],
  blindIn: "Firefox and Safari do not report the delay.",
  thresholds,
};

/** Packets wait in the sender. */
export const uplinkSendDelay: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const { from, to } = interval;
    for (const outbound of interval.outbound) {
      const { stream } = outbound;
      const { totalPacketSendDelay, packetsSent, seconds } = outbound;
      if (totalPacketSendDelay === null || packetsSent === null) {
        board.absent(definition, "outbound-rtp.totalPacketSendDelay");
        board.unknown(definition, stream.subject, from, to);
        continue;
      }
      const { sendDelay } = stream;
      const limits = board.inForce(definition).thresholds;
      // What is not judged does not count for what comes after it either.
      const expected = isScreenShare(model, stream) || isSendingAnew(model, connection, stream, to);
      const kept = expected ? 0 : Math.max(0, 1 - seconds / (limits["averageSeconds"] ?? 1));
      sendDelay.seconds = sendDelay.seconds * kept + (expected ? 0 : totalPacketSendDelay);
      sendDelay.packets = sendDelay.packets * kept + (expected ? 0 : packetsSent);
      const averageMs = sendDelay.packets > 0 ? (1000 * sendDelay.seconds) / sendDelay.packets : 0;
      const off = packetsSent === 0 && !sourceAdvances(outbound);
      const excluded =
        expected ||
        packetsSent < (limits["fewestPacketsOfStep"] ?? 0) ||
        !hasEnoughPackets(sendDelay.packets);
      // A source that is off has nothing to send: that ends it.
      const value = off ? 0 : excluded ? null : averageMs;
      const change = board.vote(definition, stream.subject, from, to, value);
      const open = board.open(definition, stream.subject);
      if (open !== null && open.counter.length === 0) open.counter = noticedAtFarEnd(connection, interval);
      if (change === null) continue;
      const { bytesSent, hugeFramesSent, now } = outbound;
      attach(change, [
        evidence("outbound-rtp", "totalPacketSendDelay", averageMs, "ms", from, to),
        ...known("outbound-rtp", "targetBitrate", now.targetBitrate, "bit/s", from, to),
        ...known(
          "outbound-rtp",
          "bytesSent",
          bytesSent === null ? null : (8 * bytesSent) / seconds,
          "bit/s",
          from,
          to,
        ),
        ...known("outbound-rtp", "hugeFramesSent", hugeFramesSent, "frames", from, to),
      ]);
    }
  },
};
