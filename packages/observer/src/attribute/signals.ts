import type { Observation } from "@peerscope/schema";
import type { Signal } from "./confidence.ts";

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
