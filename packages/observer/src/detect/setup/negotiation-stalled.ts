import { topologyOf } from "../../attribute/topology.ts";
import type { Connection } from "../../model/connection.ts";
import type { SessionModel } from "../../model/session.ts";
import { isGap } from "../../derive/gaps.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence, type OpenRecord } from "../open-record.ts";
import type { Detector, Moment } from "../view.ts";

/** A phone rings for 30 to 60 s before the network or the person gives up. Ours. */
const thresholds = { waitingLongerThanSeconds: 10, ringingUpToSeconds: 60 };

export const definition: ObservationDefinition = {
  id: "negotiation-stalled",
  category: "setup",
  tier: "A",
  title: "An offer was not answered",
  meaning: "One end wants to agree on media, and the other step of the exchange does not come.",
  domainHint: "application",
  effect: false,
  severities: ["info", "major"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "`have-local-offer` for more than 10 s, or negotiationneeded after a track or transceiver was added and no offer within 10 s; info up to 60 s while it is the first offer and nothing says that the far end takes part: it may be a person who has not accepted yet",
  clearText: "`stable`",
  evidence: [
    "peer-connection.signalingState",
    "peer-connection.connectionState",
    "derived.waitedForSeconds",
    "derived.takenCandidates",
    "event.name",
  ],
  exceptions: [
    { guard: "G14", when: "the connection is closed" },
    { guard: "G8", when: "the machine slept meanwhile" },
    { when: "no media was asked for: a connection that is kept warm, or for data alone" },
    { when: "the first offer waits for a person to accept the call: that is info for 60 s" },
  ],
  blindIn: "Without the events of the page (plain getStats logs) it is not seen.",
  thresholds,
};

/** Offer without answer, or a wish for one without an offer. */
export const negotiationStalled: Detector = {
  definition,
  onTime({ model, connection, at, board }: Moment): void {
    const { negotiation, subject } = connection;
    const since = waitsSince(model, connection);
    if (since === null) {
      if (!negotiation.stalled) return;
      negotiation.stalled = false;
      const settledAt = negotiation.settledAt ?? at;
      const record = board.clear(definition, subject, settledAt);
      if (record === null) return;
      record.clearEvidence = [
        evidence("peer-connection", "signalingState", negotiation.signalingState, "", settledAt, settledAt),
      ];
      return;
    }
    const { waitingLongerThanSeconds, ringingUpToSeconds } = board.thresholds(definition, thresholds);
    if (at - since <= waitingLongerThanSeconds * 1000 || isAsleep(connection, at)) return;
    const mayRing = !takesPart(model, connection) && at - since <= ringingUpToSeconds * 1000;
    let record = board.open(definition, subject);
    if (record === null) {
      record = board.raise(definition, subject, since, mayRing ? "info" : "major");
      if (record === null) return;
      negotiation.stalled = true;
      record.onEvidence = describe(connection, since, at);
      // In a server's room the server owes the answer; else an app at either end, or what carries its messages.
      if (topologyOf(model) === "server") record.domainHint = "sfu";
    }
    if (!mayRing && record.severity === "info") worsen(record, connection, since, at);
  },
};

function worsen(record: OpenRecord, connection: Connection, since: number, at: number): void {
  record.severity = "major";
  record.peakEvidence = describe(connection, since, at);
}

/** Unix ms since when the next step is owed; null when none is. */
function waitsSince(model: SessionModel, connection: Connection): number | null {
  const { negotiation } = connection;
  const { signalingState, stateSince, neededAt, firstSettledAt, mediaAsked } = negotiation;
  if (signalingState === "have-local-offer") return wantsMedia(model, connection) ? stateSince : null;
  if (signalingState !== "stable" || neededAt === null || !mediaAsked) return null;
  // Before the first exchange the app may be waiting for a call.
  return firstSettledAt === null ? null : neededAt;
}

function wantsMedia(model: SessionModel, connection: Connection): boolean {
  if (connection.connectedAt !== null || connection.negotiation.everAskedForMedia) return true;
  const sections = connection.negotiation.local?.sections ?? null;
  if (sections !== null) return sections.some(({ kind }) => kind === "audio" || kind === "video");
  for (const { direction, ended } of model.tracks.values()) if (direction === "local" && !ended) return true;
  return false;
}

/** Something says that the far end is there: an exchange before, its candidates, or another connection of this client. */
function takesPart(model: SessionModel, connection: Connection): boolean {
  const { negotiation, remoteCandidateTypes } = connection;
  if (negotiation.firstSettledAt !== null || negotiation.takenCandidates > 0) return true;
  if (remoteCandidateTypes.size > 0 || negotiation.refusedCandidates !== null) return true;
  for (const other of model.connections.values()) {
    if (other !== connection && other.connectedAt !== null && other.closedAt === null) return true;
  }
  return false;
}

/** No sample for long: the machine sleeps, and nobody waits (guard G8). */
function isAsleep(connection: Connection, at: number): boolean {
  const { previous } = connection;
  return previous !== null && isGap(connection, at - previous.at);
}

function describe(connection: Connection, since: number, at: number): ReturnType<typeof evidence>[] {
  const { signalingState, takenCandidates } = connection.negotiation;
  const waited = (at - since) / 1000;
  return [
    evidence("peer-connection", "signalingState", signalingState, "", since, at),
    evidence("peer-connection", "connectionState", connection.state, "", since, at),
    evidence("derived", "waitedForSeconds", waited, "s", since, at, thresholds.waitingLongerThanSeconds),
    evidence("derived", "takenCandidates", takenCandidates, "", since, at),
    ...(signalingState === "stable"
      ? [evidence("event", "name", "negotiation-needed", "", since, since)]
      : []),
  ];
}
