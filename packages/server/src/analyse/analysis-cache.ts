import type { LogReference } from "../ingest/session-registry.ts";

/** Analyses of finished sessions as JSON, for the pages that show them: those that were asked for last. */
export interface AnalysisCache {
  /** Null when that of this very log is not there. */
  get(log: LogReference): string | null;
  put(log: LogReference, json: string): void;
  forget(sessionId: string): void;
  clear(): void;
}

/** @param maxCharacters of JSON that are kept, all together. */
export function createAnalysisCache(maxCharacters: number): AnalysisCache {
  const known = new Map<string, { readonly bytes: number; readonly json: string }>();
  let characters = 0;

  function forget(sessionId: string): void {
    characters -= known.get(sessionId)?.json.length ?? 0;
    known.delete(sessionId);
  }

  return {
    get({ sessionId, bytes }) {
      const ready = known.get(sessionId);
      if (ready === undefined || ready.bytes !== bytes) return null;
      known.delete(sessionId);
      known.set(sessionId, ready);
      return ready.json;
    },
    put({ sessionId, bytes }, json) {
      forget(sessionId);
      characters += json.length;
      known.set(sessionId, { bytes, json });
      for (const oldest of known.keys()) {
        if (characters <= maxCharacters) break;
        forget(oldest);
      }
    },
    forget,
    clear() {
      known.clear();
      characters = 0;
    },
  };
}
