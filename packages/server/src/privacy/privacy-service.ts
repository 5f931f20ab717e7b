import type { FastifyInstance } from "fastify";
import type { Analyser } from "../analyse/analyser.ts";
import type { LiveState } from "../query/live-state.ts";
import type { AnalysisReader } from "../query/stored-analyses.ts";
import type { LogAccess } from "../archive/log-access.ts";
import type { SessionRegistry } from "../ingest/session-registry.ts";
import type { FinishedCatalogue } from "../log/finished-catalogue.ts";
import type { Settings } from "../settings/settings.ts";
import type { RowWriter } from "../store/row-writer.ts";
import type { Store } from "../store/store.ts";
import { createErasures, type Erasures } from "./erasures.ts";
import type { ErasureLedger } from "./erasure-ledger.ts";
import { addPrivacyRoutes } from "./privacy-routes.ts";
import { createRetentionJob } from "./retention.ts";
import { createSubjectSearch } from "./subject-search.ts";

export interface PrivacyServiceOptions {
  readonly app: FastifyInstance;
  readonly settings: Settings;
  readonly registry: SessionRegistry;
  readonly ledger: ErasureLedger;
  readonly catalogue: FinishedCatalogue;
  readonly logs: LogAccess;
  readonly store: Store;
  readonly rows: RowWriter;
  readonly analyser: Analyser;
  readonly analyses: Pick<AnalysisReader, "forget">;
  readonly live: Pick<LiveState, "forget">;
  /** Resolves when nothing of logs that were removed is left in journal and catalogue. */
  readonly purge: () => Promise<void>;
  /** Unix ms; injected so that tests decide. */
  readonly now: () => number;
  readonly onProblem: (message: string) => void;
}

/** Erasure, retention and export of the running server. */
export interface PrivacyService {
  readonly erasures: Erasures;
  /** The store is there (again): what could not be erased is tried again. Rejects never. */
  storeReady(): Promise<void>;
  /** Erasures that are not finished, and what is not kept any longer. Called about once a second. */
  sweep(): void;
  /** Resolves when nothing is under way. */
  close(): Promise<void>;
}

/** What could not be erased is tried again so often, in milliseconds. Ours. */
const resumeIntervalMs = 60_000;
/** Retention is looked at so often, in milliseconds; days are its unit. Ours. */
const retentionIntervalMs = 3_600_000;
/** The first time comes so long after the start, which has other things to do. Ours. */
const firstRetentionMs = 60_000;

/** Call it before the app listens. */
export function addPrivacyService(options: PrivacyServiceOptions): PrivacyService {
  const { settings, registry, ledger, logs, store, analyser, analyses, live, now } = options;
  const forget = (sessionId: string): void => {
    analyser.forget(sessionId);
    analyses.forget(sessionId);
    live.forget(sessionId);
  };
  const search = createSubjectSearch({
    registry,
    logs,
    store,
    saltOf: (projectId) => settings.project(projectId)?.salt ?? null,
  });
  const erasures = createErasures({ ...options, ledger, search, forget });
  const retention = createRetentionJob({
    ...options,
    // What is resident is open, or has rows that are still to be written.
    isBusy: (sessionId) => registry.isResident(sessionId),
    forget,
  });
  addPrivacyRoutes(options.app, { registry, logs, analyser, settings, erasures, search, now });
  let resumeAt = now();
  let retentionAt = now() + firstRetentionMs;

  return {
    erasures,
    storeReady: () => erasures.resume(),
    sweep() {
      if (now() >= resumeAt) {
        resumeAt = now() + resumeIntervalMs;
        void erasures.resume();
      }
      if (now() >= retentionAt) {
        retentionAt = now() + retentionIntervalMs;
        retention.run().catch((error: unknown) => options.onProblem(`retention failed: ${String(error)}`));
      }
    },
    async close() {
      await Promise.allSettled([erasures.close(), retention.close()]);
    },
  };
}
