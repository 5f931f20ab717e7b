import type { EventRecord } from "@peerscope/schema";
import { numberOf, objectOf, stringOf } from "./stat-members.ts";
import type { Subject } from "./streams.ts";
import { SmallSet } from "../pack/small-map.ts";

/** What the page said of the machine it runs on. */
export interface MachineState {
  /** Processor load as the browser classes it; null until it was told. */
  pressure: Pressure | null;
  /** The latest reports of a busy main thread, oldest first. */
  readonly blocked: BlockedPeriod[];
  /** Unix ms up to which the main thread was judged; null before the first report of it. */
  blockedJudgedAt: number | null;
  /** Subjects that are coded at high resolution in software on a machine in trouble. */
  readonly softwareHd: SmallSet<string>;
}

/** State of the processor (Compute Pressure), and for how long. */
export interface Pressure {
  state: string;
  /** Unix ms since when it is at least serious, critical, and below serious; null when it is not. */
  seriousSince: number | null;
  criticalSince: number | null;
  calmSince: number | null;
  /** Unix ms at which time was last seen to pass. */
  seenAt: number;
}

/** A few seconds in which the main thread was held up. */
export interface BlockedPeriod {
  /** End of it, Unix ms. */
  readonly at: number;
  readonly periodMs: number;
  /** In tasks of more than 50 ms; 0 where the browser does not tell them. */
  readonly totalMs: number;
  /** The longest task, or how late a timer came. */
  readonly longestMs: number;
  readonly timerLateMs: number;
}

/** The machine as a whole, whichever connection suffers. */
export const machineSubject: Subject = { key: "machine", scope: {} };
/** The main thread of the page. */
export const mainThreadSubject: Subject = { key: "main-thread", scope: {} };

/** Periods that are kept: more than a window of ten seconds has at any sensible cadence. Ours. */
const maximumPeriods = 32;

/** An evaluation step of the catalogue. */
const evaluationStepMs = 2000;

/** Without a record for this long the machine slept, and nothing lasted (guard G8). Ours: longer than any sampling interval. */
const asleepMs = 20_000;

/** Nothing known yet. */
export function createMachineState(): MachineState {
  return { pressure: null, blocked: [], blockedJudgedAt: null, softwareHd: new SmallSet() };
}

/** Takes over what an event says of the machine. */
export function applyMachineEvent(machine: MachineState, event: EventRecord): void {
  if (event.name === "compute-pressure-changed") {
    const state = stringOf(objectOf(event.data) ?? {}, "state");
    if (state !== null) changePressure(machine, state, event.at);
  } else if (event.name === "main-thread-blocked") {
    const data = objectOf(event.data) ?? {};
    const timerLateMs = Math.max(0, numberOf(data, "timerLateMs") ?? 0);
    machine.blocked.push({
      at: event.at,
      periodMs: Math.max(0, numberOf(data, "periodMs") ?? 0),
      totalMs: Math.max(0, numberOf(data, "totalMs") ?? 0),
      longestMs: Math.max(0, numberOf(data, "longestMs") ?? 0, timerLateMs),
      timerLateMs,
    });
    if (machine.blocked.length > maximumPeriods) machine.blocked.shift();
    // The next look at it judges the step that this report ends.
    machine.blockedJudgedAt ??= event.at - evaluationStepMs;
  }
}

function changePressure(machine: MachineState, state: string, at: number): void {
  const serious = state === "serious" || state === "critical";
  const critical = state === "critical";
  const before = machine.pressure;
  machine.pressure = {
    state,
    seriousSince: serious ? (before?.seriousSince ?? at) : null,
    criticalSince: critical ? (before?.criticalSince ?? at) : null,
    calmSince: serious ? null : (before?.calmSince ?? at),
    seenAt: at,
  };
}

/** Lets time pass: the time that a machine sleeps does not count for how long it was in a state. */
export function passMachineTime(pressure: Pressure, at: number): void {
  if (at - pressure.seenAt > asleepMs) {
    if (pressure.seriousSince !== null) pressure.seriousSince = at;
    if (pressure.criticalSince !== null) pressure.criticalSince = at;
    if (pressure.calmSince !== null) pressure.calmSince = at;
  }
  pressure.seenAt = Math.max(pressure.seenAt, at);
}

/** A new page goes on with the session: its main thread is another one. */
export function forgetMainThread(machine: MachineState): void {
  machine.blocked.length = 0;
  machine.blockedJudgedAt = null;
}
