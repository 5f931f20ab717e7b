/**
 * `npm run bench -- server`: what a sample costs a server that is built, with analysis, rows and the embedded store, and what is kept of it.
 * See docs/reference/benchmarks.md.
 */
import { fork, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { tableNames } from "../../packages/server/src/analyse/table-columns.ts";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { recordedTemplates } from "@peerscope/scenarios";
import { encodeSessionLogEntry, encodeSessionLogHeader } from "@peerscope/schema";
import { framesOfSession, prepareSession } from "../../packages/cli/src/load/prepared-session.ts";
import type { BenchmarkResult, Figure } from "./figures.ts";
import { isApart, isWithin, medianP99, type Span, type Stretch } from "./latency-stretches.ts";

export interface ServerBenchmarkOptions {
  readonly clients: number;
  readonly seconds: number;
}

/** Bounds: see docs/reference/benchmarks.md. */
const bounds = { cpuSeconds: 0.09, clientKb: 60, p99Ms: 500, slowdown: 1.2, rowMb: 0.25, logMb: 0.9 };

/** So many clients come in a second. With a thousand acknowledgements are some seconds late until all are there: each begins a log. */
const newClientsPerSecond = 150;
/** What is measured begins after this: the code that analyses is compiled, and each session was read at least once. */
const warmSeconds = 130;
/**
 * Of all clients, so many end each minute and are followed by others: sessions of ten minutes, so that their beginnings, their ends and
 * the rows of all their windows are in what is measured.
 */
const churnPerMinute = 0.1;
const queryMs = 10_000;
/**
 * Acknowledgements during full scans are compared with those of the same run without: scans for so long, none for so long, and so on. The
 * machine itself has slow minutes, and so may differ more from one run to the next than the scans make it.
 */
const scanningSeconds = 40;
/** So often, and in a run of less than that once. */
const mostScans = 3;
/** Sessions of an hour of which the bytes are counted. */
const hours = 6;
const samplesOfAnHour = 3_600;
const password = "bench";
const command = fileURLToPath(new URL("../../packages/cli/dist/main.js", import.meta.url));
const engine = fileURLToPath(new URL("../../packages/server/dist/engine-process.js", import.meta.url));
/** Of `sysconf(_SC_CLK_TCK)`, on every Linux of today. */
const ticksPerSecond = 100;

interface Running {
  readonly server: ChildProcess;
  readonly store: ChildProcess;
  readonly url: string;
  readonly storeUrl: string;
  readonly data: string;
}

interface Load {
  readonly framesAcknowledged: number;
  readonly framesForgotten: number;
  readonly reconnects: number;
  readonly acknowledgementMs: {
    readonly p50: number;
    readonly p99: number;
    readonly everyTenSeconds: readonly Stretch[];
  };
  readonly generator: { readonly cpuSeconds: number; readonly ownDelayP99Ms: number };
}

export async function benchServer({ clients, seconds }: ServerBenchmarkOptions): Promise<BenchmarkResult> {
  const running = await start();
  const subject = `${clients} clients, 1 Hz, 28 objects, ${seconds} s`;
  const figures: Figure[] = [];
  const add = (measure: string, unit: string, candidate: string, value: number, bound: object = {}): void =>
    void figures.push({ subject, candidate, measure, value, unit, ...bound });
  try {
    const before = memoryOf(running.server.pid);
    const calm = await measure(running, clients, seconds, () => Promise.resolve());
    const per = 1_000 / calm.samples;
    const cpu = "CPU seconds of 1,000 samples";
    add(cpu, "", "main thread", calm.cpu.main * per);
    add(cpu, "", "analysis workers and the engine's own threads", calm.cpu.others * per);
    add(cpu, "", "store", calm.cpu.store * per);
    add(cpu, "", "all of the server", calm.cpu.all * per, { atMost: bounds.cpuSeconds });
    add(cpu, "", "the generator", (calm.load.generator.cpuSeconds / calm.load.framesAcknowledged) * 1_000);
    add(
      "memory of a client, RSS of ingest and workers",
      "kB",
      "Peerscope",
      (calm.memory - before) / clients,
      {
        atMost: bounds.clientKb,
      },
    );
    // What ended is out of the way: only the scans are to make a difference.
    await untilWritten(running.url);
    const scans: Span[] = [];
    const times = Math.max(1, Math.min(mostScans, Math.floor(seconds / (2 * scanningSeconds))));
    const busy = await measure(running, clients, 2 * times * scanningSeconds, () =>
      scanNowAndThen(running.storeUrl, times, scans),
    );
    const ack = "acknowledgement";
    add(ack, "ms", "p50", calm.load.acknowledgementMs.p50);
    add(ack, "ms", "p99", calm.load.acknowledgementMs.p99, { atMost: bounds.p99Ms });
    const without = medianP99(busy.load.acknowledgementMs.everyTenSeconds, (stretch) =>
      scans.every((scan) => isApart(stretch, scan)),
    );
    add(ack, "ms", "p99 of ten seconds without full scans, median", without);
    const during = medianP99(busy.load.acknowledgementMs.everyTenSeconds, (stretch) =>
      scans.some((scan) => isWithin(stretch, scan)),
    );
    add(ack, "ms", "p99 of ten seconds during full scans, median", during, {
      atMost: Math.max(1, without) * bounds.slowdown,
    });
    add(ack, "ms", "p99 of all of the run with full scans", busy.load.acknowledgementMs.p99);
    add(ack, "ms", "lateness of the generator itself, p99", calm.load.generator.ownDelayP99Ms);
    add(ack, "ms", "the same of the run with full scans", busy.load.generator.ownDelayP99Ms);
    add("analysis", "s", "waits since its turn, at most", calm.lagSeconds);
    const lost = calm.load.framesForgotten + busy.load.framesForgotten;
    add("lost", "", "acknowledged samples", lost, { atMost: 0 });
    add("lost", "", "connections", calm.load.reconnects + busy.load.reconnects);
  } finally {
    await stop(running);
  }
  // Among the rows of thousands of others those of a few cannot be told from what a merge of parts saves.
  const empty = await start();
  try {
    figures.push(...(await storedBytes(empty)));
  } finally {
    await stop(empty);
  }
  return { benchmark: "server", at: new Date().toISOString(), node: process.version, figures };
}

/** The store is started here and not by the server, so that it can be asked what it keeps, and kept busy. */
async function start(): Promise<Running> {
  const data = mkdtempSync(join(tmpdir(), "peerscope-bench-"));
  const store = fork(engine, [], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  // As the server does it.
  if (store.pid !== undefined) setPriority(store.pid, 10);
  const port = await new Promise<number>((resolve) => {
    store.once("message", (state: { readonly port: number }) => resolve(state.port));
    store.send({ path: join(data, "store"), password, memoryMb: 4_096 });
  });
  const storeUrl = `http://default:${password}@127.0.0.1:${port}`;
  const server = spawn(process.execPath, [command, "serve", "--port", "0", "--no-samples"], {
    env: { ...process.env, PEERSCOPE_DATA: join(data, "server"), PEERSCOPE_CLICKHOUSE_URL: storeUrl },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let text = "";
    server.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      const found = /Peerscope is at (http:\S+)/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    server.once("exit", () => reject(new Error(`the server did not start: ${text}`)));
  });
  await ask(storeUrl, "SELECT 1");
  return { server, store, url, storeUrl, data };
}

async function stop({ server, store, data }: Running): Promise<void> {
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  await ended;
  const storeEnded = new Promise((resolve) => store.once("exit", resolve));
  store.send("stop");
  await storeEnded;
  rmSync(data, { recursive: true, force: true });
}

interface Cpu {
  readonly main: number;
  readonly others: number;
  readonly store: number;
  readonly all: number;
}

interface Measured {
  readonly load: Load;
  /** In the measured part. */
  readonly samples: number;
  readonly cpu: Cpu;
  /** kB, at its end. */
  readonly memory: number;
  /** The longest that a session which it was the turn of had to wait for its analysis, looked at each second. */
  readonly lagSeconds: number;
}

async function measure(
  { server, store, url }: Running,
  clients: number,
  seconds: number,
  meanwhile: () => Promise<void>,
): Promise<Measured> {
  const rampSeconds = clients / newClientsPerSecond;
  const loading = generate(url, clients, seconds, rampSeconds);
  await pause(warmSeconds * 1_000);
  const before = cpuOf(server.pid, store.pid);
  const until = performance.now() + seconds * 1_000 - 1_000;
  const scanning = meanwhile();
  let lagSeconds = 0;
  for (; performance.now() < until; await pause(Math.min(1_000, until - performance.now())))
    lagSeconds = Math.max(lagSeconds, (await readiness(url)).analysis.lagMs / 1_000);
  const after = cpuOf(server.pid, store.pid);
  const memory = memoryOf(server.pid);
  const load = await loading;
  await scanning;
  // Each client sent one a second while it was measured.
  const share = (seconds - 1) / (seconds + warmSeconds - rampSeconds / 2);
  return {
    load,
    samples: load.framesAcknowledged * share,
    cpu: {
      main: after.main - before.main,
      others: after.others - before.others,
      store: after.store - before.store,
      all: after.all - before.all,
    },
    memory,
    lagSeconds,
  };
}

async function generate(url: string, clients: number, seconds: number, rampSeconds: number): Promise<Load> {
  const child = spawn(
    process.execPath,
    [
      command,
      "generate",
      `--clients=${clients}`,
      `--seconds=${seconds + warmSeconds}`,
      `--ramp=${rampSeconds}`,
      `--warm-up=${warmSeconds}`,
      `--churn=${churnPerMinute}`,
      "--sessions=recorded",
      `--url=${url}`,
      "--json",
    ],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString("utf8");
  });
  await new Promise((resolve) => child.once("exit", resolve));
  return JSON.parse(text) as Load;
}

async function scanNowAndThen(storeUrl: string, times: number, scans: Span[]): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await pause(scanningSeconds * 1_000);
    const from = Date.now();
    while (Date.now() + queryMs / 2 < from + scanningSeconds * 1_000) await scan(storeUrl);
    scans.push({ from, to: Date.now() });
  }
}

