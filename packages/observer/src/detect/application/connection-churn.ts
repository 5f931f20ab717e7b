import type { Connection } from "../../model/connection.ts";
import type { SessionModel } from "../../model/session.ts";
import type { Subject } from "../../model/streams.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Moment, Occurrence } from "../view.ts";

/** In a mesh each connection stays: most of those that came have to be over already. `ended` is ours. */
const thresholds = { created: 4, windowSeconds: 60, medianLifeSeconds: 15, ended: 3, quietSeconds: 120 };

export const definition: ObservationDefinition = {
  id: "connection-churn",
  category: "application",
  tier: "B",
  title: "Connection after connection",
  meaning: "The app opened connection after connection, and each was over after a few seconds.",
  domainHint: "application",
  effect: false,
  severities: ["minor"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "4 connections were created within 60 s, 3 of them are closed or failed, and half of these lived less than 15 s",
  clearText: "none created for 120 s",
  evidence: ["derived.connectionsCreated", "derived.connectionsEnded", "derived.medianLifeSeconds"],
  exceptions: [
    { when: "several people join: one connection for each of them, which stays" },
    { when: "the page was reloaded: its connections went with it" },
  ],
  blindIn: "Not computable in recordings without events of connections.",
  signals: [
    { family: "creation", weight: 0.6, text: "the app created them" },
    { family: "life", weight: 0.4, text: "each was over soon, and the next one followed" },
  ],
  thresholds,
};

const subject: Subject = { key: "connections", scope: {} };

/** Many short peer connections. */
export const connectionChurn: Detector = {
  definition,
  onEvent({ model, event, board }: Occurrence): void {
    // The event comes again when the app names a connection that is known.
    if (event.name !== "connection-created" || model.connections.has(event.connectionId ?? "")) return;
    const { at } = event;
    const limits = board.thresholds(definition, thresholds);
    const since = Math.max(at - limits.windowSeconds * 1000, model.resumedAt.at(-1) ?? 0);
    const lives: number[] = [];
    let created = 1;
    let from = at;
    for (const { firstSeenAt, closedAt, failedAt } of model.connections.values()) {
      if (firstSeenAt < since) continue;
      created += 1;
      from = Math.min(from, firstSeenAt);
      const end = closedAt ?? failedAt;
      if (end !== null) lives.push((end - firstSeenAt) / 1000);
    }
    if (created < limits.created || lives.length < limits.ended) return;
    if (lives.length * 2 < created || board.open(definition, subject) !== null) return;
    const life = lives.sort((a, b) => a - b)[Math.floor((lives.length - 1) / 2)] ?? 0;
    const limit = limits.medianLifeSeconds;
    if (life >= limit) return;
    const record = board.raise(definition, subject, from, "minor");
    if (record === null) return;
    record.onEvidence = [
      evidence("derived", "connectionsCreated", created, "", from, at, limits.created),
      evidence("derived", "connectionsEnded", lives.length, "", from, at),
      evidence("derived", "medianLifeSeconds", life, "s", from, at, limit),
    ];
  },
  onTime({ model, at, board }: Moment): void {
    if (model.connections.size < 2 || board.open(definition, subject) === null) return;
    const latest = latestOf(model);
    if (latest === null) return;
    const quietMs = board.thresholds(definition, thresholds).quietSeconds * 1000;
    if (at - latest.firstSeenAt >= quietMs) board.clear(definition, subject, latest.firstSeenAt);
  },
};

function latestOf(model: SessionModel): Connection | null {
  let latest: Connection | null = null;
  for (const connection of model.connections.values()) {
    if (latest === null || connection.firstSeenAt > latest.firstSeenAt) latest = connection;
  }
  return latest;
}
