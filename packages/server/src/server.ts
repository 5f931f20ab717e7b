import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { SessionSummary } from "@peerscope/schema/api";
import { createApp, listen } from "./app.ts";
import { addAccess, demandAdmin, isForThisMachineOnly } from "./access/access.ts";
import { refuseOtherHosts } from "./access/origin.ts";
import type { DeclaredRoute } from "./access/route-access.ts";
import { createAuditWriter } from "./access/audit.ts";
import { createArchivedAnalyser } from "./archive/archived-analyser.ts";
import { createArchiver } from "./archive/archiver.ts";
import { createAnalyser } from "./analyse/analyser.ts";
import { emptySummary } from "./analyse/session-summary.ts";
import { createClientAddresses } from "./client-address.ts";
import { isLoopback, type ServerConfig } from "./config.ts";
import { openDataFolder, type DataFolder } from "./data-folder.ts";
import { RequestError } from "./errors.ts";
import { addFirstSampleRoutes } from "./first-run/first-sample-routes.ts";
import { importSession, type ImportedSession } from "./import-session.ts";
import { logForeignEvents } from "./ingest/foreign-log.ts";
import { createIngestServer } from "./ingest/ingest-server.ts";
import { createRecentRefusals } from "./ingest/recent-refusals.ts";
import { createRefusalCounters } from "./ingest/refusal-counters.ts";
import { isLive, type SessionEntry } from "./ingest/session-entry.ts";
import { createSessionRegistry } from "./ingest/session-registry.ts";
import { isDiskFull } from "./log/disk-state.ts";
import { openLogs } from "./open-logs.ts";
import { watchEventLoop } from "./operations/event-loop-delay.ts";
import { createHealthReport } from "./operations/health.ts";
import { createBoundedLines } from "./operations/line-limit.ts";
import { createMetrics } from "./operations/metrics.ts";
import { addOperationsRoutes } from "./operations/operations-routes.ts";
import { addRequestLog } from "./operations/request-log.ts";
import { createTlsServers, type TlsServers } from "./operations/tls.ts";
import { createWriteWatch } from "./operations/write-watch.ts";
import type { Erasures } from "./privacy/erasures.ts";
import { openErasureLedger } from "./privacy/erasure-ledger.ts";
import { createPrivacyGate } from "./privacy/privacy-gate.ts";
import { addPrivacyService } from "./privacy/privacy-service.ts";
import { rowsKeptSince } from "./privacy/retention.ts";
import { addPages, addSecurityHeaders } from "./query/pages.ts";
import { addLiveRoutes } from "./query/live-routes.ts";
import { createLiveState } from "./query/live-state.ts";
import { addRoutes } from "./query/routes.ts";
import { addExplorerRoutes } from "./query/explorer-routes.ts";
import { createSessionReader } from "./query/session-list.ts";
import { createAnalysisReader } from "./query/stored-analyses.ts";
import { openServerSettings } from "./settings/first-start.ts";
import { firstPublicKey } from "./settings/new-settings.ts";
import { addSettingsRoutes } from "./settings/routes/settings-routes.ts";
import type { ProjectSettings, Settings } from "./settings/settings.ts";
import { addReanalysisRoutes } from "./store/reanalysis-routes.ts";
import { createReanalysisSource } from "./store/reanalysis-source.ts";
import { createReanalyser, type Reanalyser } from "./store/reanalysis.ts";
import { createRowWriter } from "./store/row-writer.ts";
import { createStore } from "./store/store.ts";
import { version } from "./version.ts";