/** Ten seconds of every core that the store takes. */
async function scan(storeUrl: string): Promise<void> {
  await ask(
    storeUrl,
    `SELECT sum(sipHash64(number)) FROM system.numbers_mt SETTINGS max_execution_time = ${queryMs / 1_000}, timeout_overflow_mode = 'break'`,
  );
}

/** Bytes of sessions of an hour, sent as they would have been, on a server that has nothing else. */
async function storedBytes({ url, storeUrl, data }: Running): Promise<Figure[]> {
  const subject = "a participant-hour, 1:1, 28 objects, 1 Hz";
  const folder = join(data, "hours");
  mkdirSync(folder);
  const templates = recordedTemplates({ samples: samplesOfAnHour - 1, intervalMs: 1_000 });
  let logBytes = 0;
  let packedBytes = 0;
  for (let index = 0; index < hours; index += 1) {
    const template = templates[index % templates.length];
    if (template === undefined) continue;
    const startAt = Date.now() - 4_000_000 + index;
    const player = {
      userId: `user-${100_000 + index}`,
      callId: `call-00000000-${String(index >> 1).padStart(6, "0")}`,
      run: "00000000",
      startAt,
    };
    const sessionId = `bench-hour-${index}`;
    const log = Buffer.concat([
      encodeSessionLogHeader({ sessionId, projectId: "default", createdAt: startAt }),
      ...framesOfSession(prepareSession(template), player).map(encodeSessionLogEntry),
    ]);
    logBytes += log.byteLength;
    packedBytes += gzipSync(log).byteLength;
    writeFileSync(join(folder, `${sessionId}.pslog`), log);
  }
  const imported = spawn(process.execPath, [command, "import", folder, "--url", url], { stdio: "ignore" });
  await new Promise((resolve) => imported.once("exit", resolve));
  const deadline = performance.now() + 60_000;
  // An analysis is written when its session is over.
  const wanted = "SELECT count() FROM analyses FINAL WHERE startsWith(sessionId, 'bench-hour-')";
  while (Number(await ask(storeUrl, wanted)) < hours) {
    if (performance.now() > deadline) throw new Error("the rows of imported sessions were not written");
    await pause(500);
  }
  const rows = await rowBytes(storeUrl);
  const megabytes = (bytes: number): number => bytes / hours / 1e6;
  const measure = "stored";
  return [
    { subject, candidate: "rows", measure, value: megabytes(rows), unit: "MB", atMost: bounds.rowMb },
    { subject, candidate: "log", measure, value: megabytes(logBytes), unit: "MB" },
    {
      subject,
      candidate: "log, gzip",
      measure,
      value: megabytes(packedBytes),
      unit: "MB",
      atMost: bounds.logMb,
    },
  ];
}

