/** What is wrong with a generated call. */
export type SessionKind =
  | "good"
  | "loss"
  | "jitter"
  | "bandwidth"
  | "outage"
  | "ice-failure"
  | "muted"
  | "permission-denied";

/** The path and the device during one interval. */
export interface Conditions {
  /** Share of packets lost on the way out and in, 0..1. */
  readonly uplinkLossRatio: number;
  readonly downlinkLossRatio: number;
  readonly roundTripTimeMs: number;
  /** Interarrival jitter of both directions. */
  readonly jitterMs: number;
  /** What the uplink carries. */
  readonly uplinkBps: number;
  /** False: nothing gets through in either direction. */
  readonly alive: boolean;
  readonly microphoneEnabled: boolean;
}

const clean: Conditions = {
  uplinkLossRatio: 0,
  downlinkLossRatio: 0,
  roundTripTimeMs: 40,
  jitterMs: 4,
  uplinkBps: 5_000_000,
  alive: true,
  microphoneEnabled: true,
};

const troubles: { readonly [Kind in SessionKind]: Partial<Conditions> } = {
  good: {},
  loss: { uplinkLossRatio: 0.1, downlinkLossRatio: 0.1 },
  jitter: { jitterMs: 70, roundTripTimeMs: 180 },
  bandwidth: { uplinkBps: 150_000, roundTripTimeMs: 350 },
  outage: { alive: false },
  "ice-failure": { alive: false },
  muted: { microphoneEnabled: false },
  "permission-denied": {},
};

/** The part of a call in which its trouble lasts, as shares of its duration: a clean start and a clean end remain. */
export const troubleFrom = 0.3;
export const troubleTo = 0.7;

/** Conditions `elapsed` seconds after the start of a call of `duration` seconds. */
export function conditionsAt(kind: SessionKind, elapsed: number, duration: number): Conditions {
  const share = elapsed / duration;
  // An outage longer than this ends the connection instead: ICE gives up after 15 s (measured, Chromium 156).
  const to = kind === "outage" ? Math.min(troubleTo, troubleFrom + 10 / duration) : troubleTo;
  const inTrouble = kind === "ice-failure" || (share >= troubleFrom && share < to);
  return inTrouble ? { ...clean, ...troubles[kind] } : clean;
}
