import type { RefusalCode } from "./refusal-counters.ts";

/** What was refused lately, for those who wonder why nothing arrives. */
export interface RecentRefusal {
  readonly code: RefusalCode;
  readonly count: number;
  /** Unix ms. */
  readonly lastAt: number;
  /** What the last of them was told beside the message of the code. Only of a client that showed a key of the project. */
  readonly detail: string | null;
  /** False: the client did not say whose it is, so it may belong to any project of the server. */
  readonly ofProject: boolean;
}

/** Remembers refusals for ten minutes, in memory. */
export interface RecentRefusals {
  /** `projectId` is null when the client did not get far enough to say. */
  note(code: RefusalCode, projectId: string | null, detail?: string | null): void;
  /** Those of the project, and those that may be anybody's; newest first. */
  of(projectId: string): RecentRefusal[];
}

/** How long a refusal is of use to somebody who looks at it now, in milliseconds. Ours. */
export const recentRefusalsMs = 600_000;
const stepMs = 30_000;
const steps = recentRefusalsMs / stepMs;
/** Pairs of project and code; a server has up to 200 projects. Ours: beyond it the oldest are forgotten. */
const maxPairs = 10_000;

interface Remembered {
  readonly code: RefusalCode;
  readonly projectId: string | null;
  /** By step of time, newest last. */
  readonly counts: { readonly step: number; count: number }[];
  lastAt: number;
  detail: string | null;
}

/** @param now Unix ms; injected so that tests decide. */
export function createRecentRefusals(now: () => number): RecentRefusals {
  // In the order of the last refusal.
  const pairs = new Map<string, Remembered>();

  return {
    note(code, projectId, detail = null) {
      const at = now();
      const step = Math.floor(at / stepMs);
      const name = `${projectId ?? ""} ${code}`;
      const known = pairs.get(name) ?? { code, projectId, counts: [], lastAt: at, detail };
      pairs.delete(name);
      pairs.set(name, known);
      known.lastAt = at;
      known.detail = projectId === null ? null : detail;
      const newest = known.counts.at(-1);
      if (newest?.step === step) newest.count += 1;
      else known.counts.push({ step, count: 1 });
      if (known.counts.length > steps) known.counts.shift();
      if (pairs.size <= maxPairs) return;
      const [oldest] = pairs.keys();
      if (oldest !== undefined) pairs.delete(oldest);
    },
    of(projectId) {
      const since = now() - recentRefusalsMs;
      const found: RecentRefusal[] = [];
      for (const [name, known] of pairs) {
        if (known.lastAt < since) {
          pairs.delete(name);
          continue;
        }
        if (known.projectId !== null && known.projectId !== projectId) continue;
        const { code, lastAt, detail } = known;
        const count = known.counts
          .filter(({ step }) => (step + 1) * stepMs > since)
          .reduce((sum, counted) => sum + counted.count, 0);
        found.push({ code, count, lastAt, detail, ofProject: known.projectId !== null });
      }
      return found.toReversed();
    },
  };
}
