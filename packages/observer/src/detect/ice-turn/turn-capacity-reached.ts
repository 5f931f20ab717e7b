import type { Severity } from "@peerscope/schema";
import type { ObservationDefinition } from "../definition.ts";
import type { Detector, Moment } from "../view.ts";
import {
  describeError,
  excuseTriesBefore,
  hasRelay,
  isServedByAnother,
  isUntold,
  refusals,
  serverErrorEvidence,
  severityWithoutRelay,
} from "./turn-servers.ts";

/** STUN error codes: 486 allocation quota reached, 508 insufficient capacity. RFC 8656. */
const codes = [486, 508];

export const definition: ObservationDefinition = {
  id: "turn-capacity-reached",
  category: "ice-turn",
  tier: "A",
  title: "TURN server is full",
  meaning: "A relay answered that it has no room for this client: its quota or its capacity is used up.",
  domainHint: "turn",
  effect: false,
  severities: ["minor", "major", "critical"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "a TURN server answered 486 or 508 and gave no relay candidate; critical when the connection did not come about, major when it did without a relay, minor when another server gave one",
  clearText: "a relay candidate from that server",
  evidence: [...serverErrorEvidence],
  exceptions: [{ guard: "G14", when: "the app had closed the connection" }],
  blindIn: "Firefox before 150 has no icecandidateerror.",
  signals: [{ family: "event", weight: 0.9, text: "the server answered that it has no room" }],
  thresholds: {},
};

/** TURN refuses allocation. */
export const turnCapacityReached: Detector = {
  definition,
  onTime(moment: Moment): void {
    const { connection, at, board } = moment;
    excuseTriesBefore(moment, definition.id);
    if (isUntold(connection)) board.absent(definition, "icecandidateerror");
    if (connection.ice.failedAt === null) return;
    const [refusal] = refusals(connection, codes, { at, settleMs: 0 });
    const open = board.open(definition, connection.subject);
    if (refusal === undefined) {
      if (open !== null && hasRelay(connection)) board.clear(definition, connection.subject, at);
      return;
    }
    const severity: Severity = isServedByAnother(connection, refusal.url)
      ? "minor"
      : severityWithoutRelay(moment);
    const record = open ?? board.raise(definition, connection.subject, refusal.at, severity);
    if (record === null) return;
    record.severity = severity;
    if (open === null) record.onEvidence = describeError(refusal, at);
  },
};
