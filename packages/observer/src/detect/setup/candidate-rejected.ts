import type { Connection } from "../../model/connection.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, Moment } from "../view.ts";

const thresholds = { excusedByConnectingWithinSeconds: 5 };

export const definition: ObservationDefinition = {
  id: "candidate-rejected",
  category: "setup",
  tier: "B",
  title: "Addresses of the far end were refused",
  meaning: "The browser did not take candidates of the far end that the application gave it.",
  domainHint: "application",
  effect: false,
  severities: ["info", "minor", "major"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "addIceCandidate was rejected and the connection is not connected 5 s later; major when the connection then fails and no other candidate of the far end was there",
  clearText: "connected; within 5 s it stays info",
  evidence: [
    "event.error.name",
    "derived.refusedCandidates",
    "derived.takenCandidates",
    "derived.ufragMatches",
    "derived.remoteDescriptionSet",
    "peer-connection.connectionState",
  ],
  exceptions: [
    { when: "it connects within 5 s: that is info" },
    { guard: "G7", when: "the candidate is of before an ICE restart: its user fragment is no longer in use" },
    { when: "it is connected already: a path that stands needs no more of them" },
    { when: "it was the end of the list, which older browsers refuse to be told" },
    { guard: "G14", when: "the connection was closed" },
  ],
  blindIn: "Without the calls of the app (plain getStats logs) it is not seen.",
  thresholds,
};

/** Candidates of the far end were refused. */
export const candidateRejected: Detector = {
  definition,
  onTime({ connection, at, board }: Moment): void {
    const { negotiation, subject, lastConnectedAt } = connection;
    const refused = negotiation.refusedCandidates;
    if (refused === null) return;
    const open = board.open(definition, subject);
    if (lastConnectedAt !== null && lastConnectedAt >= refused.at) {
      const record = open === null ? null : board.clear(definition, subject, lastConnectedAt);
      if (record === null) return;
      record.clearEvidence = [
        evidence("peer-connection", "connectionState", "connected", "", lastConnectedAt, lastConnectedAt),
      ];
      return;
    }
    const record = open ?? board.raise(definition, subject, refused.at, "info");
    if (record === null) return;
    if (open === null) record.onEvidence = describe(connection, at);
    const { excusedByConnectingWithinSeconds } = board.thresholds(definition, thresholds);
    if (record.severity === "info" && at - refused.at > excusedByConnectingWithinSeconds * 1000) {
      record.severity = "minor";
      record.peakEvidence = describe(connection, at);
    }
    // The catalogue has major whenever it then fails. With other candidates there were checks, and they say more.
    if (record.severity === "major" || connection.state !== "failed" || hasOthers(connection)) return;
    record.severity = "major";
    record.peakEvidence = describe(connection, at);
  },
};

function hasOthers({ negotiation, remoteCandidateTypes }: Connection): boolean {
  return negotiation.takenCandidates > 0 || remoteCandidateTypes.size > 0;
}

function describe({ negotiation }: Connection, at: number): ReturnType<typeof evidence>[] {
  const refused = negotiation.refusedCandidates;
  if (refused === null) return [];
  const matches = refused.ufragMatches;
  return [
    evidence("event", "error.name", refused.errorName, "", refused.at, refused.at),
    evidence("derived", "refusedCandidates", refused.count, "", refused.at, at),
    evidence("derived", "takenCandidates", negotiation.takenCandidates, "", refused.at, at),
    ...known("derived", "ufragMatches", matches === null ? null : matches ? "yes" : "no", "", refused.at, at),
    evidence("derived", "remoteDescriptionSet", refused.hasRemoteDescription, "", refused.at, refused.at),
  ];
}
