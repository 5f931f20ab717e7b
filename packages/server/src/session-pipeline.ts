import type { FastifyBaseLogger } from "fastify";
import type { SessionSummary } from "@peerscope/schema/api";
import { createAnalyser, type Analyser } from "./analyse/analyser.ts";
import { emptySummary } from "./analyse/session-summary.ts";
import { createArchivedAnalyser } from "./archive/archived-analyser.ts";
import { createArchiver, type Archiver } from "./archive/archiver.ts";
import type { ServerConfig } from "./config.ts";
import type { DataFolder } from "./data-folder.ts";
import { isLive, type SessionEntry } from "./ingest/session-entry.ts";
import { createSessionRegistry, type SessionRegistry } from "./ingest/session-registry.ts";
import { isDiskFull } from "./log/disk-state.ts";
import type { OpenedLogs } from "./open-logs.ts";
import type { WriteBounded } from "./operations/line-limit.ts";
import type { MetricsEvents } from "./operations/metrics.ts";
import type { WriteWatch } from "./operations/write-watch.ts";
import type { ErasureLedger } from "./privacy/erasure-ledger.ts";
import type { PrivacyGate } from "./privacy/privacy-gate.ts";
import { rowsKeptSince } from "./privacy/retention.ts";
import { createLiveState, type LiveState } from "./query/live-state.ts";
import type { Settings } from "./settings/settings.ts";
import { createRowWriter, type RowWriter } from "./store/row-writer.ts";
import { createStore, type Store } from "./store/store.ts";

export interface SessionPipelineOptions {
  readonly config: ServerConfig;
  readonly folder: DataFolder;
  readonly opened: OpenedLogs;
  readonly settings: Settings;
  readonly privacy: PrivacyGate;
  readonly ledger: ErasureLedger;
  readonly log: FastifyBaseLogger;
  readonly bounded: WriteBounded;
  readonly events: MetricsEvents;
  readonly writes: WriteWatch;
  /** The store is there again: what has to happen before anything is written to it. */
  readonly beforeRows: () => Promise<void>;
  /** Unix ms. */
  readonly now: () => number;
}

/** The way of a session: from its frames to the log, from there to its analysis, its rows and the archive. */
export interface SessionPipeline {
  readonly registry: SessionRegistry;
  /** The analysis threads. */
  readonly workers: Analyser;
  /** The same, with archived logs like any others. */
  readonly analyser: Analyser;
  readonly live: LiveState;
  readonly store: Store;
  readonly rows: RowWriter;
  /** Null when no archive is configured. */
  readonly archiver: Archiver | null;
  /** False when the project keeps rows for less long than the session is old. */
  readonly keepsRows: (entry: SessionEntry) => boolean;
  /** Its row in lists while the store does not have its present state; null when the store has. */
  readonly summaryInMemory: (entry: SessionEntry) => SessionSummary | null;
  /** All of these, of a project. Somebody looks: they are brought up to date from here on. */
  readonly inMemory: (projectId: string) => SessionSummary[];
  /** How many sessions go on. */
  readonly liveSessions: () => number;
  /** Called every second or so. */
  sweep(): void;
  /** Rows of what is open, so that the store is as new as the logs. Without a store the next start does it. */
  drain(): Promise<void>;
}

