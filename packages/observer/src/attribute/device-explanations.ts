import type { Observation } from "@peerscope/schema";
import { overlap } from "./causes.ts";
import { type Explanation, type Signal, weights } from "./confidence.ts";
import { signal } from "./signals.ts";

/** What else was noticed, and up to when it is known. */
interface Surroundings {
  readonly observations: readonly Observation[];
  readonly end: number;
}

/** Shares of the source's frames below which an encoder leaves some out. Ours: the clear value of the observation. */
const leavesOutBelow = 0.85;

const codingInTrouble: ReadonlySet<string> = new Set([
  "cpu-limited-encoding",
  "encoder-overloaded",
  "decoder-overloaded",
]);

/** An encoder without time: its own measure, and what it left out or what the whole machine shows. */
export function encoderExplanation(cause: Observation, { observations, end }: Surroundings): Explanation {
  const support: Signal[] = [
    signal(cause, "encoder", weights.direct, "encoding a frame takes nearly all the time there is for it"),
  ];
  if (leavesFramesOut(cause)) {
    support.push(
      signal(cause, "media-source", weights.control, "the source delivers frames that are not encoded"),
    );
  }
  for (const other of observations) {
    if (other.severity === "info" || !overlap(cause, other, end)) continue;
    if (other.id === "cpu-limited-encoding" || other.id === "main-thread-blocked") {
      support.push(signal(other, other.id, weights.secondary, "the device was busy in other ways too"));
    }
  }
  return { faultDomain: "publisher-device", for: support, against: [] };
}

/** In one of its steps: evidence comes in pairs of frames encoded and frames delivered. */
function leavesFramesOut({ evidence }: Observation): boolean {
  return evidence.some(({ stat, field, value, from }) => {
    if (stat !== "outbound-rtp" || field !== "framesEncoded") return false;
    const delivered = evidence.find(
      (of) => of.stat === "media-source" && of.field === "frames" && of.from === from,
    );
    return Number(value) < leavesOutBelow * Number(delivered?.value ?? 0);
  });
}

/** A busy machine explains trouble only where something on it was short of time. */
export function pressureExplanation(cause: Observation, { observations }: Surroundings): Explanation {
  const support: Signal[] = [
    signal(cause, "pressure", weights.direct, "the browser calls the load of the processor high"),
  ];
  const suffers = observations.find(({ parentId }) => parentId === cause.key);
  if (suffers !== undefined) {
    support.push(signal(suffers, "short-of-time", weights.control, "it had no time for the call meanwhile"));
  }
  return { faultDomain: cause.domainHint, for: support, against: [] };
}

/** A page that does not respond: its own tasks, unless the whole machine was short of time. */
export function pageExplanation(cause: Observation, { observations, end }: Surroundings): Explanation {
  const has = (field: string): boolean =>
    cause.evidence.some((of) => of.field === field && typeof of.value === "number" && of.value > 100);
  const support: Signal[] = [];
  if (has("totalMs")) {
    support.push(signal(cause, "long-tasks", weights.direct, "tasks of the page kept its main thread"));
  }
  if (has("timerLateMs")) support.push(signal(cause, "timers", weights.secondary, "its timers came late"));
  const against: Signal[] = [];
  for (const other of observations) {
    if (other.severity === "info" || !overlap(cause, other, end)) continue;
    if (other.id !== "system-pressure" && !codingInTrouble.has(other.id)) continue;
    against.push(
      signal(other, "machine", weights.control, "other work on this machine was short of time too"),
    );
  }
  return { faultDomain: "application", for: support, against };
}
