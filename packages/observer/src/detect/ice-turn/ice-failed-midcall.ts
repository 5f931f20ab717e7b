import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Moment } from "../view.ts";

export const definition: ObservationDefinition = {
  id: "ice-failed-midcall",
  category: "ice-turn",
  tier: "A",
  title: "Connection failed during the call",
  meaning: "The connection worked and then failed for good, unless the application restarts ICE.",
  domainHint: "unknown",
  effect: false,
  severities: ["critical"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText: "connectionState `failed` after it was connected",
  clearText: "connected",
  evidence: ["peer-connection.connectionState", "derived.connectedForSeconds", "derived.unansweredRequests"],
  exceptions: [
    { guard: "G14", when: "the app had closed the connection" },
    { guard: "G8", when: "the machine slept" },
  ],
  blindIn: "",
  thresholds: {},
};

/** Connection failed after it worked. */
export const iceFailedMidcall: Detector = {
  definition,
  onTime({ connection, at, board }: Moment): void {
    const { subject, connectedAt, failedAt } = connection;
    if (connection.state === "connected") {
      board.clear(definition, subject, connection.stateSince);
      return;
    }
    if (connectedAt === null || failedAt === null || connection.state !== "failed") return;
    if (board.open(definition, subject) !== null) return;
    const record = board.raise(definition, subject, failedAt, "critical");
    if (record === null) return;
    const since = connection.lastConnectedAt ?? connectedAt;
    record.onEvidence = [
      evidence("peer-connection", "connectionState", "failed", "", failedAt, at),
      evidence("derived", "connectedForSeconds", (failedAt - since) / 1000, "s", since, failedAt),
      evidence(
        "derived",
        "unansweredRequests",
        connection.unansweredRequests,
        "",
        connection.unansweredSince ?? failedAt,
        failedAt,
      ),
    ];
  },
};
