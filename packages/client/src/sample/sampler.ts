import type { StatsObject } from "@peerscope/schema";
import type { Connection } from "../collect/connection.ts";
import type { Platform } from "../platform.ts";
import type { Recorder } from "../recorder.ts";
import type { FrameQueue } from "../transport/frame-queue.ts";
import { toPlain, type MemberRule } from "./plain-copy.ts";

/** Asks the browser for the statistics of each connection, one question at a time. Never throws, never rejects. */
export interface Sampler {
  /** Samples one connection now, even when it has not answered the last question yet. */
  readonly sample: (connection: Connection) => Promise<void>;
  readonly start: () => void;
  readonly stop: () => void;
}

/** A getStats that takes longer is given up. Ours; one under a starved CPU was measured at 32 ms. */
const timeoutMs = 5_000;
/** Characters and members of one report. A report of 424 objects, the largest on record, has some 300,000. */
const reportBudget = 2_000_000;

/** `getStats` is the browser's own; `onRound` gives the connections to ask, once a round. */
export function createSampler(
  { now, after }: Platform,
  recorder: Recorder,
  queue: FrameQueue,
  rule: MemberRule,
  intervalMs: number,
  getStats: (pc: RTCPeerConnection) => Promise<RTCStatsReport>,
  onRound: () => readonly Connection[],
): Sampler {
  let cancel: (() => void) | undefined;

  async function sample(connection: Connection): Promise<void> {
    connection.pending = true;
    const askedAt = now();
    let stopWaiting: (() => void) | undefined;
    try {
      const report = await Promise.race([
        getStats(connection.pc),
        new Promise<undefined>((resolve) => {
          stopWaiting = after(timeoutMs, () => resolve(undefined));
        }),
      ]);
      if (report) recorder.sample(connection.id, copyReport(report, rule), now() - askedAt);
      else queue.lose("getstats-timeout", "sample");
    } catch {
      queue.lose("getstats-failed", "sample");
    }
    stopWaiting?.();
    connection.pending = false;
  }

  function round(): void {
    start();
    for (const connection of recorder.attempt("round", onRound) ?? []) {
      if (!connection.pending) void sample(connection);
    }
  }

  function start(): void {
    cancel = after(intervalMs, round);
  }

  return { sample, start, stop: () => cancel?.() };
}

function copyReport(report: RTCStatsReport, rule: MemberRule): StatsObject[] {
  const budget = { left: reportBudget };
  const stats: StatsObject[] = [];
  report.forEach((object: unknown) => {
    const copy = toPlain(object, rule, budget) as StatsObject | undefined;
    // What else a report may hold, the codec refuses.
    if (copy?.id && copy.type && copy.timestamp) stats.push(copy);
  });
  return stats;
}
