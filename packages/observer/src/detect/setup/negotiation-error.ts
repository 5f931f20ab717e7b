import type { RefusedCall } from "../../model/negotiation.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence, known, type OpenRecord } from "../open-record.ts";
import type { Detector, Moment } from "../view.ts";
import { excuseTries, hasJustConnected, otherConnects } from "./retry.ts";

const thresholds = { excusedBySuccessWithinSeconds: 1, retryWithinSeconds: 15 };

export const definition: ObservationDefinition = {
  id: "negotiation-error",
  category: "setup",
  tier: "A",
  title: "A session description was refused",
  meaning: "The browser refused an offer or answer that the application made or applied.",
  domainHint: "application",
  effect: false,
  severities: ["info", "major", "critical"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "createOffer, createAnswer, setLocalDescription or setRemoteDescription was rejected and no exchange came through within 1 s; critical when the connection never connects and no other one does, else major",
  clearText: "the next exchange of offer and answer that comes through",
  evidence: [
    "peer-connection.connectionState",
    "event.method",
    "event.error.name",
    "peer-connection.signalingState",
    "derived.mediaSections",
    "derived.refusedCalls",
    "event.outcome",
  ],
  exceptions: [
    { when: "an exchange comes through within 1 s, as in perfect negotiation: that is info" },
    { guard: "G14", when: "the connection was closed before the call" },
    { when: "an answer is applied a second time and the connection works: that is info" },
  ],
  blindIn: "Without the calls of the app (plain getStats logs) it is not seen.",
  signals: [{ family: "event", weight: 0.9, text: "the browser refused what the app made or applied" }],
  thresholds,
};

/** Applying or making a description failed. */
export const negotiationError: Detector = {
  definition,
  onTime({ model, connection, at, board }: Moment): void {
    const { negotiation, subject } = connection;
    const { refusedCall } = negotiation;
    if (board.records.length > 0 && hasJustConnected(connection, at)) {
      const { retryWithinSeconds } = board.thresholds(definition, thresholds);
      excuseTries(board, definition.id, connection, { retryWithinSeconds, severity: "major", model });
    }
    if (refusedCall === null) return;
    let record = board.open(definition, subject);
    if (refusedCall.recoveredAt !== null) {
      if (record === null) return;
      record.clearEvidence = [
        evidence("event", "outcome", "fulfilled", "", refusedCall.recoveredAt, refusedCall.recoveredAt),
      ];
      board.clear(definition, subject, refusedCall.recoveredAt);
      return;
    }
    if (record === null) {
      record = board.raise(definition, subject, refusedCall.at, "info");
      if (record === null) return;
      record.onEvidence = describe(refusedCall);
      record.missing = refusedCall.sections === null ? ["api-called.arguments"] : [];
    }
    const { excusedBySuccessWithinSeconds, retryWithinSeconds } = board.thresholds(definition, thresholds);
    if (at - refusedCall.at <= excusedBySuccessWithinSeconds * 1000) return;
    // Nothing was owed, and nothing is missing.
    if (refusedCall.isRepeatedAnswer && connection.connectedAt !== null) return;
    if (record.severity === "info") worsen(record, refusedCall, "major", at);
    const failed = connection.connectedAt === null && connection.failedAt !== null;
    if (!failed || record.severity === "critical") return;
    if (!otherConnects(model, connection, { retryWithinSeconds }))
      worsen(record, refusedCall, "critical", at);
  },
  onEnd({ model, connection, at, board }: Moment): void {
    const { negotiation, subject, connectedAt } = connection;
    const { refusedCall } = negotiation;
    if (refusedCall === null || refusedCall.recoveredAt !== null || connectedAt !== null) return;
    const record = board.open(definition, subject);
    if (record === null) return;
    const { retryWithinSeconds } = board.thresholds(definition, thresholds);
    const retried = otherConnects(model, connection, { retryWithinSeconds, until: at });
    worsen(record, refusedCall, retried ? "major" : "critical", at);
  },
};

function worsen(record: OpenRecord, refused: RefusedCall, severity: "major" | "critical", at: number): void {
  record.severity = severity;
  if (refused.count > 1) {
    record.peakEvidence = [evidence("derived", "refusedCalls", refused.count, "", refused.at, at)];
  }
}

function describe({
  at,
  method,
  errorName,
  signalingState,
  sections,
}: RefusedCall): ReturnType<typeof evidence>[] {
  return [
    evidence("event", "method", method, "", at, at),
    evidence("event", "error.name", errorName, "", at, at),
    evidence("peer-connection", "signalingState", signalingState, "", at, at),
    ...known("derived", "mediaSections", sections, "", at, at),
  ];
}
