import { sourceAdvances } from "../../derive/track-streams.ts";
import type { ObservationDefinition } from "../definition.ts";
import { endIsIntended, isReplacingTrack, isScreenShare, isSpareLayer, sourceIsOff } from "../guards.ts";
import { attach } from "../board.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

export const definition: ObservationDefinition = {
  id: "uplink-outage",
  category: "network-uplink",
  tier: "A",
  title: "Own media stopped leaving",
  meaning: "Source and sender are live, and no packet leaves this client: the encoder or sender stalled.",
  domainHint: "publisher-device",
  effect: false,
  severities: ["critical"],
  unit: "s",
  levels: [{ severity: "critical", on: 2.95, clear: 1 }],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "no packet sent for 3 s although one was before, the source delivers, and the sender is enabled and active",
  clearText: "packets leave again",
  evidence: [
    "outbound-rtp.packetsSent",
    "outbound-rtp.framesEncoded",
    "outbound-rtp.active",
    "media-source.frames",
    "media-source.totalSamplesDuration",
    "candidate-pair.responsesReceived",
  ],
  exceptions: [
    { guard: "G1", when: "the track is muted, off or ended" },
    { guard: "G6", when: "the track is being replaced" },
    { guard: "G15", when: "another layer of the same source sends" },
    { guard: "G14", when: "the app ended it" },
  ],
  blindIn: "Without statistics of the source it is not computable.",
  thresholds: {},
};

/** Own media stops although the application sends. */
export const uplinkOutage: Detector = {
  definition,
  onSample({ model, connection, interval, board }: View): void {
    const { to } = interval;
    for (const outbound of interval.outbound) {
      const { stream } = outbound;
      const open = board.open(definition, stream.subject);
      if (outbound.source === null) {
        // No source statistics, or a new source: nothing to compare with.
        if (outbound.packetsSent !== null && outbound.packetsSent > 0 && open !== null) {
          board.clear(definition, stream.subject, interval.from);
        }
        continue;
      }
      const since = stream.stalledSince;
      if (since === null) {
        if (outbound.packetsSent === null || open === null) continue;
        open.clearEvidence = [
          evidence("outbound-rtp", "packetsSent", outbound.packetsSent, "packets", interval.from, to),
        ];
        // Either packets flow again, or the source stopped on purpose.
        board.clear(definition, stream.subject, interval.from);
        continue;
      }
      if (!stream.everSent || connection.state !== "connected") continue;
      if (isExpected({ model, connection, interval, board }, outbound)) continue;
      const seconds = (to - since) / 1000;
      const change = board.vote(definition, stream.subject, since, to, seconds);
      if (change === null || change.kind !== "opened") continue;
      const { source } = outbound;
      const encoded = outbound.framesEncoded;
      attach(change, [
        evidence("outbound-rtp", "packetsSent", 0, "packets", since, to),
        ...known("outbound-rtp", "framesEncoded", encoded, "frames", interval.from, to),
        ...known("media-source", "frames", source.frames, "frames", interval.from, to),
        ...known("media-source", "totalSamplesDuration", source.totalSamplesDuration, "s", interval.from, to),
        ...known(
          "candidate-pair",
          "responsesReceived",
          interval.path?.responsesReceived ?? null,
          "",
          interval.from,
          to,
        ),
        ...(outbound.now.active === null
          ? []
          : [evidence("outbound-rtp", "active", outbound.now.active, "", interval.from, to)]),
      ]);
      if (sourceIsOff(model, stream.subject.scope.trackId) === null) {
        change.record.missing = ["track-state-changed"];
      }
    }
  },
};

/** Guards G1, G4, G6, G14, G15: standing still is meant to be so. */
function isExpected(
  { model, connection, interval }: View,
  outbound: View["interval"]["outbound"][number],
): boolean {
  const { stream } = outbound;
  if (!sourceAdvances(outbound)) return true;
  return (
    sourceIsOff(model, stream.subject.scope.trackId) === true ||
    isScreenShare(model, stream) ||
    isReplacingTrack(connection, stream.kind, interval.to) ||
    endIsIntended(model, connection, stream) ||
    isSpareLayer(outbound, interval.outbound)
  );
}
