import type { ObservationDefinition } from "../definition.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, Moment } from "../view.ts";

const thresholds = { disconnectedForSeconds: 5 };

export const definition: ObservationDefinition = {
  id: "ice-disconnected",
  category: "ice-turn",
  tier: "A",
  title: "Connectivity lost",
  meaning: "The path to the other side stopped answering, and the browser kept trying.",
  domainHint: "unknown",
  effect: false,
  severities: ["major"],
  unit: "s",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText: "disconnected for 5 s after it was connected",
  clearText: "connected",
  evidence: [
    "peer-connection.connectionState",
    "derived.disconnectedForSeconds",
    "candidate-pair.currentRoundTripTime",
  ],
  exceptions: [{ guard: "G8", when: "the machine slept" }, { when: "it recovered within 5 s" }],
  blindIn: "",
  thresholds,
};

/** Connectivity lost, trying. */
export const iceDisconnected: Detector = {
  definition,
  onTime({ connection, at, board }: Moment): void {
    const { subject } = connection;
    const open = board.open(definition, subject);
    if (connection.state === "connected") {
      if (open === null) return;
      open.clearEvidence = [
        evidence(
          "derived",
          "disconnectedForSeconds",
          (connection.stateSince - open.startedAt) / 1000,
          "s",
          open.startedAt,
          connection.stateSince,
        ),
      ];
      board.clear(definition, subject, connection.stateSince);
      return;
    }
    if (connection.state !== "disconnected" || connection.connectedAt === null) return;
    const seconds = (at - connection.stateSince) / 1000;
    const { disconnectedForSeconds } = board.thresholds(definition, thresholds);
    if (seconds < disconnectedForSeconds || open !== null) return;
    const record = board.raise(definition, subject, connection.stateSince, "major");
    if (record === null) return;
    const from = connection.stateSince;
    const rtt = connection.previous?.ofPair("currentRoundTripTime") ?? null;
    record.onEvidence = [
      evidence("peer-connection", "connectionState", "disconnected", "", from, at),
      evidence("derived", "disconnectedForSeconds", seconds, "s", from, at, disconnectedForSeconds),
      ...known(
        "candidate-pair",
        "currentRoundTripTime",
        rtt === null || rtt === 0 ? null : rtt * 1000,
        "ms",
        from,
        from,
      ),
    ];
  },
};
