/**
 * When the SDK samples: as often as the app asked, closer around trouble, more seldom when it would cost too much; and what it
 * cost. Not needed in the first moment, so it is in the part that follows the start: until that is there, and where it
 * cannot be loaded, rounds come at the usual interval. It imports nothing of the main file but types.
 */
import type { StatsObject } from "@peerscope/schema";
import type { Connection } from "../collect/connection.ts";
import type { Recorder } from "../recorder.ts";
import type { FrameQueue } from "../transport/frame-queue.ts";

/** What the sampler asks and tells. */
export interface Cadence {
  /** A round begins: milliseconds to the next one. */
  next(): number;
  /** A report was recorded. */
  took(connection: Connection, stats: readonly StatsObject[], durationMs: number): void;
}

/** Why the interval is what it is: `reason` of the event `sampling-interval-changed`. */
type CadenceReason = "default" | "trouble" | "cost" | "objects";

/** Around trouble. Ours: twice the usual cadence; Chromium 156 answers from a cache for 50 ms. */
const troubleMs = 500;
/** Each statistics object asks for this much of the interval: 200 of them are a second. Ours. */
const objectMs = 5;
/** However slow the machine: a longer silence says nothing about a call. Ours. */
const maxMs = 16_000;
/** How long trouble is looked at closely, in milliseconds. Ours. */
const troubleLastsMs = 10_000;
/** What an event says when a closer look may pay: a path in doubt, a track without media. */
const troublePattern = /^ice-connection-state| (disconnected|failed) | true$/;
/** So many lost packets more since the last report are trouble. Ours. */
const troubleDistress = 20;
/** Rounds before an interval gets longer again: then most of the last three have this one. */
const roundsPerStep = 2;
/** How often the cost is told, in milliseconds. Ours. */
const tellCostMs = 60_000;
/** Weight of the last round in the smoothed cost: one slow round is not taken for a slow machine. Ours. */
const costWeight = 1 / 8;

/**
 * `baseMs` is the interval that the app asked for, `cpuBudget` the share of the main thread that the SDK may take. `replan` tells
 * the sampler that the round that waits is due after another interval than was said.
 */
export function createCadence(
  now: () => number,
  recorder: Recorder,
  queue: FrameQueue,
  baseMs: number,
  cpuBudget: number,
  replan: (intervalMs: number) => void,
): Cadence {
  const distress = new WeakMap<Connection, number>();
  let intervalMs = baseMs;
  let troubledUntil = 0;
  let costMs = 0;
  let lastBusyMs = recorder.busyMs;
  let toldAt = now();
  let samples = 0;
  let getStatsMs = 0;
  /** Of the last round. */
  let objects = 0;
  /** At this interval. */
  let rounds = 0;

  function decide(): number {
    const { intervalMs: wantedMs, reason } = nextInterval(
      baseMs,
      intervalMs,
      costMs / cpuBudget,
      objects,
      now() < troubledUntil,
    );
    // Longer by steps: a reader takes more than three times the usual interval for time that the page was suspended.
    const nextMs =
      wantedMs > intervalMs && rounds < roundsPerStep ? intervalMs : Math.min(wantedMs, 2 * intervalMs);
    if (nextMs !== intervalMs) {
      intervalMs = nextMs;
      rounds = 0;
      recorder.emit("sampling-interval-changed", { intervalMs, reason });
    }
    return intervalMs;
  }

  function trouble(): void {
    troubledUntil = now() + troubleLastsMs;
    replan(decide());
  }

  recorder.onEvent = (name, { state, muted }) => {
    if (troublePattern.test(`${name} ${String(state)} ${String(muted)}`)) trouble();
  };

  return {
    next() {
      const { busyMs } = recorder;
      costMs += (busyMs - lastBusyMs - costMs) * costWeight;
      lastBusyMs = busyMs;
      rounds++;
      decide();
      objects = 0;
      if (now() - toldAt >= tellCostMs) {
        toldAt = now();
        const bytes = queue.bytesEncoded;
        recorder.emit("sdk-cost", { samples, collectMs: busyMs, getStatsMs, intervalMs, bytes });
      }
      return intervalMs;
    },
    took(connection, stats, durationMs) {
      samples++;
      getStatsMs += durationMs;
      objects += stats.length;
      const distressNow = distressOf(stats);
      // What a first report says may be long past.
      if (distressNow - (distress.get(connection) ?? distressNow) >= troubleDistress) trouble();
      distress.set(connection, distressNow);
    },
  };
}

/**
 * The interval to the next round: the usual one (`baseMs`), or shorter around trouble, doubled until a round's cost is within the
 * budget. It becomes shorter again only with a quarter to spare, so that a cost near the limit does not make it swing.
 *
 * `lastMs` is the interval until now, `forCostMs` the one at which the cost of a round is all of the budget, `objects` the
 * number of statistics objects of a round.
 */
export function nextInterval(
  baseMs: number,
  lastMs: number,
  forCostMs: number,
  objects: number,
  isTroubled: boolean,
): { readonly intervalMs: number; readonly reason: CadenceReason } {
  const forObjectsMs = objects * objectMs;
  const neededMs = Math.max(forCostMs, forObjectsMs);
  let intervalMs = isTroubled ? Math.min(baseMs, troubleMs) : baseMs;
  let reason: CadenceReason = intervalMs < baseMs ? "trouble" : "default";
  while (intervalMs < maxMs && neededMs > intervalMs * (intervalMs < lastMs ? 0.75 : 1)) {
    intervalMs *= 2;
    reason = forCostMs > forObjectsMs ? "cost" : "objects";
  }
  return { intervalMs, reason };
}

/**
 * How badly off the media of a report is: lost packets, and freezes, which weigh as much as twenty of those (ours). Grows while
 * something goes wrong; says nothing by itself.
 */
export function distressOf(stats: readonly StatsObject[]): number {
  let distress = 0;
  for (const { packetsLost, freezeCount } of stats) {
    distress += (Number(packetsLost) || 0) + 20 * (Number(freezeCount) || 0);
  }
  return distress;
}
