import { EventEmitter } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateSession } from "@peerscope/scenarios";
import { createFrameEncoder, encodeSessionLogEntry, encodeSessionLogHeader } from "@peerscope/schema";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { LogReference } from "../ingest/session-registry.ts";
import { createAnalyser, type Analyser } from "./analyser.ts";
import { createAnalysisEngine, type AnalysisEngine } from "./analysis-engine.ts";
import type { WorkerInput } from "./messages.ts";
import { SessionSetAside } from "./set-aside.ts";
import { createWorkMark } from "./work-mark.ts";
import type { WorkerThread } from "./worker-link.ts";

/** A worker in this thread: it works when told, and ends when told. */
interface TestWorker {
  readonly thread: WorkerThread;
  readonly inputs: WorkerInput[];
  /** Reads what it was told, and reports. */
  work(): void;
  /** Ends while it works on this session. */
  crash(sessionId?: string): void;
  readonly memory: SharedArrayBuffer;
  /** It was ended by others. */
  isTerminated: boolean;
}

let folder = "";
let clock = 0;
let workers: TestWorker[] = [];
let summaries: string[] = [];
let restarts = 0;
let failures: string[] = [];
let analyser: Analyser;

function startWorker(memory: SharedArrayBuffer): WorkerThread {
  const mark = createWorkMark(memory);
  const events = new EventEmitter();
  const inputs: WorkerInput[] = [];
  const unheard: WorkerInput[] = [];
  const engine: AnalysisEngine = createAnalysisEngine({
    send: (message) => events.emit("message", structuredClone(message)),
    now: () => clock,
    mark,
  });
  const thread: Pick<WorkerThread, "postMessage"> & { on: (name: string, listener: never) => unknown } = {
    on: (name, listener) => events.on(name, listener),
    postMessage(input: WorkerInput) {
      inputs.push(input);
      // What somebody waits for is answered at once, the rest when it works.
      if (input.type === "request") engine.receive(input);
      else unheard.push(input);
    },
  };
  const terminate = async (): Promise<number> => {
    worker.isTerminated = true;
    return 1;
  };
  const worker: TestWorker = {
    thread: { ...thread, terminate } as unknown as WorkerThread,
    inputs,
    memory,
    isTerminated: false,
    work() {
      for (const input of unheard.splice(0)) engine.receive(input);
      while (engine.work());
      engine.tick();
    },
    crash(sessionId) {
      if (sessionId !== undefined) mark.set(sessionId);
      events.emit("exit", 1);
    },
  };
  workers.push(worker);
  return worker.thread;
}

beforeEach(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), "peerscope-"));
  clock = 0;
  workers = [];
  summaries = [];
  restarts = 0;
  failures = [];
  analyser = createAnalyser({
    workers: 3,
    restingFolder: folder,
    startWorker,
    now: () => clock,
    onSummary: ({ summary }) => summaries.push(summary.sessionId),
    onFramesRefused: () => expect.fail(),
    onFailed: (sessionId) => failures.push(sessionId),
    onThresholdsRefused: () => expect.fail(),
    onRestart: () => (restarts += 1),
  });
});
afterEach(async () => {
  await analyser.close();
  rmSync(folder, { recursive: true, force: true });
  vi.useRealTimers();
});

function createLog(sessionId: string, callId: string, seconds = 5): (finished?: boolean) => LogReference {
  const path = join(folder, `${sessionId}.pslog`);
  const { records } = generateSession({
    seed: 1,
    durationSeconds: seconds,
    kind: "good",
    startAt: 1e12,
    callId,
  });
  const header = { sessionId, projectId: "default", createdAt: 1e12 };
  const entry = encodeSessionLogEntry(createFrameEncoder().encode(records));
  writeFileSync(path, Buffer.concat([encodeSessionLogHeader(header), entry]));
  const bytes = statSync(path).size;
  return (finished = false) => ({ ...header, path, bytes, finished, sample: false });
}

const workAll = (): void => {
  workers.slice().forEach((worker) => worker.work());
};
/** Places of the workers that were told to read the session. */
const toldTo = (sessionId: string): number[] =>
  workers.flatMap(({ inputs }, index) =>
    inputs.some((input) => input.type === "log" && input.log.sessionId === sessionId) ? [index] : [],
  );

