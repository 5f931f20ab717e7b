import type { Connection } from "../../model/connection.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Moment } from "../view.ts";
import { excuseTries, hasJustConnected, otherConnects } from "./retry.ts";

const thresholds = {
  connectingLongerThanSeconds: 20,
  attemptedLongerThanSeconds: 5,
  retryWithinSeconds: 15,
};

export const definition: ObservationDefinition = {
  id: "connection-never-established",
  category: "setup",
  tier: "A",
  title: "Connection never established",
  meaning: "The peer connection was negotiated but never carried anything.",
  domainHint: "unknown",
  effect: false,
  severities: ["info", "minor", "critical"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "`failed` before any `connected`; or connecting for more than 20 s with a remote description; or the session ends more than 5 s after an attempt that never connected",
  clearText: "connected",
  evidence: [
    "peer-connection.connectionState",
    "candidate-pair.requestsSent",
    "candidate-pair.responsesReceived",
    "local-candidate.candidateType",
    "remote-candidate.candidateType",
    "derived.pairsChecked",
    "transport.dtlsState",
  ],
  exceptions: [
    { guard: "G14", when: "the page was left within 5 s of the attempt" },
    { when: "the connection was created and never negotiated" },
    {
      when: "another connection of the session comes up within 15 s: then it was a retry, and minor",
    },
  ],
  blindIn: "",
  thresholds,
};

/** Peer connection never connected. */
export const connectionNeverEstablished: Detector = {
  definition,
  onTime({ model, connection, at, board }: Moment): void {
    const { connectedAt, attemptedAt, subject } = connection;
    if (connectedAt !== null) {
      if (board.records.length === 0) return;
      if (hasJustConnected(connection, at)) {
        const { retryWithinSeconds } = board.thresholds(definition, thresholds);
        excuseTries(board, definition.id, connection, { retryWithinSeconds, severity: "minor", model });
      }
      const record = board.clear(definition, subject, connectedAt);
      if (record !== null) {
        record.clearEvidence = [
          evidence("peer-connection", "connectionState", "connected", "", connectedAt, connectedAt),
        ];
      }
      return;
    }
    if (attemptedAt === null) return;
    const inForce = board.thresholds(definition, thresholds);
    const failed = connection.failedAt !== null;
    const slow =
      connection.state === "connecting" &&
      at - attemptedAt > inForce.connectingLongerThanSeconds * 1000 &&
      hasRemoteSide(connection);
    if (board.open(definition, subject) === null) {
      // A failed connection stays failed: closing it afterwards says nothing new.
      if ((!failed && !slow) || connection.closedAt !== null) return;
      const record = board.raise(definition, subject, attemptedAt, "critical");
      if (record === null) return;
      record.onEvidence = describe(connection, attemptedAt, at);
      record.missing = countersMissing(connection);
    }
    downgradeRetry({ model, connection, at, board });
  },
  onEnd({ model, connection, at, board }: Moment): void {
    const { attemptedAt, connectedAt, subject } = connection;
    if (attemptedAt === null || connectedAt !== null) return;
    const until = connection.closedAt ?? at;
    const triedMs = until - attemptedAt;
    if (board.open(definition, subject) !== null) {
      downgradeRetry({ model, connection, at, board });
      return;
    }
    // Records of a closed connection were closed with it.
    if (board.records.some((known) => known.definition.id === definition.id && known.subject === subject)) {
      return;
    }
    const inForce = board.thresholds(definition, thresholds);
    const aborted = triedMs <= inForce.attemptedLongerThanSeconds * 1000;
    // The page was left while connecting (G14): context, not a finding.
    const record = board.raise(definition, subject, attemptedAt, aborted ? "info" : "critical");
    if (record === null) return;
    record.onEvidence = describe(connection, attemptedAt, until);
    record.missing = countersMissing(connection);
    downgradeRetry({ model, connection, at, board });
    if (connection.closedAt !== null) board.clear(definition, subject, until, "subject-removed");
  },
};

/** Another connection of the same client that came up around the same time makes this one a retry. */
function downgradeRetry({ model, connection, at, board }: Moment): void {
  const record = board.open(definition, connection.subject);
  if (record === null || record.severity !== "critical") return;
  const { retryWithinSeconds } = board.thresholds(definition, thresholds);
  const until = connection.closedAt ?? at;
  const connectedAt = otherConnects(model, connection, { retryWithinSeconds, until })?.connectedAt;
  if (connectedAt === null || connectedAt === undefined) return;
  record.severity = "minor";
  record.counter = [
    evidence("peer-connection", "connectionState", "connected", "", connectedAt, connectedAt),
  ];
}

function hasRemoteSide(connection: Connection): boolean {
  return connection.remoteDescriptionSet || connection.remoteCandidateTypes.size > 0;
}

function countersMissing(connection: Connection): string[] {
  for (const pair of connection.checkedPairs.values()) if (pair.requestsSent !== null) return [];
  return ["candidate-pair.requestsSent"];
}

/** What was tried: states, candidate types of both sides, checks sent and answered. */
export function describe(connection: Connection, from: number, to: number): ReturnType<typeof evidence>[] {
  const items = [evidence("peer-connection", "connectionState", connection.state, "", from, to)];
  const local = [...connection.localCandidateTypes].sort().join(", ");
  const remote = [...connection.remoteCandidateTypes].sort().join(", ");
  items.push(evidence("local-candidate", "candidateType", local === "" ? "none" : local, "", from, to));
  items.push(evidence("remote-candidate", "candidateType", remote === "" ? "none" : remote, "", from, to));
  const checks = countChecks(connection);
  if (checks !== null) {
    items.push(evidence("candidate-pair", "requestsSent", checks.sent, "", from, to));
    items.push(evidence("candidate-pair", "responsesReceived", checks.answered, "", from, to));
    items.push(evidence("derived", "pairsChecked", checks.pairs, "", from, to));
  }
  const dtlsState = connection.previous?.path.dtlsState ?? null;
  if (dtlsState !== null) items.push(evidence("transport", "dtlsState", dtlsState, "", from, to));
  return items;
}

/** Connectivity checks over all pairs; null when the browser does not count them. */
export function countChecks(
  connection: Connection,
): { pairs: number; sent: number; answered: number } | null {
  let pairs = 0;
  let sent = 0;
  let answered = 0;
  for (const pair of connection.checkedPairs.values()) {
    if (pair.requestsSent === null || pair.responsesReceived === null) continue;
    if (pair.requestsSent > 0) pairs += 1;
    sent += pair.requestsSent;
    answered += pair.responsesReceived;
  }
  return pairs === 0 ? null : { pairs, sent, answered };
}
