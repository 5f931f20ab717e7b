import type { JsonObject } from "@peerscope/schema";
import type { LabEvent } from "./lab-events.ts";
import type { CallExpectation, Expectation, TruthEntry } from "./truth-file.ts";

/** What was done to one participant. */
export interface Impairment {
  readonly peer: string;
  readonly action: TruthEntry["impairments"][number]["action"];
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
  /** How soon it shows can be measured: not of what a browser itself takes long to find out. */
  readonly isTimed: boolean;
  /** What must be said of each participant; nothing is judged of one who is not in it. */
  readonly peers: ReadonlyMap<string, Expectation>;
  /** What must be said of the call; null: nothing is judged. */
  readonly call: CallExpectation | null;
}

const nothing: CallExpectation = {
  causes: [null],
  domains: ["unknown"],
  alternatives: [],
  observations: [],
  needsEvents: false,
  path: {},
};

/**
 * Joins what the truth file says with the times at which the lab did it. Of a healthy call nothing may be stated of anybody.
 * @throws Error when the events do not say when something was done.
 */
export function truthOf(
  name: string,
  entry: TruthEntry,
  events: readonly LabEvent[],
  peers: readonly string[],
): CaptureTruth {
  const timeOf = (when: number | string): number => {
    const event = events.find((event) =>
      typeof when === "string"
        ? event.event === when
        : event.event === "schedule" && event.members["at"] === when,
    );
    if (event === undefined) throw new Error(`${name}: events.jsonl does not say when ${when} was`);
    return event.at;
  };
  const expect = new Map(Object.entries(entry.expect));
  if (entry.healthy) for (const peer of peers) if (!expect.has(peer)) expect.set(peer, nothing);
  return {
    durationSeconds: entry.seconds,
    impairments: entry.impairments.map((step) => ({
      ...step,
      from: timeOf(step.from),
      to: step.to === null ? null : timeOf(step.to),
    })),
    expected: [...expect].flatMap(([peer, { observations }]) =>
      observations.map((observationId) => ({ peer, observationId })),
    ),
    healthy: entry.healthy,
    isTimed: entry.isTimed && !entry.healthy,
    peers: expect,
    call: entry.expectCall ?? (entry.healthy ? nothing : null),
  };
}
