import { isGap } from "../../derive/gaps.ts";
import type { Connection } from "../../model/connection.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Moment } from "../view.ts";

/** After a sleep of the machine ICE needs this long to notice that its path is gone. Ours. */
const thresholds = { afterSleepSeconds: 30 };

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
  evidence: [
    "peer-connection.connectionState",
    "derived.connectedForSeconds",
    "derived.unansweredRequests",
    "derived.silentSeconds",
    "derived.networkChangedBeforeSeconds",
  ],
  exceptions: [
    { guard: "G14", when: "the app had closed the connection" },
    { guard: "G8", when: "the machine slept" },
  ],
  blindIn: "",
  thresholds,
};

/** Connection failed after it worked. */
export const iceFailedMidcall: Detector = {
  definition,
  onTime({ model, connection, at, board }: Moment): void {
    const { subject, connectedAt, failedAt } = connection;
    if (connection.state === "connected") {
      board.clear(definition, subject, connection.stateSince);
      return;
    }
    if (connectedAt === null || failedAt === null || connection.state !== "failed") return;
    if (board.open(definition, subject) !== null) return;
    const { afterSleepSeconds } = board.thresholds(definition, thresholds);
    if (failedAsleep(connection, failedAt, afterSleepSeconds * 1000)) return;
    const record = board.raise(definition, subject, failedAt, "critical");
    if (record === null) return;
    const since = connection.lastConnectedAt ?? connectedAt;
    const silentSince = connection.transportSilentSince;
    const { changedAt } = model.network;
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
      ...(silentSince === null
        ? []
        : [
            evidence("derived", "silentSeconds", (failedAt - silentSince) / 1000, "s", silentSince, failedAt),
          ]),
      ...(changedAt === null
        ? []
        : [
            evidence(
              "derived",
              "networkChangedBeforeSeconds",
              (failedAt - changedAt) / 1000,
              "s",
              changedAt,
              failedAt,
            ),
          ]),
    ];
  },
};

/** G8: it failed because the machine slept: while it did, or a moment after it woke. */
function failedAsleep(connection: Connection, failedAt: number, afterMs: number): boolean {
  const { previous, ice } = connection;
  if (ice.wokeAt !== null && failedAt >= ice.wokeAt && failedAt - ice.wokeAt < afterMs) return true;
  return previous !== null && isGap(connection, failedAt - previous.at);
}