/** A server that listens. */
export interface RunningServer {
  /** http://host:port */
  readonly url: string;
  readonly port: number;
  /** The oldest good public key of the oldest project; null when all are revoked. */
  readonly ingestKey: string | null;
  /** Nobody has to log in: only this machine can reach the server, and there is no user. */
  readonly isWithoutLogin: boolean;
  /** Every route, with who may use it. */
  readonly routes: readonly DeclaredRoute[];
  /** Process id of the embedded store; null with a store by URL. */
  readonly enginePid: number | null;
  /** Analyses old sessions again, for those who are in this process. */
  readonly reanalyser: Reanalyser;
  /** Takes data of a person, session or call out of everything, for those who are in this process. */
  readonly erasures: Erasures;
  /** Writes the records as a finished session log and has it analysed. Does nothing when the session exists. */
  importSession(session: ImportedSession): Promise<void>;
  /**
   * Reads certificate and key again, and writes to the log when they cannot be used: the old ones count on. Does nothing
   * without `PEERSCOPE_TLS_CERT`.
   */
  reloadTls(): void;
  /** Takes nothing more, brings everything to disk, and ends. Never rejects; may be called twice. */
  stop(): Promise<void>;
}

/** Rows that are still to be written get so long at a stop, in milliseconds; the logs are safe by then. */
const drainTimeoutMs = 3_000;
const storeCloseTimeoutMs = 1_000;
const sweepIntervalMs = 1_000;
/** Pages that show what is happening now are told this often, in milliseconds. Ours. */
const liveIntervalMs = 2_000;
const loginSweepIntervalMs = 3_600_000;

/**
 * Starts the server and resolves when it listens. The store may still be starting: ingest does not wait for it.
 * @throws ServerStartError with code and advice when it cannot start.
 */
export async function startServer(config: ServerConfig): Promise<RunningServer> {
  const tls = config.tls === null ? null : createTlsServers(config.tls);
  const folder = openDataFolder(config.dataFolder);
  const app = await createApp(config, tls);
  let settings: Settings | null = null;
  try {
    settings = await openServerSettings({
      dataFolder: config.dataFolder,
      url: config.settingsUrl,
      onProblem: (error) => app.log.warn({ err: error }, "the database of the settings"),
    });
    await demandAdmin(settings, config, config.oidc !== null);
    return await start(config, folder, app, settings, tls);
  } catch (error) {
    await settings?.close();
    folder.release();
    throw error;
  }
}

