import type { JsonObject } from "@peerscope/schema";
import type { LabEvent } from "./lab-events.ts";

/** What was done to one participant. */
export interface Impairment {
  readonly peer: string;
  readonly action:
    | "network-impaired"
    | "cpu-limited"
    | "microphone-muted"
    | "camera-stopped"
    | "permission-denied"
    | "signalling-cut";
  /** Seen from that participant; null for what is not the network. */
  readonly direction: "uplink" | "downlink" | "both" | null;
  /** Unix ms on the lab's clock, which is the pages' clock too. */
  readonly from: number;
  /** null: until the end. */
  readonly to: number | null;
  /** How much: lossRatio, delayMs, jitterMs, rateKbps, queueMs, outage, cpuShare. */
  readonly settings: JsonObject;
}

/** An observation that an analysis of the recording has to contain. */
export interface ExpectedObservation {
  readonly peer: string;
  readonly observationId: string;
}

/** What was done in a recorded call, and what an analysis must say of it. */
export interface CaptureTruth {
  /** Seconds of media after everybody was connected, as planned. */
  readonly durationSeconds: number;
  readonly impairments: readonly Impairment[];
  readonly expected: readonly ExpectedObservation[];
  /** Nothing was wrong, an intended mute included: nothing above info may be said of anybody. */
  readonly healthy: boolean;
}

/** All recorded calls. */
export const captureNames = [
  "good-call",
  "loss-10",
  "high-jitter",
  "cap-150kbps",
  "outage-8s",
  "ice-failure-initial",
  "cpu-throttle",
  "muted-mic",
  "gum-denied",
  "sfu-3p",
  "firefox-good",
  "turn-relay",
  "signalling-drop",
] as const;

/** Name of a recorded call. */
export type CaptureName = (typeof captureNames)[number];

interface Plan {
  readonly seconds: number;
  readonly done?: readonly Step[];
  /** Participant -> ids. */
  readonly expected?: { readonly [peer: string]: readonly string[] };
}

interface Step extends Omit<Impairment, "from" | "to"> {
  /** Seconds of the schedule, or the event that says when. */
  readonly from: number | string;
  readonly to: number | null;
}

const outage = {
  peer: "a",
  action: "network-impaired",
  direction: "both",
  settings: { outage: true },
} as const;

/** The same as the table in captures/README.md, typed. */
const plans: { readonly [Name in CaptureName]: Plan } = {
  "good-call": { seconds: 45 },
  "loss-10": {
    seconds: 45,
    done: [
      {
        peer: "a",
        action: "network-impaired",
        direction: "both",
        from: 8,
        to: 38,
        settings: { lossRatio: 0.1 },
      },
    ],
    expected: { a: ["uplink-loss", "downlink-loss"] },
  },
  "high-jitter": {
    seconds: 45,
    done: [
      {
        peer: "a",
        action: "network-impaired",
        direction: "both",
        from: 8,
        to: 38,
        settings: { delayMs: 100, jitterMs: 80, reordering: true },
      },
    ],
    // Reported jitter stays at 20 to 35 ms, because packets that were overtaken are not in it.
    expected: { a: ["uplink-jitter", "downlink-jitter"], b: ["uplink-jitter", "downlink-jitter"] },
  },
  "cap-150kbps": {
    seconds: 55,
    done: [
      {
        peer: "a",
        action: "network-impaired",
        direction: "uplink",
        from: 12,
        to: 44,
        settings: { rateKbps: 150, queueMs: 400 },
      },
    ],
    expected: { a: ["uplink-bandwidth-limited"] },
  },
  "outage-8s": {
    seconds: 40,
    done: [{ ...outage, from: 12, to: 20 }],
    expected: { a: ["downlink-outage"], b: ["downlink-outage"] },
  },
  "ice-failure-initial": {
    seconds: 40,
    done: [{ ...outage, from: "impair", to: null }],
    expected: { a: ["connection-never-established"], b: ["connection-never-established"] },
  },
  "cpu-throttle": {
    seconds: 68,
    done: [
      { peer: "a", action: "cpu-limited", direction: null, from: 26, to: 56, settings: { cpuShare: 0.22 } },
    ],
  },
  "muted-mic": {
    seconds: 45,
    done: [
      { peer: "a", action: "microphone-muted", direction: null, from: 10, to: 25, settings: {} },
      { peer: "a", action: "camera-stopped", direction: null, from: 30, to: null, settings: {} },
    ],
  },
  "gum-denied": {
    seconds: 25,
    done: [
      { peer: "a", action: "permission-denied", direction: null, from: "gum.fail", to: null, settings: {} },
    ],
    expected: { a: ["media-permission-denied"] },
  },
  "sfu-3p": {
    seconds: 50,
    done: [
      {
        peer: "a",
        action: "network-impaired",
        direction: "both",
        from: 20,
        to: 38,
        settings: { lossRatio: 0.08 },
      },
    ],
    expected: { a: ["uplink-loss", "downlink-loss"] },
  },
  "firefox-good": { seconds: 40 },
  "turn-relay": {
    seconds: 38,
    done: [
      {
        peer: "a",
        action: "network-impaired",
        direction: "both",
        from: 10,
        to: 25,
        settings: { lossRatio: 0.05, delayMs: 60 },
      },
    ],
    expected: { a: ["uplink-loss", "downlink-loss"] },
  },
  "signalling-drop": {
    seconds: 30,
    done: [{ peer: "a", action: "signalling-cut", direction: null, from: 10, to: null, settings: {} }],
  },
};

const healthy: ReadonlySet<CaptureName> = new Set([
  "good-call",
  "firefox-good",
  "muted-mic",
  "signalling-drop",
]);

/** Joins what the table says with the times at which the lab did it. */
export function truthOf(name: CaptureName, events: readonly LabEvent[]): CaptureTruth {
  const plan = plans[name];
  const timeOf = (when: number | string): number => {
    const event = events.find((event) =>
      typeof when === "string"
        ? event.event === when
        : event.event === "schedule" && event.members["at"] === when,
    );
    if (event === undefined) throw new Error(`${name}: events.jsonl does not say when ${when} was`);
    return event.at;
  };
  return {
    durationSeconds: plan.seconds,
    impairments: (plan.done ?? []).map((step) => ({
      ...step,
      from: timeOf(step.from),
      to: step.to === null ? null : timeOf(step.to),
    })),
    expected: Object.entries(plan.expected ?? {}).flatMap(([peer, ids]) =>
      ids.map((observationId) => ({ peer, observationId })),
    ),
    healthy: healthy.has(name),
  };
}
