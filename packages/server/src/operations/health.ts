import type { Health, HealthProblem, Readiness } from "@peerscope/schema/api";
import type { AnalyserLag } from "../analyse/analyser.ts";
import type { ArchiveState } from "../archive/archiver.ts";
import { errorCatalog } from "../errors.ts";
import type { DiskState } from "../log/disk-state.ts";
import type { Settings } from "../settings/settings.ts";
import type { Store } from "../store/store.ts";
import type { WriteWatch } from "./write-watch.ts";

/** Everything that health is made of. */
export interface HealthSources {
  readonly version: string;
  readonly disk: { readonly state: DiskState };
  readonly writes: Pick<WriteWatch, "isFailing">;
  readonly settings: Pick<Settings, "ping">;
  readonly store: Pick<Store, "state" | "problem">;
  readonly rows: { readonly waiting: number };
  readonly analyser: { readonly lag: AnalyserLag };
  /** Null: logs stay where they are. */
  readonly archiver: { readonly state: ArchiveState } | null;
  readonly archive: { readonly failure: object | null } | null;
  readonly liveSessions: () => number;
  readonly isStopping: () => boolean;
  /** Milliseconds of a clock that is never set. */
  readonly monotonicMs: () => number;
}

/** What the server says of itself. */
export interface HealthReport {
  /** Waits for nothing. */
  health(): Health;
  /** Waits for the database of the settings, at most two seconds. */
  readiness(): Promise<Readiness>;
}

/** Analysis that is further behind is a problem, in milliseconds. Ours: far above what busy servers take. */
const behindMs = 60_000;
/** The settings are asked at most so often, and have so long to answer, in milliseconds. Ours. */
const settingsAgeMs = 5_000;
const settingsTimeoutMs = 2_000;

const stopsRecording: ReadonlySet<HealthProblem> = new Set(["disk-full", "log-writes-failing", "stopping"]);

export function createHealthReport(sources: HealthSources): HealthReport {
  const settings = createSettingsWatch(sources.settings, sources.monotonicMs);

  function problems(): HealthProblem[] {
    const is: Record<HealthProblem, boolean> = {
      "disk-full": sources.disk.state.isFull,
      "log-writes-failing": sources.writes.isFailing,
      stopping: sources.isStopping(),
      "settings-down": settings.state === "down",
      "store-down": sources.store.state === "down",
      "analysis-behind": sources.analyser.lag.ageMs > behindMs,
      "archive-down": sources.archive !== null && sources.archive.failure !== null,
    };
    return (Object.keys(is) as HealthProblem[]).filter((problem) => is[problem]);
  }

  return {
    health() {
      void settings.look();
      const found = problems();
      return {
        status: found.length === 0 ? "ok" : "degraded",
        version: sources.version,
        store: sources.store.state,
        liveSessions: sources.liveSessions(),
        problems: found,
      };
    },
    async readiness() {
      await settings.look();
      const found = problems();
      const { freeBytes, totalBytes, reserveBytes } = sources.disk.state;
      const archive = sources.archiver?.state ?? null;
      const { lag } = sources.analyser;
      return {
        ready: !found.some((problem) => stopsRecording.has(problem)),
        problems: found,
        disk: { freeBytes, totalBytes, reserveBytes },
        settings: { state: settings.state },
        store: {
          state: sources.store.state,
          problem: storeCode(sources.store),
          sessionsWaiting: sources.rows.waiting,
        },
        analysis: { lagBytes: lag.bytes, lagMs: Math.round(lag.ageMs) },
        archive: archive && {
          state: archive.status,
          logsWaiting: archive.waiting,
          downSince: archive.lastError?.since ?? null,
        },
      };
    },
  };
}

/** The code only: what the store said may name machines, and everybody may ask. */
function storeCode({ state, problem }: Pick<Store, "state" | "problem">): string | null {
  if (state === "ok" || problem === null) return null;
  const code = problem.split(":", 1)[0] ?? "";
  return Object.hasOwn(errorCatalog.stores, code) ? code : "store-unreachable";
}

interface SettingsWatch {
  readonly state: "ok" | "down";
  /** Asks again when it was long ago. Resolves when it is known, or took too long. Never rejects. */
  look(): Promise<void>;
}

function createSettingsWatch(settings: Pick<Settings, "ping">, monotonicMs: () => number): SettingsWatch {
  let state: "ok" | "down" = "ok";
  let lookedAt = -Infinity;
  let looking: Promise<void> | null = null;

  async function look(): Promise<void> {
    lookedAt = monotonicMs();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<"down">((resolve) => {
      timer = setTimeout(() => resolve("down"), settingsTimeoutMs);
    });
    const answer = settings.ping().then(
      () => "ok" as const,
      () => "down" as const,
    );
    state = await Promise.race([answer, timeout]);
    clearTimeout(timer);
  }

  return {
    get state() {
      return state;
    },
    look() {
      if (looking === null && monotonicMs() - lookedAt < settingsAgeMs) return Promise.resolve();
      looking ??= look().finally(() => {
        looking = null;
      });
      return looking;
    },
  };
}
