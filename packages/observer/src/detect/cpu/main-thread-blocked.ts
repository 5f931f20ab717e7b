import { type MachineState, forgetMainThread, mainThreadSubject } from "../../model/machine.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { pageIsHidden, stepMs } from "../guards.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Moment, View } from "../view.ts";

const thresholds = {
  /** A period counts when a task, or the lateness of a timer, was longer than this. Catalogue. */
  longTaskMs: 200,
  windowSeconds: 10,
  /** A report over a longer time was held up by sleep or a debugger (guard G8). Ours: three periods of the recorder. */
  longestPeriodSeconds: 15,
};

export const definition: ObservationDefinition = {
  id: "main-thread-blocked",
  category: "cpu",
  tier: "A",
  title: "Page is unresponsive",
  meaning: "Long tasks keep the main thread of the page from answering.",
  domainHint: "application",
  effect: false,
  severities: ["minor", "major"],
  unit: "%",
  levels: [
    { severity: "minor", on: 20, clear: 10 },
    { severity: "major", on: 50, clear: 40 },
  ],
  on: { rule: "now" },
  clearSeconds: 10,
  onText:
    "more than 20 % (major: 50 %) of the last 10 s in long tasks, periods without a task of more than 200 ms left out",
  clearText: "below 10 % (major: 40 %) for 10 s",
  evidence: [
    "main-thread-blocked.totalMs",
    "main-thread-blocked.longestMs",
    "main-thread-blocked.timerLateMs",
    "derived.blockedShare",
  ],
  exceptions: [
    { guard: "G2", when: "the page is hidden: browsers hold back its timers" },
    { guard: "G8", when: "the machine slept or a debugger held the page" },
  ],
  blindIn: "Long tasks are told by Chromium only; elsewhere one late timer per period is all there is.",
  thresholds,
};

/** Page is unresponsive. */
export const mainThreadBlocked: Detector = {
  definition,
  onStep({ connection, board }: View): void {
    // The recorder tells of trouble only: beside other events of the page, its silence is a quiet main thread.
    if (connection.stateFromEvents) board.present(definition);
    else board.absent(definition, "main-thread-blocked");
  },
  onTime({ model, at, board }: Moment): void {
    const { machine } = model;
    const judgedAt = machine.blockedJudgedAt;
    if (judgedAt === null || at - judgedAt < stepMs) return;
    machine.blockedJudgedAt = at;
    const { thresholds: limits } = board.inForce(definition);
    const windowMs = 1000 * (limits["windowSeconds"] ?? 0);
    const found = blockedIn(machine, at, limits);
    const share = found === null ? null : Math.min(100, (100 * found.blockedMs) / windowMs);
    const judged = pageIsHidden(model, at) ? null : share;
    const change = board.vote(definition, mainThreadSubject, judgedAt, at, judged, found?.when);
    if (found?.blockedMs === 0 && board.open(definition, mainThreadSubject) === null) {
      forgetMainThread(machine);
    }
    if (change === null || found === null || share === null) return;
    const from = at - windowMs;
    attach(change, [
      evidence("derived", "blockedShare", share, "%", from, at),
      ...(found.totalMs > 0
        ? [evidence("main-thread-blocked", "totalMs", found.totalMs, "ms", from, at)]
        : []),
      evidence("main-thread-blocked", "longestMs", found.longestMs, "ms", from, at, limits["longTaskMs"]),
      evidence("main-thread-blocked", "timerLateMs", found.timerLateMs, "ms", from, at),
    ]);
  },
};

interface Blocked {
  /** Tasks, or how late a timer came where that is more. */
  blockedMs: number;
  totalMs: number;
  longestMs: number;
  timerLateMs: number;
  when?: { from: number; to: number };
}

/** What blocked the main thread in the window before `at`; null when a report of it cannot be believed. */
function blockedIn(
  { blocked }: MachineState,
  at: number,
  limits: { readonly [name: string]: number },
): Blocked | null {
  const windowMs = 1000 * (limits["windowSeconds"] ?? 0);
  const longestPeriodMs = 1000 * (limits["longestPeriodSeconds"] ?? 0);
  const longTaskMs = limits["longTaskMs"] ?? 0;
  const found: Blocked = { blockedMs: 0, totalMs: 0, longestMs: 0, timerLateMs: 0 };
  for (const period of blocked) {
    if (at - period.at >= windowMs) continue;
    if (period.periodMs > longestPeriodMs) return null;
    if (period.longestMs <= longTaskMs) continue;
    found.blockedMs += Math.max(period.totalMs, period.timerLateMs);
    found.totalMs += period.totalMs;
    found.longestMs = Math.max(found.longestMs, period.longestMs);
    found.timerLateMs = Math.max(found.timerLateMs, period.timerLateMs);
    found.when ??= { from: period.at - period.periodMs, to: period.at };
    found.when.to = period.at;
  }
  return found;
}
