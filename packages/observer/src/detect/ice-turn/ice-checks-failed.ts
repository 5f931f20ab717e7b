import { countChecks, describe } from "../setup/connection-never-established.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import { excuseTries, hasJustConnected, otherConnects } from "../setup/retry.ts";
import type { Detector, Moment } from "../view.ts";

/** As long as for `connection-never-established`. */
const thresholds = { retryWithinSeconds: 15 };

export const definition: ObservationDefinition = {
  id: "ice-checks-failed",
  category: "ice-turn",
  tier: "A",
  title: "Connectivity checks unanswered",
  meaning: "Paths to the other side were tried and none of them answered.",
  domainHint: "unknown",
  effect: false,
  severities: ["minor", "critical"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "the connection failed before it ever connected, at least one pair sent requests, and no pair got a response; minor when another connection of the session came up within 15 s",
  clearText: "connected",
  evidence: [
    "peer-connection.connectionState",
    "candidate-pair.requestsSent",
    "candidate-pair.responsesReceived",
    "derived.pairsChecked",
    "local-candidate.candidateType",
    "remote-candidate.candidateType",
    "derived.relayCandidates",
    "derived.relayOnBothSides",
    "transport.dtlsState",
  ],
  exceptions: [
    { when: "no candidate of the other side ever came: then it was signalling" },
    { guard: "G14", when: "the connection was closed by the app" },
  ],
  blindIn: "Firefox before 142 does not count checks of a pair.",
  thresholds,
};

/** Pairs tried, no answer. */
export const iceChecksFailed: Detector = {
  definition,
  onTime({ model, connection, at, board }: Moment): void {
    const { subject, connectedAt, failedAt, attemptedAt } = connection;
    if (connectedAt !== null) {
      board.clear(definition, subject, connectedAt);
      if (hasJustConnected(connection, at)) {
        const { retryWithinSeconds } = board.thresholds(definition, thresholds);
        excuseTries(board, definition.id, connection, { model, retryWithinSeconds, severity: "minor" });
      }
      return;
    }
    if (failedAt === null || attemptedAt === null || connection.closedAt !== null) return;
    if (board.open(definition, subject) !== null) return;
    // Without any remote candidate it is signalling that failed, not a path.
    if (connection.remoteCandidateTypes.size === 0 && connection.checkedPairs.size === 0) return;
    const checks = countChecks(connection);
    if (checks === null) {
      board.absent(definition, "candidate-pair.requestsSent");
      return;
    }
    if (checks.sent === 0 || checks.answered > 0) return;
    const { retryWithinSeconds } = board.thresholds(definition, thresholds);
    const retried = otherConnects(model, connection, { retryWithinSeconds }) !== null;
    const record = board.raise(definition, subject, attemptedAt, retried ? "minor" : "critical");
    if (record === null) return;
    const ownRelay = connection.localCandidateTypes.has("relay");
    const farRelay = connection.remoteCandidateTypes.has("relay");
    record.onEvidence = [
      ...describe(connection, attemptedAt, at),
      evidence("derived", "relayCandidates", ownRelay || farRelay, "", attemptedAt, at),
      ...(ownRelay && farRelay ? [evidence("derived", "relayOnBothSides", true, "", attemptedAt, at)] : []),
    ];
  },
};
