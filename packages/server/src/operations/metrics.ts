import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { AnalyserLag } from "../analyse/analyser.ts";
import type { TableName } from "../analyse/table-columns.ts";
import { tableNames } from "../analyse/table-columns.ts";
import type { ArchiveState } from "../archive/archiver.ts";
import type { DiskState } from "../log/disk-state.ts";
import type { StoreState } from "../store/store.ts";
import type { EventLoopDelay } from "./event-loop-delay.ts";
import { usageOfProcess, usageOfThisProcess } from "./process-usage.ts";

/** What is read when somebody asks for the metrics. */
export interface MetricsSources {
  readonly version: string;
  readonly openSessions: () => number;
  readonly liveSessions: () => number;
  /** WebSockets of the SDK. */
  readonly connections: () => number;
  readonly refusals: { readonly counts: ReadonlyMap<string, number> };
  readonly analyser: { readonly lag: AnalyserLag };
  readonly store: { readonly state: StoreState; readonly enginePid: number | null };
  readonly rows: { readonly waiting: number };
  readonly archiver: { readonly state: ArchiveState } | null;
  readonly disk: { readonly state: DiskState };
  readonly eventLoop: { readonly delay: EventLoopDelay };
}

/** What is counted while it happens. Costs a microsecond at most. */
export interface MetricsEvents {
  /** A frame is in its log and on disk, `waitedMs` after it came. */
  frameKept(bytes: number, waitedMs: number): void;
  sessionOpened(): void;
  sessionFinished(): void;
  framesUndecodable(frames: number): void;
  analysisFailed(): void;
  rowsWritten(table: TableName, rows: number): void;
  rowsFailed(): void;
  logArchived(): void;
  archiveFailed(): void;
}

export interface Metrics {
  readonly events: MetricsEvents;
  /** Names a registry of its own: nothing else in the process is in it. */
  readonly registry: Registry;
  /** Call it once, before anybody reads. */
  connect(sources: MetricsSources): void;
}

/** Seconds. 20 ms is what the group commit waits; what is asked for is 250 ms at the 99th percentile. */
const acknowledgementBuckets = [0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The metrics of the server, for Prometheus. docs/reference/server.md lists them; a test compares. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, help: string): Counter =>
    new Counter({ name: `peerscope_${name}`, help, registers });

  const opened = counter("sessions_opened_total", "Sessions that began or came back.");
  const finished = counter("sessions_finished_total", "Sessions that ended.");
  const frames = counter("ingest_frames_total", "Frames that are on disk.");
  const bytes = counter("ingest_bytes_total", "Bytes of those frames.");
  const acknowledgement = new Histogram({
    name: "peerscope_ingest_acknowledgement_seconds",
    help: "Time from the arrival of a frame until it is on disk and acknowledged.",
    buckets: acknowledgementBuckets,
    registers,
  });
  const undecodable = counter(
    "analysis_undecodable_frames_total",
    "Frames that could not be decoded; they stay in their logs.",
  );
  const analysisFailures = counter("analysis_failures_total", "Sessions whose analysis failed: a defect.");
  const written = new Counter({
    name: "peerscope_rows_written_total",
    help: "Rows written to the store, by table.",
    labelNames: ["table"],
    registers,
  });
  for (const table of tableNames) written.inc({ table }, 0);
  const rowFailures = counter("rows_failures_total", "Writes of rows that failed; most are tried again.");
  const archived = counter("archive_logs_total", "Logs that were put into the archive.");
  const archiveFailures = counter(
    "archive_failures_total",
    "Logs that could not be archived although the archive answers.",
  );

  return {
    registry,
    events: {
      frameKept(size, waitedMs) {
        frames.inc();
        bytes.inc(size);
        acknowledgement.observe(waitedMs / 1_000);
      },
      sessionOpened: () => opened.inc(),
      sessionFinished: () => finished.inc(),
      framesUndecodable: (count) => undecodable.inc(count),
      analysisFailed: () => analysisFailures.inc(),
      rowsWritten: (table, rows) => written.inc({ table }, rows),
      rowsFailed: () => rowFailures.inc(),
      logArchived: () => archived.inc(),
      archiveFailed: () => archiveFailures.inc(),
    },
    connect: (sources) => addReadMetrics(registry, sources),
  };
}

