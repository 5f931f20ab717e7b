import type { Connection } from "../../model/connection.ts";
import type { PathChange } from "../../model/ice.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Moment } from "../view.ts";

const thresholds = { changes: 3, windowSeconds: 30, quietSeconds: 60, settlingSeconds: 15 };

export const definition: ObservationDefinition = {
  id: "ice-path-flapping",
  category: "ice-turn",
  tier: "A",
  title: "The network path keeps changing",
  meaning: "The browser switched from path to path: none of them answers reliably.",
  domainHint: "unknown",
  effect: false,
  severities: ["minor"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText: "the selected pair changed 3 times within 30 s",
  clearText: "no change for 60 s",
  evidence: ["derived.pathChanges", "derived.paths"],
  exceptions: [
    { guard: "G9", when: "it was connected less than 15 s before" },
    { guard: "G7", when: "ICE restarted less than 15 s before" },
  ],
  blindIn: "",
  thresholds,
};

/** Selected path keeps changing. */
export const icePathFlapping: Detector = {
  definition,
  onTime({ connection, at, board }: Moment): void {
    const { ice, subject } = connection;
    const limits = board.thresholds(definition, thresholds);
    const { changes, windowSeconds, quietSeconds, settlingSeconds } = limits;
    if (ice.pathChanges.length < changes) return;
    const last = ice.pathChanges.at(-1);
    if (last === undefined) return;
    const open = board.open(definition, subject);
    if (open !== null) {
      if (at - last.at >= quietSeconds * 1000) board.clear(definition, subject, last.at);
      return;
    }
    if (at - last.at > windowSeconds * 1000) return;
    const recent = ice.pathChanges.filter(
      (change) =>
        at - change.at <= windowSeconds * 1000 && !isSettling(connection, change, settlingSeconds * 1000),
    );
    const [first] = recent;
    if (first === undefined || recent.length < changes) return;
    const record = board.raise(definition, subject, first.at, "minor");
    if (record === null) return;
    record.onEvidence = [
      evidence("derived", "pathChanges", recent.length, "", first.at, at, changes),
      evidence("derived", "paths", recent.map(({ path }) => path).join(", "), "", first.at, at),
    ];
  },
};

/** Pairs are tried out after connecting and after a restart. */
function isSettling({ connectedAt, ice }: Connection, { at }: PathChange, settlingMs: number): boolean {
  const { restartedAt } = ice;
  if (connectedAt === null || at - connectedAt < settlingMs) return true;
  return restartedAt !== null && at >= restartedAt && at - restartedAt < settlingMs;
}
