import type { Evidence, Observation } from "@peerscope/schema";
import type { OpenRecord } from "./open-record.ts";

/** The record as others see it. Copies what may still change, so that an analysis stays what it was. */
export function toObservation(
  record: OpenRecord,
  scope: { readonly sessionId: string; readonly participantId: string | null },
  catalogVersion: string,
): Observation {
  const { definition, subject } = record;
  const evidence: Evidence[] = [...record.onEvidence, ...record.peakEvidence, ...record.clearEvidence];
  return {
    id: definition.id,
    key: `${definition.id}@${subject.key}@${Math.round(record.startedAt)}${record.ordinal === 0 ? "" : `.${record.ordinal}`}`,
    catalogVersion,
    severity: record.severity,
    category: definition.category,
    scope: { ...scope, ...record.scope },
    startedAt: record.startedAt,
    clearedAt: record.clearedAt,
    endReason: record.endReason,
    peak: record.peak,
    evidence,
    counter: record.counter,
    missing: record.missing,
    domainHint: record.domainHint,
    parentId: null,
    verdict: null,
    ...(definition.words === undefined ? {} : { words: definition.words }),
  };
}

/** Unix ms until which the trouble was seen, for findings over a window that outlast it; null while it goes on. */
export function troubleEnd(record: OpenRecord): number | null {
  return record.definition.effect ? (record.lastBadAt ?? record.clearedAt) : record.clearedAt;
}
