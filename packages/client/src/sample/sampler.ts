import type { Connection } from "../collect/connection.ts";
import type { Platform } from "../platform.ts";
import type { Recorder } from "../recorder.ts";
import type { Sink } from "../transport/intake.ts";
import type { Cadence } from "./cadence.ts";
import type { MemberRule } from "./plain-copy.ts";
import { copyReport } from "./report-copy.ts";

/** Asks the browser for the statistics of each connection, one question at a time. Never throws, never rejects. */
export interface Sampler {
  /** Samples one connection now, even when it has not answered the last question yet. */
  readonly sample: (connection: Connection) => Promise<void>;
  readonly start: () => void;
  readonly stop: () => void;
  /** From now on this decides about the interval. `create` is given what changes the one that runs. */
  readonly follow: (create: (replan: (intervalMs: number) => void) => Cadence) => void;
}

/** A getStats that takes longer is given up. Ours; one under a starved CPU was measured at 32 ms. */
const timeoutMs = 5_000;

/** `intervalMs` is the time between two rounds, `getStats` the browser's own; `onRound` gives the connections to ask, once a round. */
export function createSampler(
  { now, after }: Platform,
  recorder: Recorder,
  queue: Sink,
  rule: MemberRule,
  intervalMs: number,
  getStats: (pc: RTCPeerConnection) => Promise<RTCStatsReport>,
  onRound: () => readonly Connection[],
): Sampler {
  let cadence: Cadence | undefined;
  let cancel: (() => void) | undefined;
  /** When the last round was due, or took place when it came much later. */
  let roundAt = 0;
  /** The connections of the last round. */
  let asked: readonly Connection[] = [];
  /** Questions without an answer: what gives each up, and when. Rounds do: a timer for each costs as much as to look at its report. */
  const questions = new Map<((nothing?: undefined) => void) | undefined, number>();

  async function sample(connection: Connection): Promise<void> {
    connection.isPending = true;
    const askedAt = now();
    let giveUp: ((nothing?: undefined) => void) | undefined;
    try {
      const report = await new Promise<RTCStatsReport | undefined>((resolve, reject) => {
        questions.set((giveUp = resolve), askedAt + timeoutMs);
        getStats(connection.pc).then(resolve, reject);
      });
      connection.isPending = false;
      if (report) take(connection, report, now() - askedAt);
      else queue.lose("getstats-timeout", "sample");
    } catch {
      queue.lose("getstats-failed", "sample");
    }
    questions.delete(giveUp);
    connection.isPending = false;
  }

  function giveUpBefore(at: number): void {
    for (const [giveUp, until] of questions) if (until <= at) giveUp?.();
  }

  function take(connection: Connection, report: RTCStatsReport, durationMs: number): void {
    recorder.timed(() => {
      // A page that answers in place of the browser may give anything: that is copied, member by member.
      const isOfBrowser = report instanceof RTCStatsReport;
      const stats = copyReport(report, queue.reduces && isOfBrowser ? undefined : rule);
      // The last one of a round takes all of it with it: one frame, and no timer.
      const isLast = !asked.some(({ isPending }) => isPending);
      recorder.record({ kind: "sample", connectionId: connection.id, stats, durationMs }, isLast);
      cadence?.took(connection, stats, durationMs);
    });
  }

  function round(): void {
    const at = now();
    // One that comes late, from a hidden page or a sleeping machine, is one round, and the next keeps its distance.
    const dueAt = roundAt + intervalMs;
    roundAt = at - dueAt < intervalMs / 2 ? dueAt : at;
    giveUpBefore(at);
    plan(cadence?.next() ?? intervalMs);
    asked = recorder.attempt("round", onRound) ?? [];
    for (const connection of asked) {
      if (!connection.isPending) void sample(connection);
    }
  }

  function plan(nextMs: number): void {
    intervalMs = nextMs;
    cancel?.();
    cancel = after(Math.max(0, roundAt + intervalMs - now()), round);
  }

  return {
    sample,
    start() {
      roundAt = now();
      plan(intervalMs);
    },
    stop() {
      cancel?.();
      cancel = undefined;
      after(timeoutMs, () => giveUpBefore(Infinity));
    },
    follow(create) {
      // Not after the last round.
      cadence = create((nextMs) => cancel && plan(nextMs));
    },
  };
}
