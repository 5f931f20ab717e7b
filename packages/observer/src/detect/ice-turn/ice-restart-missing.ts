import { isGap } from "../../derive/gaps.ts";
import type { Connection } from "../../model/connection.ts";
import type { SessionModel } from "../../model/session.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Moment } from "../view.ts";

const thresholds = { lostForSeconds: 10 };

export const definition: ObservationDefinition = {
  id: "ice-restart-missing",
  category: "ice-turn",
  tier: "A",
  title: "Path lost and ICE not restarted",
  meaning:
    "The path was lost and stayed lost, and neither side restarted ICE, which is what finds another one.",
  domainHint: "application",
  effect: false,
  severities: ["major"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText: "disconnected or failed for 10 s after it was connected, without a restart by either side",
  clearText: "ICE is restarted, or connected",
  evidence: [
    "peer-connection.connectionState",
    "derived.disconnectedForSeconds",
    "derived.networkChangedBeforeSeconds",
  ],
  exceptions: [
    { when: "it recovered by itself" },
    { when: "the other side or the server restarted ICE: its user fragment changed" },
    { when: "the app opened another connection instead" },
    { when: "the browser is offline: nothing can be restarted then" },
    { guard: "G8", when: "the machine slept" },
    { guard: "G14", when: "the app closed the connection" },
  ],
  blindIn: "Not computable in recordings with neither calls of the app nor the ICE user fragment.",
  signals: [
    { family: "api", weight: 0.6, text: "no ICE restart followed" },
    { family: "ice", weight: 0.4, text: "the path did not come back without one" },
  ],
  thresholds,
};

/** Path lost and application did not restart. */
export const iceRestartMissing: Detector = {
  definition,
  onTime({ model, connection, at, board }: Moment): void {
    const { ice, subject, previous } = connection;
    const { lostSince } = ice;
    if (lostSince === null) {
      if (connection.lastConnectedAt !== null) board.clear(definition, subject, connection.lastConnectedAt);
      return;
    }
    if (ice.restartedAt !== null && ice.restartedAt >= lostSince) {
      board.clear(definition, subject, ice.restartedAt);
      return;
    }
    const { lostForSeconds } = board.thresholds(definition, thresholds);
    const seconds = (at - lostSince) / 1000;
    if (seconds < lostForSeconds || board.open(definition, subject) !== null) return;
    if (previous !== null && isGap(connection, at - previous.at)) return;
    if (!model.network.online || isReplaced(model, connection, lostSince)) return;
    if (!ice.callsSeen && connection.localUfrag === null) {
      board.absent(definition, "transport.iceLocalUsernameFragment");
      return;
    }
    const record = board.raise(definition, subject, lostSince, "major");
    if (record === null) return;
    const { changedAt } = model.network;
    record.onEvidence = [
      evidence("peer-connection", "connectionState", connection.state, "", lostSince, at),
      evidence("derived", "disconnectedForSeconds", seconds, "s", lostSince, at, lostForSeconds),
      ...(changedAt === null
        ? []
        : [evidence("derived", "networkChangedBeforeSeconds", (at - changedAt) / 1000, "s", changedAt, at)]),
    ];
  },
};

/** Many apps start anew with another connection: that is their restart. */
function isReplaced(model: SessionModel, connection: Connection, since: number): boolean {
  for (const other of model.connections.values()) {
    if (other !== connection && other.firstSeenAt >= since) return true;
  }
  return false;
}
