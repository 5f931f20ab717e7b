import type { CallDetector } from "../call-detector.ts";
import type { ObservationDefinition } from "../definition.ts";
import { linkedFinding } from "./linked-finding.ts";

export const definition: ObservationDefinition = {
  id: "remote-uplink-problem",
  category: "remote",
  tier: "A",
  title: "What this person received was already damaged on the sender's way out",
  meaning: "The sender's way to the server lost or held back what this person missed.",
  domainHint: "publisher-uplink",
  effect: true,
  severities: ["info"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "an observation of received media overlaps by at least half with one of its sender's way to the server; of losses, the sender's is at least half of what this person lost",
  clearText: "either of the two ends",
  evidence: ["derived.effect", "derived.cause", "derived.overlapPercent"],
  exceptions: [
    { when: "media of the receiver's other senders is equally bad" },
    { when: "the sender lost less than half of what the receiver lost" },
    { when: "two people talk directly: then it is one path with two ends" },
  ],
  blindIn:
    "Without the sender's recording it is not known. A server that rewrites sequence numbers hides lost packets from receivers; missing frames still show.",
  thresholds: {},
};

/** A receiver's effect whose cause was recorded on the sender's way to the server. */
export const remoteUplinkProblem: CallDetector = {
  definition,
  detect: (view) =>
    view.links.filter(({ through }) => through === "uplink").map((link) => linkedFinding(link, view)),
};
