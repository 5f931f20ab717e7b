import type { Observation } from "@peerscope/schema";
import { type Signal, weights } from "./confidence.ts";

/** What an observation says for or against a domain, with the time in which it does. */
export function signal(cause: Observation, family: string, weight: number, text: string): Signal {
  return {
    observationId: cause.id,
    family,
    text,
    weight,
    from: cause.startedAt,
    ...(cause.clearedAt === null ? {} : { to: cause.clearedAt }),
  };
}

/** Of an event that leaves no doubt. */
export const definitive = (cause: Observation, text: string): Signal =>
  signal(cause, "event", weights.definitive, text);

/** Measured where the trouble is. */
export const direct = (cause: Observation, family: string, text: string): Signal =>
  signal(cause, family, weights.direct, text);
