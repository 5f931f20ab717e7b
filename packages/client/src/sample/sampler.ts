import type { Connection } from "../collect/connection.ts";
import type { Platform } from "../platform.ts";
import type { Recorder } from "../recorder.ts";
import type { FrameQueue } from "../transport/frame-queue.ts";
import { nextCadence } from "./cadence.ts";
import type { MemberRule } from "./plain-copy.ts";
import { copyReport, distressOf } from "./report-copy.ts";

/** Asks the browser for the statistics of each connection, one question at a time. Never throws, never rejects. */
export interface Sampler {
  /** Samples one connection now, even when it has not answered the last question yet. */
  readonly sample: (connection: Connection) => Promise<void>;
  readonly start: () => void;
  readonly stop: () => void;
  /** Something went wrong in a call: look closer for a while, as far as the budget allows. */
  readonly trouble: () => void;
}

export interface SamplerOptions {
  /** The usual time between two rounds, in milliseconds. */
  readonly intervalMs: number;
  /** Share of the main thread that the SDK may take. */
  readonly cpuBudget: number;
}

/** A getStats that takes longer is given up. Ours; one under a starved CPU was measured at 32 ms. */
const timeoutMs = 5_000;
/** How long trouble is looked at closely, in milliseconds. Ours. */
const troubleLastsMs = 10_000;
/** So many lost packets more since the last report are trouble, one freeze as well. Ours. */
const troubleDistress = 20;
/** How often the cost is told, in milliseconds. Ours. */
const tellCostMs = 60_000;
/** Weight of the last round in the smoothed cost: one slow round is not taken for a slow machine. Ours. */
const costWeight = 1 / 8;

/** `getStats` is the browser's own; `onRound` gives the connections to ask, once a round. */
export function createSampler(
  { now, after }: Platform,
  recorder: Recorder,
  queue: FrameQueue,
  rule: MemberRule,
  options: SamplerOptions,
  getStats: (pc: RTCPeerConnection) => Promise<RTCStatsReport>,
  onRound: () => readonly Connection[],
): Sampler {
  const { intervalMs: baseMs, cpuBudget } = options;
  let cancel: (() => void) | undefined;
  let intervalMs = baseMs;
  /** When the last round was due, or took place when it came much later. */
  let roundAt = 0;
  let troubledUntil = 0;
  let costMs = 0;
  let lastBusyMs = 0;
  /** Statistics objects since the last round. */
  let objects = 0;
  let costToldAt = now();
  let samples = 0;
  let getStatsMs = 0;

  async function sample(connection: Connection): Promise<void> {
    connection.pending = true;
    const askedAt = now();
    let stopWaiting: (() => void) | undefined;
    try {
      const report = await new Promise<RTCStatsReport | undefined>((resolve, reject) => {
        stopWaiting = after(timeoutMs, () => resolve(undefined));
        getStats(connection.pc).then(resolve, reject);
      });
      if (report) recorder.timed(() => take(connection, report, now() - askedAt));
      else queue.lose("getstats-timeout", "sample");
    } catch {
      queue.lose("getstats-failed", "sample");
    }
    stopWaiting?.();
    connection.pending = false;
  }

  function take(connection: Connection, report: RTCStatsReport, durationMs: number): void {
    const stats = copyReport(report, rule);
    recorder.sample(connection.id, stats, durationMs);
    samples++;
    getStatsMs += durationMs;
    objects += stats.length;
    const distress = distressOf(stats);
    // What a first report says may be long past.
    if (distress - (connection.distress ?? distress) >= troubleDistress) trouble();
    connection.distress = distress;
  }

  function round(): void {
    const at = now();
    // One that comes late, from a hidden page or a sleeping machine, is one round, and the next keeps its distance.
    const dueAt = roundAt + intervalMs;
    roundAt = at - dueAt < intervalMs / 2 ? dueAt : at;
    const { busyMs } = recorder;
    costMs += (busyMs - lastBusyMs - costMs) * costWeight;
    lastBusyMs = busyMs;
    schedule();
    objects = 0;
    if (at - costToldAt >= tellCostMs) {
      costToldAt = at;
      const bytes = queue.bytesEncoded;
      recorder.emit("sdk-cost", { samples, collectMs: busyMs, getStatsMs, intervalMs, bytes });
    }
    for (const connection of recorder.attempt("round", onRound) ?? []) {
      if (!connection.pending) void sample(connection);
    }
  }

  /** Plans the next round by what is known now. */
  function schedule(): void {
    const at = now();
    const next = nextCadence(baseMs, intervalMs, costMs / cpuBudget, objects, at < troubledUntil);
    if (next.intervalMs !== intervalMs) recorder.emit("sampling-interval-changed", next);
    ({ intervalMs } = next);
    cancel?.();
    cancel = after(Math.max(0, roundAt + intervalMs - at), round);
  }

  function start(): void {
    roundAt = now();
    schedule();
  }

  function stop(): void {
    cancel?.();
    cancel = undefined;
  }

  function trouble(): void {
    troubledUntil = now() + troubleLastsMs;
    // Not before the first round, nor after the last.
    if (cancel) schedule();
  }

  return { sample, start, stop, trouble };
}
