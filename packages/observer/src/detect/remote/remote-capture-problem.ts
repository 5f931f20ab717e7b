import type { CallDetector } from "../call-detector.ts";
import type { ObservationDefinition } from "../definition.ts";
import { linkedFinding } from "./linked-finding.ts";

export const definition: ObservationDefinition = {
  id: "remote-capture-problem",
  category: "remote",
  tier: "A",
  title: "What this person saw or heard was limited at the sender",
  meaning:
    "The sender's own recording shows a trouble of its camera, microphone or computing power at that time.",
  domainHint: "publisher-device",
  effect: true,
  severities: ["info"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "an observation of received media that nothing of this person explains overlaps by at least half with one of capture or computing power of its sender",
  clearText: "either of the two ends",
  evidence: ["derived.effect", "derived.cause", "derived.overlapPercent"],
  exceptions: [
    { when: "this person's own network explains the effect" },
    { when: "the media comes from somebody else" },
    { when: "the two overlap by less than half of the effect" },
  ],
  blindIn: "Without the sender's recording it is not known.",
  thresholds: {},
};

/** A receiver's effect whose cause was recorded at the sender's device. */
export const remoteCaptureProblem: CallDetector = {
  definition,
  detect: (view) =>
    view.links.filter(({ through }) => through === "device").map((link) => linkedFinding(link, view)),
};