function addReadMetrics(registry: Registry, sources: MetricsSources): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number | null): void => {
    const metric: Gauge = new Gauge({
      name: `peerscope_${name}`,
      help,
      registers,
      collect() {
        const value = read();
        // What is not known is not said.
        if (value === null) metric.remove();
        else metric.set(value);
      },
    });
  };
  const { archiver, analyser, disk, eventLoop, store } = sources;

  new Gauge({
    name: "peerscope_build_info",
    help: "Always 1; the version is the label.",
    labelNames: ["version"],
    registers,
  }).set({ version: sources.version }, 1);

  gauge("sessions_open", "Sessions that are not finished.", sources.openSessions);
  gauge(
    "sessions_live",
    "Sessions of clients that are connected or were a moment ago.",
    sources.liveSessions,
  );
  gauge("ingest_connections", "WebSockets of the SDK.", sources.connections);
  readCounter(registry, "ingest_refusals_total", "What was refused, by error code.", "code", () => [
    ...sources.refusals.counts,
  ]);

  gauge("analysis_lag_bytes", "Bytes of logs that are not analysed.", () => analyser.lag.bytes);
  gauge("analysis_lag_seconds", "How long the oldest of them have waited.", () => analyser.lag.ageMs / 1_000);
  readCounter(
    registry,
    "analysis_worker_restarts_total",
    "Restarts of analysis threads that failed, by thread.",
    "worker",
    () => analyser.lag.workers.map(({ restarts }, index): [string, number] => [String(index), restarts]),
  );

  const stateOfStore: Gauge<"state"> = new Gauge({
    name: "peerscope_store_state",
    help: "1 for the state that the store is in.",
    labelNames: ["state"],
    registers,
    collect() {
      for (const state of ["starting", "ok", "down"] as const)
        stateOfStore.set({ state }, store.state === state ? 1 : 0);
    },
  });
  gauge(
    "rows_sessions_waiting",
    "Sessions whose newest rows are not in the store.",
    () => sources.rows.waiting,
  );

  if (archiver !== null) {
    gauge("archive_up", "1 while the archive answers.", () => (archiver.state.status === "ok" ? 1 : 0));
    gauge("archive_logs_waiting", "Logs that should be in the archive.", () => archiver.state.waiting);
  }
  gauge("disk_free_bytes", "Room on the disk of the data folder.", () => disk.state.freeBytes);
  gauge("disk_size_bytes", "Size of that disk.", () => disk.state.totalBytes);
  gauge("disk_full", "1 while nothing is taken for want of room.", () => (disk.state.isFull ? 1 : 0));

  const usages = () => {
    const engine = store.enginePid === null ? null : usageOfProcess(store.enginePid);
    return [
      { process: "server", usage: usageOfThisProcess() },
      ...(engine === null ? [] : [{ process: "store", usage: engine }]),
    ];
  };
  readCounter(
    registry,
    "process_cpu_seconds_total",
    "Processor time of the server and of the embedded store.",
    "process",
    () => usages().map(({ process, usage }): [string, number] => [process, usage.cpuSeconds]),
  );
  const memory: Gauge<"process"> = new Gauge({
    name: "peerscope_process_resident_memory_bytes",
    help: "Resident memory of the server and of the embedded store.",
    labelNames: ["process"],
    registers,
    collect() {
      memory.reset();
      for (const { process, usage } of usages()) memory.set({ process }, usage.residentBytes);
    },
  });
  const loop = "lateness of the main thread over the last whole minute.";
  gauge("event_loop_delay_p50_seconds", `Median ${loop}`, () => eventLoop.delay.p50Seconds);
  gauge("event_loop_delay_p99_seconds", `99th percentile of the ${loop}`, () => eventLoop.delay.p99Seconds);
  gauge("event_loop_delay_max_seconds", `Greatest ${loop}`, () => eventLoop.delay.maxSeconds);
}

/** A counter that somebody else counts. */
function readCounter(
  registry: Registry,
  name: string,
  help: string,
  label: string,
  read: () => readonly (readonly [value: string, count: number])[],
): void {
  const metric: Counter = new Counter({
    name: `peerscope_${name}`,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      metric.reset();
      for (const [value, count] of read()) metric.inc({ [label]: value }, count);
    },
  });
}