async function start(
  config: ServerConfig,
  folder: DataFolder,
  app: FastifyInstance,
  settings: Settings,
  tls: TlsServers | null,
): Promise<RunningServer> {
  const now = (): number => Date.now();
  const monotonicMs = (): number => performance.now();
  const log = app.log;
  /** For what names no project. */
  const firstProject = (): ProjectSettings => {
    const [project] = settings.projects;
    if (project === undefined) throw new RequestError("project-unknown");
    return project;
  };

  const opened = await openLogs({ config, folder, log, now });
  const { disk, archive, index, logs, journal, committer } = opened;
  const bounded = createBoundedLines(monotonicMs);
  const metrics = createMetrics();
  const writes = createWriteWatch(monotonicMs);
  const eventLoop = watchEventLoop();
  /** Sessions whose present state is not in the store: open ones, and those whose last rows are on their way. */
  const unwritten = new Set<SessionEntry>();
  const privacy = createPrivacyGate(settings);
  const ledger = openErasureLedger(join(config.dataFolder, "erasures"), (message) => log.error(message));
  const registry = createSessionRegistry({
    logsFolder: folder.logs,
    committer,
    catalogue: index.catalogue,
    privacy,
    hasErased: (sessionId) => ledger.hasErased(sessionId),
    disk,
    onKept(bytes, waitedMs) {
      writes.worked();
      metrics.events.frameKept(bytes, waitedMs);
    },
    idleMs: config.sessionIdleMs,
    now,
    events: {
      opened(entry) {
        unwritten.add(entry);
        metrics.events.sessionOpened();
      },
      grown(entry) {
        if (!analyser.grown(entry.sessionId, entry.bytes)) analyser.follow(registry.reference(entry));
      },
      left: (entry) => analyser.hurry(entry.sessionId),
      finished(entry) {
        analyser.follow(registry.reference(entry));
        metrics.events.sessionFinished();
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
          onArchived: () => metrics.events.logArchived(),
          onProblem(sessionId, error) {
            metrics.events.archiveFailed();
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
  /** Sessions whose rows wait for an archive that does not answer. */
  const unreadable = new Set<string>();
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
      metrics.events.framesUndecodable(codes.length);
      bounded("frames-undecodable", (held) =>
        log.warn({ sessionId, codes, ...held }, "frames cannot be decoded; they stay in the log"),
      );
    },
    onFailed(sessionId, message) {
      metrics.events.analysisFailed();
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
      else log.error({ sessionId, err: error }, "an archived log cannot be read");
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
      // What is to be erased is gone before anything is written again.
      await personalData.storeReady();
      await rows.reconcile();
      void rows.flush();
    },
    onProblem: (message) => log.warn(message),
  });
  const analyses = createAnalysisReader({ store, analyser, settings });
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
    onRows: (table, written) => metrics.events.rowsWritten(table, written),
    onProblem(message) {
      metrics.events.rowsFailed();
      log.warn(message);
    },
  });

  function summaryInMemory(entry: SessionEntry): SessionSummary | null {
    if (!unwritten.has(entry)) return null;
    const summary = entry.summary ?? emptySummary(registry.reference(entry), entry.lastHeardAt);
    return { ...summary, live: isLive(entry, now()) };
  }

  addRequestLog(app);
  addSecurityHeaders(app);
  refuseOtherHosts(app, config);
  const clientAddresses = createClientAddresses(config.trustedProxies);
  const access = addAccess(app, {
    host: config.host,
    publicUrl: config.publicUrl,
    hasTls: tls !== null,
    oidc: config.oidc,
    settings,
    addressOf: ({ raw }) => clientAddresses.of(raw),
    now,
    onProblem: (error) => log.warn({ err: error }, "a login through the identity provider did not work"),
  });
  const personalData = addPrivacyService({
    app,
    settings,
    registry,
    ledger,
    catalogue: index.catalogue,
    logs,
    store,
    rows,
    analyser,
    analyses,
    async purge() {
      await journal.checkpoint();
      index.catalogue.purge();
    },
    now,
    onProblem: (message) => log.warn(message),
  });
  const inMemory = (projectId: string): SessionSummary[] => {
    analyser.attend();
    return [...unwritten].flatMap((entry) =>
      entry.projectId === projectId ? (summaryInMemory(entry) ?? []) : [],
    );
  };
  const reader = createSessionReader({ store, inMemory });
  addSettingsRoutes(app, {
    settings,
    audit: createAuditWriter(settings, now),
    now,
    projectIdOfSession: (sessionId) => registry.get(sessionId)?.projectId ?? null,
    async countSessions(projectId) {
      return (await reader.list(projectId, { sort: "newest", limit: 1 })).total;
    },
  });
  addExplorerRoutes(app, { settings, store, reader, inMemory });
  addRoutes(app, {
    settings,
    registry,
    analyses,
    store,
    logs,
    reader,
    summaryInMemory,
  });
  const liveRoutes = addLiveRoutes(app, {
    projects: () => settings.projects,
    live: {
      ...live,
      snapshot(projectId) {
        analyser.attend();
        return live.snapshot(projectId);
      },
    },
    authorize: access.authorize,
    now,
  });
  const reanalyser = createReanalyser(
    createReanalysisSource({
      registry,
      analyser,
      rows,
      store,
      keepsRows,
      now,
    }),
  );
  addReanalysisRoutes(app, { reanalyser, audit: createAuditWriter(settings, now) });
  let stopping: Promise<void> | null = null;
  const liveSessions = (): number =>
    [...registry.open.values()].filter((entry) => isLive(entry, now())).length;
  const operations = { version, disk, store, rows, analyser: workers, archiver, liveSessions };
  addOperationsRoutes(app, {
    report: createHealthReport({
      ...operations,
      writes,
      settings,
      archive,
      isStopping: () => stopping !== null,
      monotonicMs,
    }),
    metrics,
    metricsToken: config.metricsToken,
  });
  const recent = createRecentRefusals(now);
  addFirstSampleRoutes(app, { registry, store, recent, now });
  await addPages(app);
  const refusals = createRefusalCounters();
  const ingest = createIngestServer({
    app,
    registry,
    settings,
    limits: config.limits,
    clientAddresses,
    recent,
    refusals,
    restore: (sessionId) => logs.restore(sessionId),
    now,
    onRefused: (code, sessionId) =>
      bounded(code, (held) => log.info({ code, sessionId, ...held }, "ingest refused")),
    foreign: {
      rtcstatsSecret: config.rtcstatsSecret,
      isLoopback: isLoopback(config.host),
      defaultProjectId: firstProject().projectId,
      events: logForeignEvents(log, bounded),
    },
  });
  metrics.connect({
    ...operations,
    openSessions: () => registry.open.size,
    connections: () => ingest.connections,
    refusals,
    eventLoop,
  });
  registry.adopt(index);
  const loginTimer = setInterval(() => {
    access.sweep().catch((error: unknown) => log.warn(error));
  }, loginSweepIntervalMs);
  const liveTimer = setInterval(() => liveRoutes.tick(), liveIntervalMs);
  const timer = setInterval(() => {
    registry.sweep();
    journal.sweep();
    void disk.check();
    void archiver?.run();
    personalData.sweep();
    if (unreadable.size > 0 && archive?.failure === null) {
      for (const sessionId of unreadable) rows.mark(sessionId, true);
      unreadable.clear();
    }
    void rows.flush();
  }, sweepIntervalMs);

  async function stop(): Promise<void> {
    clearInterval(timer);
    clearInterval(liveTimer);
    clearInterval(loginTimer);
    eventLoop.stop();
    const reanalysed = reanalyser.close();
    await within(drainTimeoutMs, personalData.close());
    await ingest.close();
    await within(drainTimeoutMs, archiver?.stop() ?? Promise.resolve());
    await registry.close().catch((error: unknown) => log.error(error));
    await app.close().catch((error: unknown) => log.error(error));
    await Promise.all([
      within(drainTimeoutMs, drain()),
      // What is not synced by then is in the journal, which the next start reads.
      within(
        drainTimeoutMs,
        committer.flush().then(() => journal.close()),
      ),
    ]);
    await analyser.close();
    await within(storeCloseTimeoutMs, reanalysed);
    await store.close(storeCloseTimeoutMs);
    index.catalogue.close();
    archive?.close();
    await settings.close().catch((error: unknown) => log.error(error));
    folder.release();
  }
  /** Rows of what is open, so that the store is as new as the logs. Without a store the next start does it. */
  async function drain(): Promise<void> {
    for (const entry of unwritten) rows.mark(entry.sessionId, false);
    await rows.flush({ all: true });
    if (rows.waiting > 0) await rows.flush({ all: true });
  }

  const port = await listen(app, config).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  if (!isForThisMachineOnly(config) && tls === null && config.publicUrl?.protocol !== "https:")
    log.warn(
      "passwords and logins cross the network in the clear; docs/tasks/log-in.md says how to use https",
    );
  const host = config.host.includes(":") ? `[${config.host}]` : config.host;
  return {
    url: `${tls === null ? "http" : "https"}://${host}:${port}`,
    port,
    get ingestKey() {
      return firstPublicKey(settings, firstProject().projectId);
    },
    isWithoutLogin: isForThisMachineOnly(config) && (await settings.users()).length === 0,
    routes: access.routes,
    get enginePid() {
      return store.enginePid;
    },
    reanalyser,
    erasures: personalData.erasures,
    importSession: ({ projectId = firstProject().projectId, ...session }) =>
      importSession({ registry, analyser }, { projectId, ...session }),
    reloadTls() {
      if (tls === null) return;
      try {
        tls.reload();
        log.info("certificate and key were read again");
      } catch (error) {
        log.error({ err: error }, "certificate and key cannot be used; the old ones count on");
      }
    },
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

async function within(timeoutMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work.catch(() => {}), timeout]);
  clearTimeout(timer);
}