describe("the analysis workers", () => {
  test("that somebody looks is said to all, not with every question; whose client went is said after its last bytes", () => {
    const log = createLog("a", "call-1");
    analyser.follow(log());
    const saidTo = (type: WorkerInput["type"]): number =>
      workers.reduce((sum, { inputs }) => sum + inputs.filter((input) => input.type === type).length, 0);
    for (clock = 0; clock < 6_000; clock += 1_000) analyser.attend();
    expect(saidTo("attention")).toBe(2 * workers.length);
    analyser.hurry("a");
    analyser.hurry("nobody");
    analyser.grown("a", log().bytes + 1);
    vi.advanceTimersByTime(1_000);
    expect(workers[0]?.inputs.slice(-2).map(({ type }) => type)).toEqual(["grown", "hurry"]);
    expect(saidTo("hurry")).toBe(1);
  });

  test("sessions go to who has least to do, and those of a call to where its first one is", () => {
    for (const [sessionId, callId] of [
      ["a-1", "call-a"],
      ["b-1", "call-b"],
      ["a-2", "call-a"],
    ] as const)
      analyser.follow(createLog(sessionId, callId)());
    expect(["a-1", "b-1", "a-2"].map((sessionId) => toldTo(sessionId))).toEqual([[0], [1], [2]]);
    workAll();
    // It moved, and its new worker reads it from the start.
    expect(toldTo("a-2")).toEqual([0, 2]);
    expect(workers[2]?.inputs.at(-1)).toEqual({ type: "forget", sessionId: "a-2" });
    workAll();
    expect(summaries.toSorted()).toEqual(["a-1", "a-2", "a-2", "b-1"]);
    expect(analyser.lag.workers.map(({ sessions }) => sessions)).toEqual([2, 1, 0]);
    // A late one comes to its call too, and when all have left, the call is nobody's.
    analyser.follow(createLog("a-3", "call-a")());
    workAll();
    expect(toldTo("a-3")).toEqual([0, 2]);
    for (const sessionId of ["a-1", "a-2", "a-3"]) analyser.forget(sessionId);
    analyser.follow(createLog("a-4", "call-a")());
    workAll();
    expect(toldTo("a-4")).toHaveLength(1);
  });

  test("the whole call is asked of its worker, rows of each worker for its own sessions", async () => {
    const logs = [createLog("a-1", "call-a"), createLog("b-1", "call-b"), createLog("a-2", "call-a")];
    for (const log of logs) analyser.follow(log());
    workAll();
    workAll();
    const call = await analyser.ask({
      kind: "call",
      callId: "call-a",
      logs: [0, 2].map((index) => logs[index]?.() ?? expect.fail()),
      members: [],
    });
    expect(JSON.parse(call)).toMatchObject({ callId: "call-a" });
    expect(workers[0]?.inputs.at(-1)).toMatchObject({ type: "request", request: { kind: "call" } });
    const rows = await analyser.ask({
      kind: "rows",
      version: 1,
      sessions: logs.map((log) => ({ log: log(true), complete: false })),
    });
    expect(rows.map(({ sessionId }) => sessionId).toSorted()).toEqual(["a-1", "a-2", "b-1"]);
    expect(workers[1]?.inputs.at(-1)).toMatchObject({
      request: { sessions: [{ log: { sessionId: "b-1" } }] },
    });
    expect(workers[2]?.inputs.some(({ type }) => type === "request")).toBe(false);
  });

  test("a session that came back and ended again while its rows were made is still followed", async () => {
    const log = createLog("a-1", "call-a");
    const { bytes } = log();
    analyser.follow({ ...log(true), bytes: bytes - 1 });
    workAll();
    const rows = analyser.ask({
      kind: "rows",
      version: 1,
      sessions: [{ log: { ...log(true), bytes: bytes - 1 }, complete: false }],
    });
    // What was closed does not grow: it is to be followed anew.
    expect(analyser.grown("a-1", bytes)).toBe(false);
    analyser.follow(log());
    analyser.follow(log(true));
    expect(await rows).toMatchObject([{ finished: true, bytes: bytes - 1 }]);
    summaries = [];
    workAll();
    expect(summaries).toEqual(["a-1"]);
    const again = await analyser.ask({
      kind: "rows",
      version: 2,
      sessions: [{ log: log(true), complete: false }],
    });
    expect(again).toMatchObject([{ finished: true, bytes }]);
    expect(analyser.lag.workers[0]?.sessions).toBe(0);
  });

  test("a worker that ends is replaced, and only its sessions are read again, to where they are now", async () => {
    const logs = [createLog("a-1", "call-a"), createLog("b-1", "call-b")];
    for (const log of logs) analyser.follow({ ...log(), bytes: 60 });
    analyser.setThresholds("default", {});
    analyser.grown("a-1", logs[0]?.().bytes ?? 0);
    workers[0]?.crash();
    expect(analyser.lag.workers[0]).toMatchObject({ isRunning: false });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(restarts).toBe(1);
    expect(workers).toHaveLength(4);
    expect(workers[3]?.inputs.map(({ type }) => type)).toEqual(["thresholds", "log"]);
    expect(workers[3]?.inputs[1]).toMatchObject({ log: { sessionId: "a-1", bytes: logs[0]?.().bytes } });
    workAll();
    expect(summaries).toContain("a-1");
    expect(analyser.lag.workers[0]).toMatchObject({ isRunning: true, restarts: 1, sessions: 1 });
  });

  test("a session that ends every worker is left alone in the end, and the others of that worker go on", async () => {
    const logs = new Map(["a-1", "a-2"].map((id) => [id, createLog(`session-${id}`, "call-a")] as const));
    const poison = logs.get("a-1")?.() ?? expect.fail();
    const other = logs.get("a-2")?.() ?? expect.fail();
    for (const log of [poison, other]) analyser.follow(log);
    workAll();
    workAll();
    const ask = (sessions: readonly LogReference[]): Promise<readonly { readonly sessionId: string }[]> =>
      analyser.ask({
        kind: "rows",
        version: 1,
        sessions: sessions.map((log) => ({ log: { ...log, finished: true }, complete: true })),
      });
    // Both are with the first, and one after the other takes its place.
    workers[0]?.crash(poison.sessionId);
    for (const blamed of [undefined, poison.sessionId, undefined, other.sessionId, poison.sessionId]) {
      expect(failures).toEqual([]);
      await vi.advanceTimersByTimeAsync(10_000);
      workers.at(-1)?.crash(blamed);
    }
    expect(failures).toEqual([poison.sessionId]);
    await vi.advanceTimersByTimeAsync(10_000);
    const last = workers.at(-1) ?? expect.fail();
    expect(last.inputs.map((input) => input.type === "log" && input.log.sessionId)).toEqual([
      other.sessionId,
    ]);
    summaries = [];
    last.work();
    expect(summaries).toEqual([other.sessionId]);
    // It goes on, and nobody asks a worker for it any more.
    expect(analyser.grown(poison.sessionId, poison.bytes + 1)).toBe(true);
    analyser.follow({ ...poison, finished: true });
    await expect(analyser.ask({ kind: "analysis", log: poison })).rejects.toThrow(SessionSetAside);
    const call = await analyser.ask({ kind: "call", callId: "call-a", logs: [poison, other], members: [] });
    expect(call).toContain(other.sessionId);
    expect(call).not.toContain(poison.sessionId);
    const alone = analyser.ask({ kind: "call", callId: "call-a", logs: [poison], members: [] });
    await expect(alone).rejects.toThrow(SessionSetAside);
    expect((await ask([poison, other])).map(({ sessionId }) => sessionId)).toEqual([other.sessionId]);
    expect(last.inputs.some((input) => JSON.stringify(input).includes(poison.sessionId))).toBe(false);
  });

  test("a worker that does not come back is replaced after five minutes, in which the machine did not stand still", async () => {
    const log = createLog("session-1", "call-a")();
    analyser.follow(log);
    const silent = workers[0] ?? expect.fail();
    for (let second = 0; second < 400; second += 1) {
      workAll();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(workers).toHaveLength(3);
    createWorkMark(silent.memory).set(log.sessionId);
    // The clock goes on by an hour at once: one look.
    vi.setSystemTime(Date.now() + 3_600_000);
    for (let second = 0; second < 298; second += 1) {
      workers.slice(1).forEach((worker) => worker.work());
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(silent.isTerminated).toBe(false);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(silent.isTerminated).toBe(true);
    expect(restarts).toBe(1);
    expect(workers).toHaveLength(4);
    workAll();
    expect(summaries).toContain(log.sessionId);
  });

  test("what grows is told together, and more only when that was taken", async () => {
    const log = createLog("a-1", "call-a")();
    analyser.follow(log);
    expect(analyser.grown("unknown", 1)).toBe(false);
    const told = (): number[][] =>
      (workers[0]?.inputs ?? []).flatMap((input) => (input.type === "grown" ? [[...input.sizes]] : []));
    for (let bytes = 1; bytes <= 100; bytes += 1) expect(analyser.grown("a-1", log.bytes + bytes)).toBe(true);
    await vi.advanceTimersByTimeAsync(250);
    expect(told()).toEqual([[1, log.bytes + 100]]);
    for (let bytes = 101; bytes <= 200; bytes += 1) analyser.grown("a-1", log.bytes + bytes);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(told()).toHaveLength(1);
    workers[0]?.work();
    await vi.advanceTimersByTimeAsync(250);
    expect(told()).toEqual([
      [1, log.bytes + 100],
      [1, log.bytes + 200],
    ]);
  });

  test("lag is the age of the oldest that waits, also of a worker that says nothing any more", () => {
    const log = createLog("a-1", "call-a")();
    analyser.follow(log);
    workAll();
    expect(analyser.lag).toMatchObject({ bytes: 0, ageMs: 0 });
    clock = 30_000;
    expect(analyser.lag.ageMs).toBeGreaterThan(25_000);
    workAll();
    expect(analyser.lag.ageMs).toBe(0);
  });

  test("nobody waits for an answer once it is closed", async () => {
    const log = createLog("a-1", "call-a")();
    await analyser.close();
    await expect(analyser.ask({ kind: "analysis", log })).rejects.toThrow("the server is stopping");
    expect(vi.getTimerCount()).toBe(0);
  });
});
