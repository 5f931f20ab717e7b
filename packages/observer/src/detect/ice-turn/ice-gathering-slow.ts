import { answerKeyOf } from "../../model/ice.ts";
import { objectOf } from "../../model/stat-members.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Occurrence } from "../view.ts";

/** 500 ms: published threshold of a commercial tool. 5 s: catalogue. */
const thresholds = { minorMs: 500, majorMs: 5000 };

/** Servers whose times are evidence; the slowest come last in any case. Ours. */
const maximumServers = 8;

export const definition: ObservationDefinition = {
  id: "ice-gathering-slow",
  category: "ice-turn",
  tier: "B",
  title: "A STUN or TURN server answered late",
  meaning:
    "The first address from a STUN or TURN server came late: a distant or busy server, its name, or a path that delays.",
  domainHint: "turn",
  effect: false,
  severities: ["minor", "major"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "the first candidate of a server came more than 500 ms (major: 5 s) after gathering began, before the connection was connected",
  clearText: "gathering is complete, or the connection is connected",
  evidence: ["derived.firstCandidateMs", "icecandidate.url", "icecandidate.type"],
  exceptions: [
    { when: "it was connected before, without that server" },
    { when: "candidates are gathered before they are needed (iceCandidatePoolSize)" },
  ],
  blindIn: "Not computable in recordings without events of ICE.",
  signals: [{ family: "gathering", weight: 0.6, text: "the time from the start of gathering to its answer" }],
  thresholds,
};

/** First server candidate late. */
export const iceGatheringSlow: Detector = {
  definition,
  onEvent({ model, event, board }: Occurrence): void {
    const { name, at } = event;
    if (event.connectionId === undefined) return;
    if (name === "ice-candidate-gathered") judge(model, event, board);
    else if (
      (name === "ice-gathering-state-changed" && event.data?.["state"] === "complete") ||
      (name === "connection-state-changed" && event.data?.["state"] === "connected")
    ) {
      const connection = model.connections.get(event.connectionId);
      if (connection !== undefined) board.clear(definition, connection.subject, at);
    }
  },
};

function judge(model: Occurrence["model"], event: Occurrence["event"], board: Occurrence["board"]): void {
  const connection = model.connections.get(event.connectionId ?? "");
  const data = objectOf(event.data);
  if (connection === undefined || data === null || connection.closedAt !== null) return;
  const { ice, subject } = connection;
  const key = answerKeyOf(data);
  // Only what is waited for counts: of a connection that stands, nobody waits for more addresses.
  if (key === null || connection.connectedAt !== null || ice.configuration?.pooled === true) return;
  if (ice.gatheringSince === null) {
    board.absent(definition, "ice-gathering-state-changed");
    return;
  }
  if (ice.answers.get(key)?.answered === true) return;
  const { minorMs, majorMs } = board.thresholds(definition, thresholds);
  const firstCandidateMs = event.at - ice.gatheringSince;
  if (firstCandidateMs <= minorMs) return;
  const from = ice.gatheringSince;
  const record = board.raise(definition, subject, from, firstCandidateMs > majorMs ? "major" : "minor");
  if (record === null || record.onEvidence.length >= 3 * maximumServers) return;
  record.onEvidence = [
    ...record.onEvidence,
    evidence("derived", "firstCandidateMs", firstCandidateMs, "ms", from, event.at, minorMs),
    evidence("icecandidate", "url", key, "", from, event.at),
    evidence("icecandidate", "type", data["type"] ?? null, "", from, event.at),
  ];
}
