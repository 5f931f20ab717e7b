import type { Glare } from "../../model/negotiation.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Moment } from "../view.ts";

const thresholds = { excusedBySuccessWithinSeconds: 2, majorAbove: 3, clearAfterSeconds: 60 };

export const definition: ObservationDefinition = {
  id: "negotiation-glare",
  category: "setup",
  tier: "B",
  title: "Both ends made an offer at once",
  meaning: "An offer of the far end was applied while an own offer was waiting for its answer.",
  domainHint: "application",
  effect: false,
  severities: ["info", "minor", "major"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 60,
  onText:
    "an offer is applied within 2 s of an own offer that has no answer; minor when the ends do not agree within 2 s, major when that was the case more than 3 times within 60 s",
  clearText: "60 s without",
  evidence: ["derived.localOfferBeforeMs", "derived.crossedOffers", "peer-connection.signalingState"],
  exceptions: [
    { when: "one end steps back and both agree within 2 s, as in perfect negotiation: that is info" },
    { when: "the own offer is older than 2 s: the far end did not make its own without knowing of it" },
  ],
  blindIn: "Without the events of the page (plain getStats logs) it is not seen.",
  signals: [
    { family: "event", weight: 0.6, text: "an offer was applied while an own one had no answer" },
    { family: "signaling-state", weight: 0.4, text: "the ends did not agree for 2 s after it" },
  ],
  thresholds,
};

/** Two offers crossed. */
export const negotiationGlare: Detector = {
  definition,
  onTime({ connection, at, board }: Moment): void {
    const { negotiation, subject } = connection;
    const { glares } = negotiation;
    const last = glares.at(-1);
    if (last === undefined) return;
    const inForce = board.thresholds(definition, thresholds);
    const open = board.open(definition, subject);
    if (at - last.at >= inForce.clearAfterSeconds * 1000) {
      if (open !== null) board.clear(definition, subject, last.settledAt ?? last.at);
      return;
    }
    const record = open ?? board.raise(definition, subject, last.at, "info");
    if (record === null) return;
    if (open === null) {
      record.onEvidence = [
        evidence(
          "derived",
          "localOfferBeforeMs",
          last.at - last.localOfferAt,
          "ms",
          last.localOfferAt,
          last.at,
        ),
        evidence("peer-connection", "signalingState", negotiation.signalingState, "", last.at, at),
      ];
    }
    if (record.severity === "major") return;
    let unsettled = 0;
    for (const glare of glares)
      if (isUnsettled(glare, at, inForce.excusedBySuccessWithinSeconds)) unsettled += 1;
    if (unsettled === 0) return;
    record.severity = unsettled > inForce.majorAbove ? "major" : "minor";
    record.peakEvidence = [
      evidence("derived", "crossedOffers", unsettled, "", record.startedAt, at, inForce.majorAbove),
    ];
  },
};

/** The ends did not agree soon after it. */
function isUnsettled({ at: crossedAt, settledAt }: Glare, at: number, withinSeconds: number): boolean {
  return (settledAt ?? at) - crossedAt > withinSeconds * 1000;
}
