import { negotiatedDirection } from "../../model/negotiation.ts";
import { sourceAdvances } from "../../derive/track-streams.ts";
import type { ObservationDefinition } from "../definition.ts";
import { endIsIntended, isSpareLayer, sourceIsOff } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

const thresholds = { withoutMediaSeconds: 10 };

export const definition: ObservationDefinition = {
  id: "connection-without-media",
  category: "setup",
  tier: "A",
  title: "Connected, but no media",
  meaning:
    "The connection stands, and in one direction nothing was ever carried although it was meant to be.",
  domainHint: "application",
  effect: false,
  severities: ["major"],
  unit: "s",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "10 s after it connected nothing was sent although source and sender are live, or nothing was received although the far end says that it sends",
  clearText: "the first packet",
  evidence: [
    "outbound-rtp.packetsSent",
    "inbound-rtp.packetsReceived",
    "remote-outbound-rtp.packetsSent",
    "media-source.kind",
    "derived.withoutMediaSeconds",
    "transceiver.currentDirection",
  ],
  exceptions: [
    { guard: "G1", when: "nothing was published" },
    { guard: "G14", when: "the negotiated direction does not send" },
    { when: "the connection carries data channels only" },
  ],
  blindIn: "",
  thresholds,
};

/** Connected, no media ever in a direction that was meant to carry some. */
export const connectionWithoutMedia: Detector = {
  definition,
  onStep({ model, connection, interval, board }: View): void {
    const at = interval.to;
    const since = connection.lastConnectedAt;
    if (connection.state !== "connected" || since === null) return;
    const { withoutMediaSeconds } = board.thresholds(definition, thresholds);
    for (const outbound of interval.outbound) {
      const { stream } = outbound;
      if (stream.everSent) {
        board.clear(definition, stream.subject, at);
        continue;
      }
      // What was added later has its own ten seconds.
      const from = Math.max(since, stream.firstSeenAt);
      if (at - from < withoutMediaSeconds * 1000) continue;
      if (outbound.packetsSent === null || !sourceAdvances(outbound)) continue;
      if (isSpareLayer(outbound, interval.outbound) || endIsIntended(model, connection, stream)) continue;
      if (sourceIsOff(model, stream.subject.scope.trackId) === true) continue;
      const direction = negotiatedDirection(connection.negotiation, outbound.now.mid);
      if (direction === "recvonly" || direction === "inactive") continue;
      if (board.open(definition, stream.subject) !== null) continue;
      const record = board.raise(definition, stream.subject, from, "major");
      if (record === null) continue;
      record.onEvidence = [
        ...known("transceiver", "currentDirection", direction, "", from, at),
        evidence("outbound-rtp", "packetsSent", 0, "packets", from, at),
        evidence("media-source", "kind", outbound.now.kind, "", from, at),
        evidence("derived", "withoutMediaSeconds", (at - from) / 1000, "s", from, at, withoutMediaSeconds),
      ];
    }
    for (const inbound of interval.inbound) {
      const { stream } = inbound;
      if (stream.lastPacketAt !== null || (inbound.now.packetsReceived ?? 1) > 0) {
        board.clear(definition, stream.subject, stream.lastPacketAt ?? at);
        continue;
      }
      const from = Math.max(since, stream.firstSeenAt);
      if (at - from < withoutMediaSeconds * 1000) continue;
      const sent = inbound.remote?.packetsSent ?? null;
      if (sent === null || sent === 0 || endIsIntended(model, connection, stream)) continue;
      if (board.open(definition, stream.subject) !== null) continue;
      const record = board.raise(definition, stream.subject, from, "major");
      if (record === null) continue;
      record.onEvidence = [
        evidence("inbound-rtp", "packetsReceived", 0, "packets", from, at),
        ...known("remote-outbound-rtp", "packetsSent", sent, "packets", from, at),
        evidence("derived", "withoutMediaSeconds", (at - from) / 1000, "s", from, at, withoutMediaSeconds),
      ];
    }
  },
};
