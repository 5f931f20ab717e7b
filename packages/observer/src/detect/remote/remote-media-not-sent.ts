import { type Explanation, oneSidedConfidence, weights } from "../../attribute/confidence.ts";
import type { CallDetector } from "../call-detector.ts";
import type { ObservationDefinition } from "../definition.ts";
import { allDry, common, sourcesOf, type TimeSpan } from "../dry-spans.ts";
import { evidence } from "../open-record.ts";

const thresholds = { drySeconds: 5 };

export const definition: ObservationDefinition = {
  id: "remote-media-not-sent",
  category: "remote",
  tier: "A",
  title: "A sender that was switched on sent nothing",
  meaning: "This person's track was live and not muted, nothing of it was sent, and nobody received it.",
  domainHint: "unknown",
  effect: false,
  severities: ["major"],
  unit: "s",
  levels: [],
  on: { rule: "for", seconds: 5 },
  clearSeconds: 0,
  onText:
    "no packet sent for 5 s although packets went before and the track is live and not muted, and none arrives at any receiver",
  clearText: "packets are sent",
  evidence: ["derived.drySeconds", "derived.dryReceivers", "outbound-rtp.packetsSent"],
  exceptions: [
    { guard: "G1", when: "the sender is muted, or nothing is known of its track" },
    { when: "any receiver gets data" },
    { when: "the track is new and has not sent yet" },
  ],
  blindIn:
    "Without events of the sender's tracks, and without a receiver that is known to get them, it is not known.",
  thresholds,
};

/** Published, not muted, and silent for everybody. */
export const remoteMediaNotSent: CallDetector = {
  definition,
  detect(view) {
    const shortestMs = view.thresholds(definition, thresholds).drySeconds * 1000;
    return sourcesOf(view.sessions, view.legs).flatMap(({ sender, sent, legs }) => {
      const [stream] = sent;
      if (legs.length === 0 || stream === undefined) return [];
      let spans = allDry(sent, shortestMs, ({ intended }) => intended !== true);
      for (const receiver of new Set(legs.map((leg) => leg.receiver))) {
        const received = legs.filter((leg) => leg.receiver === receiver).map((leg) => leg.received);
        spans = common(spans, allDry(received, shortestMs), shortestMs);
      }
      return spans.map(({ from, to }) => ({
        severity: "major" as const,
        from,
        to,
        person: sender,
        scope: {
          direction: "outbound" as const,
          kind: stream.kind,
          pcId: stream.pcId,
          ...(stream.mid === null ? {} : { mid: stream.mid }),
        },
        evidence: [
          evidence("derived", "drySeconds", (to - from) / 1000, "s", from, to, shortestMs / 1000),
          evidence("derived", "dryReceivers", new Set(legs.map((leg) => leg.receiver)).size, "", from, to),
          evidence("outbound-rtp", "packetsSent", 0, "packets", from, to),
        ],
        explanations: sendersSide({ from, to }),
        causedIn: [sender],
      }));
    });
  },
};

/** The device and the page of the sender look the same from outside. */
function sendersSide({ from, to }: TimeSpan): Explanation[] {
  const nothing = {
    family: "outbound-rtp",
    text: "nothing left the sender, and nobody received anything",
    weight: weights.direct,
    from,
    to,
  };
  return (["publisher-device", "application"] as const).map((faultDomain) => ({
    faultDomain,
    for: [nothing],
    against: [],
    cap: oneSidedConfidence,
  }));
}
