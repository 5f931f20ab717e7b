import { createSessionObserver } from "@peerscope/observer";
import type { SessionAnalysis, SessionRecord, Severity } from "@peerscope/schema";

/** One observation above info as somebody saw it who looked at the session while it went on. */
export interface SeenObservation {
  readonly id: string;
  readonly severity: Severity;
  /** Unix ms that it names as its start. */
  readonly startedAt: number;
  /** Unix ms of the record after which it was first shown above info. */
  readonly seenAt: number;
  /** Unix ms of the record after which it was shown as over, or no longer shown; null: not before the end of the call. */
  readonly goneAt: number | null;
}

/** A session watched from its first record to its last. */
export interface WatchedSession {
  /** Of the whole session, after its end. */
  readonly analysis: SessionAnalysis;
  /** Above info, in the order in which they were first seen. */
  readonly seen: readonly SeenObservation[];
  /** Unix ms of the first and of the last record. */
  readonly start: number;
  readonly end: number;
}

/** How often somebody looks, ms of record time: as often as a session is sampled. */
const lookEveryMs = 1_000;

interface Watched {
  readonly id: string;
  severity: Severity;
  readonly startedAt: number;
  readonly seenAt: number;
  goneAt: number | null;
}

/**
 * Analyses a session while its records come, and notes when each observation was first seen and when it was over: what a
 * record says of the past counts from the time at which it came.
 */
export function watchSession(
  { sessionId, peer }: { readonly sessionId: string; readonly peer: string },
  records: readonly SessionRecord[],
): WatchedSession {
  const observer = createSessionObserver({ sessionId, peer });
  const watched = new Map<string, Watched>();
  let lookedAt = Number.NEGATIVE_INFINITY;
  const start = records[0]?.at ?? 0;
  let end = start;
  for (const [index, record] of records.entries()) {
    observer.push(record);
    end = Math.max(end, record.at);
    // Records of one instant belong together; the next look is due after the last of them.
    if (records[index + 1]?.at === record.at || end - lookedAt < lookEveryMs * 0.9) continue;
    lookedAt = end;
    look(observer.analysis(), end, watched);
  }
  const analysis = observer.finish();
  look(analysis, end, watched);
  return { analysis, seen: [...watched.values()], start, end };
}

function look(analysis: SessionAnalysis, now: number, watched: Map<string, Watched>): void {
  const shown = new Set<string>();
  for (const { key, id, severity, startedAt, clearedAt, endReason } of analysis.observations) {
    if (severity === "info") continue;
    shown.add(key);
    const known = watched.get(key);
    const entry = known ?? { id, severity, startedAt, seenAt: now, goneAt: null };
    entry.severity = severity;
    // What ends with the call has not recovered.
    if (clearedAt !== null && endReason === "cleared") entry.goneAt ??= now;
    else entry.goneAt = null;
    watched.set(key, entry);
  }
  for (const [key, entry] of watched) if (!shown.has(key)) entry.goneAt ??= now;
}
