import type { Connection } from "../model/connection.ts";
import type { ImpossibleValue } from "../model/impossible-values.ts";
import { inboundColumn, type KeptReport, outboundColumn, pairColumn } from "../model/kept-report.ts";
import { selectedPair } from "../model/selected-pair.ts";
import type { PairStats, PlayoutStats, Report } from "../model/report.ts";
import { grown, growth, isSameSsrc, secondsSince } from "./delta.ts";
import { type InboundInterval, inboundInterval, shrunkInbound } from "./inbound-interval.ts";
import { type OutboundInterval, outboundInterval, shrunkOutbound } from "./outbound-interval.ts";

/*
 * The difference of two reports of one connection as typed plain data. The same function serves charts and score (two
 * samples in a row) and the detectors (two samples an evaluation step apart). Counters are growth over the interval; null
 * where the browser did not report them or where a new stats id, SSRC, codec or a counter that went backwards starts a new
 * baseline. Units are those of the W3C members.
 */

/** The path below, between two reports. */
export interface PathInterval {
  readonly pair: PairStats;
  readonly seconds: number;
  /** False over a change of the pair: no deltas. */
  readonly samePair: boolean;
  readonly bytesReceived: number | null;
  readonly bytesSent: number | null;
  readonly requestsSent: number | null;
  readonly responsesReceived: number | null;
  readonly totalRoundTripTime: number | null;
}

/** Everything of one connection between two reports. */
export interface ConnectionInterval {
  readonly from: number;
  readonly to: number;
  readonly inbound: readonly InboundInterval[];
  readonly outbound: readonly OutboundInterval[];
  readonly path: PathInterval | null;
  /** Milliseconds, average of media-playout over the interval. */
  readonly playoutDelayMs: number | null;
  readonly report: Report;
  /** Counters that went backwards while id and SSRC stayed: that cannot be. Mostly none. */
  readonly backwards: readonly ImpossibleValue[];
}

const nothingBackwards: readonly ImpossibleValue[] = [];

/** `connection`: whose streams were brought up to the report before. */
export function deriveInterval(before: KeptReport, now: Report, connection: Connection): ConnectionInterval {
  let backwards = nothingBackwards;
  const inbound: InboundInterval[] = [];
  let place = 0;
  for (const stats of now.inbound.values()) {
    const near = place;
    const old = before.inbound.rowOf(stats.id, near);
    place += 1;
    if (old < 0 || !isSameSsrc(before.inbound.numbers[old + inboundColumn.ssrc], stats.ssrc)) continue;
    const stream = connection.inbound.getNear(stats.id, near);
    // More streams than are followed.
    if (stream === undefined) continue;
    const remote = now.remoteOutbound.get(stats.id);
    const interval = inboundInterval(before, old, { now: stats, stream, remote });
    if (interval !== null) inbound.push(interval);
    else backwards = [...backwards, ...shrunkInbound(before.inbound.numbers, old, stats)];
  }
  const outbound: OutboundInterval[] = [];
  place = 0;
  for (const stats of now.outbound.values()) {
    const near = place;
    const old = before.outbound.rowOf(stats.id, near);
    place += 1;
    if (old < 0 || !isSameSsrc(before.outbound.numbers[old + outboundColumn.ssrc], stats.ssrc)) continue;
    const stream = connection.outbound.getNear(stats.id, near);
    if (stream === undefined) continue;
    const remote = now.remoteInbound.getNear(stats.id, near);
    // Sources mostly come in the order of what is sent of them.
    const interval = outboundInterval(before, old, { near, report: now, now: stats, stream, remote });
    if (interval !== null) outbound.push(interval);
    else backwards = [...backwards, ...shrunkOutbound(before.outbound.numbers, old, stats)];
  }
  return {
    from: before.at,
    to: now.at,
    inbound,
    outbound,
    path: pathInterval(before, now),
    playoutDelayMs: playoutDelay(before.playout, now.playout),
    report: now,
    backwards,
  };
}

function pathInterval(before: KeptReport, now: Report): PathInterval | null {
  const pair = selectedPair(now);
  if (pair === null) return null;
  const old = before.pair;
  const seconds = before.pairId === pair.id ? secondsSince(old, 0, pair.timestamp) : null;
  if (seconds === null) {
    return {
      pair,
      seconds: 0,
      samePair: false,
      bytesReceived: null,
      bytesSent: null,
      requestsSent: null,
      responsesReceived: null,
      totalRoundTripTime: null,
    };
  }
  return {
    pair,
    seconds,
    samePair: true,
    bytesReceived: grown(old[pairColumn.bytesReceived], pair.bytesReceived),
    bytesSent: grown(old[pairColumn.bytesSent], pair.bytesSent),
    requestsSent: grown(old[pairColumn.requestsSent], pair.requestsSent),
    responsesReceived: grown(old[pairColumn.responsesReceived], pair.responsesReceived),
    totalRoundTripTime: grown(old[pairColumn.totalRoundTripTime], pair.totalRoundTripTime),
  };
}

function playoutDelay(before: KeptReport["playout"], now: PlayoutStats | null): number | null {
  if (before === null || now === null || before.id !== now.id) return null;
  const delay = growth(before.delay, now.totalPlayoutDelay);
  const samples = growth(before.samples, now.totalSamplesCount);
  if (delay === null || samples === null || samples <= 0) return null;
  return (1000 * delay) / samples;
}