export function createSessionPipeline(options: SessionPipelineOptions): SessionPipeline {
  const { config, folder, opened, settings, log, bounded, events, writes, now } = options;
  const { disk, archive, index, logs, committer } = opened;
  /** Sessions whose present state is not in the store: open ones, and those whose last rows are on their way. */
  const unwritten = new Set<SessionEntry>();
  /** Sessions whose rows wait for an archive that does not answer. */
  const unreadable = new Set<string>();

  const registry = createSessionRegistry({
    logsFolder: folder.logs,
    committer,
    catalogue: index.catalogue,
    privacy: options.privacy,
    hasErased: (sessionId) => options.ledger.hasErased(sessionId),
    disk,
    onKept(bytes, waitedMs) {
      writes.worked();
      events.frameKept(bytes, waitedMs);
    },
    idleMs: config.sessionIdleMs,
    now,
    events: {
      opened(entry) {
        unwritten.add(entry);
        events.sessionOpened();
      },
      grown(entry) {
        if (!analyser.grown(entry.sessionId, entry.bytes)) analyser.follow(registry.reference(entry));
      },
      left: (entry) => analyser.hurry(entry.sessionId),
      finished(entry) {
        analyser.follow(registry.reference(entry));
        events.sessionFinished();
      },
      forgotten(entry) {
        unwritten.delete(entry);
        analyser.forget(entry.sessionId);
      },
      problem(entry, error) {
        disk.failed(error);
        if (!isDiskFull(error)) writes.failed();
        log.error({ sessionId: entry.sessionId, err: error }, "log-write-failed");
      },
    },
  });
  const archiver =
    archive === null
      ? null
      : createArchiver({
          archive,
          catalogue: index.catalogue,
          logsFolder: folder.logs,
          afterMs: config.archiveAfterMs,
          isBusy: (sessionId) => registry.isResident(sessionId) || logs.isHeld(sessionId),
          now,
          onArchived: () => events.logArchived(),
          onProblem(sessionId, error) {
            events.archiveFailed();
            log.error({ sessionId, err: error }, "a log was not archived");
          },
        });
  logs.archiver = archiver;
  const live = createLiveState({
    *liveSessions() {
      for (const entry of registry.open.values()) {
        const summary = isLive(entry, now()) ? summaryInMemory(entry) : null;
        if (summary !== null) yield summary;
      }
    },
    now,
  });
  const workers = createAnalyser({
    workers: config.analysisWorkers,
    restingFolder: folder.resting,
    onSummary({ summary, now: sessionNow }) {
      const entry = registry.get(summary.sessionId);
      if (entry === undefined) return;
      entry.summary = summary;
      if (isLive(entry, now())) live.heard(summary, sessionNow);
      rows.mark(entry.sessionId, false);
      if (summary.ended && !entry.finished)
        registry.finish(entry).catch((error: unknown) => log.error(error));
    },
    onFramesRefused(sessionId, codes) {
      events.framesUndecodable(codes.length);
      bounded("frames-undecodable", (held) =>
        log.warn({ sessionId, codes, ...held }, "frames cannot be decoded; they stay in the log"),
      );
    },
    onFailed(sessionId, message) {
      events.analysisFailed();
      bounded("analysis-failed", (held) =>
        log.error({ sessionId, message, ...held }, "a session cannot be analysed; its log is intact"),
      );
    },
    onThresholdsRefused: (projectId, message) =>
      log.error({ projectId, message }, "thresholds cannot be used; those of the catalogue count"),
    onRestart: (error) => log.error(error, "an analysis worker was restarted"),
  });
  const analyser = createArchivedAnalyser({
    analyser: workers,
    logs,
    onUnreadable(sessionId, error) {
      if (error.code === "archive-unavailable") unreadable.add(sessionId);
      else
        bounded("archived-log-unreadable", (held) =>
          log.error({ sessionId, err: error, ...held }, "an archived log cannot be read"),
        );
    },
  });
  const applyThresholds = (): void => {
    for (const { projectId, thresholds } of settings.projects) analyser.setThresholds(projectId, thresholds);
  };
  applyThresholds();
  settings.onChange(applyThresholds);
  const store = createStore({
    folder: folder.store,
    url: config.clickhouseUrl,
    layout: { cluster: config.clickhouseCluster },
    memoryMb: config.storeMemoryMb,
    async onReady() {
      await options.beforeRows();
      await rows.reconcile();
      void rows.flush();
    },
    onProblem: (message) => log.warn(message),
  });
  const keepsRows = ({ projectId, sample, lastHeardAt }: SessionEntry): boolean =>
    sample || lastHeardAt >= rowsKeptSince(settings.project(projectId), now());
  const rows = createRowWriter({
    store,
    analyser,
    registry,
    now,
    keepsRows,
    onWritten(entry) {
      if (!entry.finished) return;
      unwritten.delete(entry);
      entry.summary = null;
      registry.release(entry);
    },
    onMissing(entry) {
      // Those in the archive may be any number: they are in the list again when their rows are.
      if (index.catalogue.get(entry.sessionId)?.isLocal !== false) unwritten.add(registry.keep(entry));
    },
    onRows: (table, written) => events.rowsWritten(table, written),
    onProblem(message) {
      events.rowsFailed();
      log.warn(message);
    },
  });

  function summaryInMemory(entry: SessionEntry): SessionSummary | null {
    if (!unwritten.has(entry)) return null;
    const summary = entry.summary ?? emptySummary(registry.reference(entry), entry.lastHeardAt);
    return { ...summary, live: isLive(entry, now()) };
  }

  return {
    registry,
    workers,
    analyser,
    live,
    store,
    rows,
    archiver,
    keepsRows,
    summaryInMemory,
    inMemory(projectId) {
      analyser.attend();
      return [...unwritten].flatMap((entry) =>
        entry.projectId === projectId ? (summaryInMemory(entry) ?? []) : [],
      );
    },
    liveSessions: () => [...registry.open.values()].filter((entry) => isLive(entry, now())).length,
    sweep() {
      registry.sweep();
      void archiver?.run();
      if (unreadable.size > 0 && archive?.failure === null) {
        for (const sessionId of unreadable) rows.mark(sessionId, true);
        unreadable.clear();
      }
      void rows.flush();
    },
    async drain() {
      for (const entry of unwritten) rows.mark(entry.sessionId, false);
      await rows.flush({ all: true });
      if (rows.waiting > 0) await rows.flush({ all: true });
    },
  };
}