/** The rows of the clients that were there before are in the store. */
async function untilWritten(url: string): Promise<void> {
  const deadline = performance.now() + 900_000;
  for (let calm = 0; calm < 5 && performance.now() < deadline; await pause(1_000)) {
    const state = await readiness(url);
    calm = state.store.sessionsWaiting === 0 && state.analysis.lagBytes === 0 ? calm + 1 : 0;
  }
}

interface Readiness {
  readonly store: { readonly sessionsWaiting: number };
  readonly analysis: { readonly lagBytes: number; readonly lagMs: number };
}

async function readiness(url: string): Promise<Readiness> {
  return (await (await fetch(`${url}/readyz`)).json()) as Readiness;
}

async function rowBytes(storeUrl: string): Promise<number> {
  const tables = tableNames;
  for (const table of tables) await ask(storeUrl, `OPTIMIZE TABLE ${table} FINAL`);
  const names = tables.map((table) => `'${table}'`).join();
  return Number(
    await ask(
      storeUrl,
      `SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = currentDatabase() AND table IN (${names})`,
    ),
  );
}

async function ask(storeUrl: string, statement: string): Promise<string> {
  const { origin, username, password: secret } = new URL(storeUrl);
  const response = await fetch(origin, {
    method: "POST",
    body: statement,
    headers: { authorization: `Basic ${Buffer.from(`${username}:${secret}`).toString("base64")}` },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text.trim();
}

function cpuOf(server: number | undefined, store: number | undefined): Cpu {
  if (server === undefined || store === undefined) throw new Error("a process is gone");
  const main = cpuSecondsIn(`/proc/${server}/task/${server}/stat`);
  const whole = cpuSecondsIn(`/proc/${server}/stat`);
  const storeCpu = cpuSecondsIn(`/proc/${store}/stat`);
  return { main, others: whole - main, store: storeCpu, all: whole + storeCpu };
}

function cpuSecondsIn(file: string): number {
  const text = readFileSync(file, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function memoryOf(pid: number | undefined): number {
  const found = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(found);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
