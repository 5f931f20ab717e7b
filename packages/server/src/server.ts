import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { createApp, listen } from "./app.ts";
import { addAccess, demandAdmin, isForThisMachineOnly } from "./access/access.ts";
import { refuseOtherHosts } from "./access/origin.ts";
import type { DeclaredRoute } from "./access/route-access.ts";
import { createAuditWriter } from "./access/audit.ts";
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
import { addPages, addSecurityHeaders } from "./query/pages.ts";
import { addLiveRoutes } from "./query/live-routes.ts";
import { addRoutes } from "./query/routes.ts";
import { addExplorerRoutes } from "./query/explorer-routes.ts";
import { createSessionReader } from "./query/session-list.ts";
import { createAnalysisReader } from "./query/stored-analyses.ts";
import { openServerSettings } from "./settings/first-start.ts";
import { firstPublicKey } from "./settings/new-settings.ts";
import { addSettingsRoutes } from "./settings/routes/settings-routes.ts";
import type { ProjectSettings, Settings } from "./settings/settings.ts";
import { createSessionPipeline } from "./session-pipeline.ts";
import { addReanalysisRoutes } from "./store/reanalysis-routes.ts";
import { createReanalysisSource } from "./store/reanalysis-source.ts";
import { createReanalyser, type Reanalyser } from "./store/reanalysis.ts";
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
  const ledger = openErasureLedger(join(config.dataFolder, "erasures"), (message) => log.error(message));
  const pipeline = createSessionPipeline({
    config,
    folder,
    opened,
    settings,
    privacy: createPrivacyGate(settings),
    ledger,
    log,
    bounded,
    events: metrics.events,
    writes,
    // What is to be erased is gone before anything is written again.
    beforeRows: () => personalData.storeReady(),
    now,
  });
  const { registry, workers, analyser, live, store, rows, archiver } = pipeline;
  const { keepsRows, summaryInMemory, inMemory, liveSessions } = pipeline;
  const analyses = createAnalysisReader({ store, analyser, settings });

  addRequestLog(app);
  addSecurityHeaders(app);
  refuseOtherHosts(app, config);
  const clientAddresses = createClientAddresses(config.trustedProxies, () =>
    log.warn(
      "X-Forwarded-For comes from an address that PEERSCOPE_TRUSTED_PROXIES does not have: if it is a proxy, all of its clients count as one",
    ),
  );
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
    live,
    async purge() {
      await journal.checkpoint();
      index.catalogue.purge();
    },
    now,
    onProblem: (message) => log.warn(message),
  });
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
    onFault: (fault) =>
      bounded("ingest-failed", (held) =>
        log.error({ fault, ...held }, "the server failed at what a client sent"),
      ),
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
    journal.sweep();
    void disk.check();
    personalData.sweep();
    pipeline.sweep();
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
      within(drainTimeoutMs, pipeline.drain()),
      // What is not synced by then is in the journal, which the next start reads.
      within(
        drainTimeoutMs,
        committer.flush().then(() => journal.close()),
      ),
    ]);
    rows.close();
    await analyser.close();
    await within(storeCloseTimeoutMs, reanalysed);
    await store.close(storeCloseTimeoutMs);
    index.catalogue.close();
    archive?.close();
    await settings.close().catch((error: unknown) => log.error(error));
    folder.release();
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
