import type {
  EndReason,
  Evidence,
  FaultDomain,
  JsonValue,
  ObservationScope,
  Severity,
} from "@peerscope/schema";
import type { Subject } from "../model/streams.ts";
import type { ObservationDefinition } from "./definition.ts";

/** A finding while the session goes on; becomes an `Observation` of the schema when asked for. */
export interface OpenRecord {
  readonly definition: ObservationDefinition;
  readonly subject: Subject;
  readonly startedAt: number;
  severity: Severity;
  clearedAt: number | null;
  endReason: EndReason | null;
  peak: Evidence | null;
  /** Evidence when it was raised, at its worst, and when it cleared. */
  onEvidence: readonly Evidence[];
  peakEvidence: readonly Evidence[];
  clearEvidence: readonly Evidence[];
  counter: readonly Evidence[];
  missing: readonly string[];
  domainHint: FaultDomain;
  /** End of the last step in which the trouble was seen; null for states. */
  lastBadAt: number | null;
  /** 0, and more for further records of the same subject and start. */
  readonly ordinal: number;
  scope: Omit<ObservationScope, "sessionId" | "participantId">;
}

const severityOrder: readonly Severity[] = ["info", "minor", "major", "critical"];

/** 0 info, 1 minor, 2 major, 3 critical. */
export function severityRank(severity: Severity): number {
  return severityOrder.indexOf(severity);
}

/** Builds one piece of evidence. Values are in reader units: ms, %, bit/s. */
export function evidence(
  stat: string,
  field: string,
  value: JsonValue,
  unit: string,
  from: number,
  to: number,
  limit?: number,
): Evidence {
  const shown = typeof value === "number" ? round(value) : value;
  return limit === undefined
    ? { stat, field, value: shown, unit, from, to }
    : { stat, field, value: shown, unit, from, to, limit };
}

/** Six significant digits: enough to read, and no noise of floating point in stored documents. */
function round(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(6));
}

/** Evidence that is there: what could not be measured is left out, not shown as 0. */
export function known(
  stat: string,
  field: string,
  value: number | string | null,
  unit: string,
  from: number,
  to: number,
): Evidence[] {
  return value === null ? [] : [evidence(stat, field, value, unit, from, to)];
}
