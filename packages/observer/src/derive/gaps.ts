import type { Connection } from "../model/connection.ts";
import { forgetWaiting } from "../model/negotiation.ts";
import { forgetReceivedMedia } from "../model/received-media.ts";

/** Longest first interval that is believed before the sampling interval is known, ms. Ours. */
const longestUnknownIntervalMs = 60_000;

/** Intervals by which the sampling interval is known. */
const rememberedIntervals = 3;

/**
 * Is the time since the last sample a suspend rather than an interval (delta rule 3, guard G8): more than three times the sampling
 * interval? The interval is the median of the last three, so a client that changes its cadence is followed.
 */
export function isGap(connection: Connection, lengthMs: number): boolean {
  const usual = usualInterval(connection);
  if (usual === null) return lengthMs > longestUnknownIntervalMs;
  return lengthMs > 3 * usual;
}

/** Remembers the length of an interval, gaps included. */
export function noteInterval(connection: Connection, lengthMs: number): void {
  const { recentIntervals } = connection;
  if (recentIntervals.length < rememberedIntervals)
    connection.recentIntervals = recentIntervals.concat([lengthMs]);
  else {
    // In place: `push` would keep room for sixteen more.
    for (let at = 1; at < rememberedIntervals; at += 1)
      recentIntervals[at - 1] = recentIntervals[at] ?? lengthMs;
    recentIntervals[rememberedIntervals - 1] = lengthMs;
  }
}

/** Usual time between two samples, ms; null until it is known. */
export function usualInterval({ recentIntervals }: Connection): number | null {
  const [a, b, c] = recentIntervals;
  if (a === undefined) return null;
  if (b === undefined) return a;
  // Of two the shorter, of three the middle one.
  if (c === undefined) return Math.min(a, b);
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/** After a suspend or a clock jump everything that compares with the past starts anew. */
export function forgetBaselines(connection: Connection, at: number): void {
  connection.unansweredSince = null;
  connection.unansweredRequests = 0;
  connection.transportSilentSince = null;
  // The time asleep is no time disconnected.
  if (connection.state === "disconnected") connection.stateSince = at;
  if (connection.ice.lostSince !== null) connection.ice.lostSince = at;
  connection.ice.wokeAt = at;
  forgetWaiting(connection.negotiation, at);
  for (const stream of connection.inbound.values()) {
    if (stream.lastPacketAt !== null) stream.lastPacketAt = at;
    stream.silentMs = 0;
    stream.senderEvidence = null;
    stream.flowing = null;
    stream.reportInGap = null;
    stream.pendingGap = null;
    stream.confirmedGap = null;
    stream.runningFrozenS = 0;
    stream.isPausedBySender = false;
    stream.recentSteps.clear();
    stream.highestLost = stream.latest.packetsLost;
    stream.recentLoss.waiting = [];
    stream.recentLoss.growsSince = null;
    stream.sinceStep.newlyLost = 0;
    stream.sinceStep.lostFrom = null;
    stream.sinceStep.frozenMs = 0;
    stream.sinceStep.freezeEvents = 0;
    stream.sinceStep.blackoutMs = 0;
    forgetReceivedMedia(stream.media);
  }
  for (const stream of connection.outbound.values()) {
    stream.stalledSince = null;
    stream.lossBase = null;
    stream.recentLoss.waiting = [];
    stream.recentLoss.growsSince = null;
    stream.measuredLoss = null;
    stream.lastReport = null;
    stream.silence = null;
  }
  for (const source of connection.sources.values()) {
    source.stillSince = null;
    source.advancingSince = null;
    source.echo = null;
  }
}
