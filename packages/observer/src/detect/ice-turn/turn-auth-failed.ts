import type { ObservationDefinition } from "../definition.ts";
import type { Detector, Moment } from "../view.ts";
import {
  describeError,
  excuseTriesBefore,
  hasRelay,
  isUntold,
  refusals,
  serverErrorEvidence,
  severityWithoutRelay,
} from "./turn-servers.ts";

/** Ours: a server challenges first, and other interfaces are asked a moment later. */
const thresholds = { settleSeconds: 2 };

/** STUN error codes: 401 unauthenticated, 403 forbidden, 437 and 441 allocation and credential mismatch, 438 stale nonce. RFC 8656. */
const codes = [401, 403, 437, 438, 441];

export const definition: ObservationDefinition = {
  id: "turn-auth-failed",
  category: "ice-turn",
  tier: "A",
  title: "TURN server refused the credentials",
  meaning: "A relay answered and refused this client: user name, password or their time of life are wrong.",
  domainHint: "application",
  effect: false,
  severities: ["major", "critical"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "a TURN server answered 401, 403, 437, 438 or 441 and gave no relay candidate within 2 s; critical when the connection did not come about, else major",
  clearText: "a relay candidate",
  evidence: [...serverErrorEvidence],
  exceptions: [
    { when: "a relay candidate came from the same server: the first 401 is its challenge" },
    { when: "another interface of the client was served within 2 s" },
    { guard: "G14", when: "the app had closed the connection" },
  ],
  blindIn: "Firefox before 150 has no icecandidateerror.",
  signals: [{ family: "event", weight: 0.9, text: "the server answered and refused the credentials" }],
  thresholds,
};

/** TURN rejects credentials. */
export const turnAuthFailed: Detector = {
  definition,
  onTime(moment: Moment): void {
    const { connection, at, board } = moment;
    excuseTriesBefore(moment, definition.id);
    if (isUntold(connection)) board.absent(definition, "icecandidateerror");
    if (connection.ice.failedAt === null) return;
    const { settleSeconds } = board.thresholds(definition, thresholds);
    const [refusal] = refusals(connection, codes, { at, settleMs: settleSeconds * 1000 });
    const open = board.open(definition, connection.subject);
    if (refusal === undefined) {
      if (open !== null && hasRelay(connection)) board.clear(definition, connection.subject, at);
      return;
    }
    const severity = severityWithoutRelay(moment);
    const record = open ?? board.raise(definition, connection.subject, refusal.at, severity);
    if (record === null) return;
    record.severity = severity;
    if (open === null) record.onEvidence = describeError(refusal, at);
  },
};
