import type { Worker } from "node:worker_threads";
import type { AnalysisAnswers, AnalysisRequest, WorkerInput, WorkerOutput } from "./messages.ts";
import { createWorkMark } from "./work-mark.ts";

/** What the link needs of a worker thread; a `Worker` is one. */
export type WorkerThread = Pick<Worker, "on" | "postMessage" | "terminate">;

export interface WorkerLinkOptions {
  /** `mark`: memory of its `WorkMark`. */
  readonly start: (mark: SharedArrayBuffer) => WorkerThread;
  readonly onMessage: (message: Exclude<WorkerOutput, { type: "answer" | "failure" }>) => void;
  /** The thread ended, or was ended, while it worked on this session; null when on none. */
  readonly onEnd: (sessionId: string | null) => void;
  /** A new thread runs after a failure; it knows nothing yet. */
  readonly onRestart: (error: Error) => void;
}

/** One analysis worker, started again whenever it ends, or says nothing any more. */
export interface WorkerLink {
  /** Lost while the worker is being restarted: `onRestart` follows. */
  post(input: WorkerInput, transfer?: readonly ArrayBuffer[]): void;
  /** @throws Error when the worker fails or takes longer than a minute. */
  ask<Kind extends AnalysisRequest["kind"]>(
    request: Extract<AnalysisRequest, { kind: Kind }>,
  ): Promise<AnalysisAnswers[Kind]>;
  readonly isRunning: boolean;
  close(): Promise<void>;
}

/** The longest that a page waits for an analysis, in milliseconds. Ours. */
const answerTimeoutMs = 60_000;
/** A worker that ran for so long is replaced at once; one that fails earlier is given pauses, which double. */
const steadyAfterMs = 30_000;
const firstPauseMs = 100;
const longestPauseMs = 30_000;
/**
 * A worker that says nothing for five minutes, in which it reads a log of hundreds of megabytes, does not come back. Counted in
 * looks at it, so that a machine that stood still is not taken for that. Ours.
 */
const lookIntervalMs = 1_000;
const mostSilentLooks = 300;

export function createWorkerLink(options: WorkerLinkOptions): WorkerLink {
  interface Waiting {
    readonly resolve: (value: never) => void;
    readonly reject: (error: Error) => void;
    readonly timer: NodeJS.Timeout;
  }
  const waiting = new Map<number, Waiting>();
  let nextId = 0;
  let closing = false;
  let pauseMs = 0;
  let silentLooks = 0;
  const mark = createWorkMark();
  let fail: (error: Error) => void = () => undefined;
  let worker: WorkerThread | null = start();
  const timer = setInterval(look, lookIntervalMs);

  function start(): WorkerThread {
    mark.set(null);
    silentLooks = 0;
    const started = options.start(mark.memory);
    const startedAt = Date.now();
    let over = false;
    started.on("message", onMessage);
    started.on("error", (error) => failed(error instanceof Error ? error : new Error(String(error))));
    started.on("exit", (code) => failed(new Error(`an analysis worker ended with exit code ${code}`)));
    fail = failed;
    function failed(error: Error): void {
      if (over || closing) return;
      over = true;
      worker = null;
      options.onEnd(mark.sessionId);
      rejectAll(error);
      pauseMs =
        Date.now() - startedAt > steadyAfterMs ? 0 : Math.min(longestPauseMs, pauseMs * 2 + firstPauseMs);
      setTimeout(() => {
        if (closing) return;
        worker = start();
        options.onRestart(error);
      }, pauseMs);
    }
    return started;
  }

  function look(): void {
    silentLooks += 1;
    if (silentLooks < mostSilentLooks || worker === null) return;
    const thread = worker;
    fail(new Error(`an analysis worker said nothing for ${mostSilentLooks} seconds`));
    void thread.terminate();
  }

  function rejectAll(error: Error): void {
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    waiting.clear();
  }

  function onMessage(message: WorkerOutput): void {
    silentLooks = 0;
    if (message.type !== "answer" && message.type !== "failure") return options.onMessage(message);
    const entry = waiting.get(message.id);
    if (entry === undefined) return;
    waiting.delete(message.id);
    clearTimeout(entry.timer);
    if (message.type === "answer") entry.resolve(message.value as never);
    else entry.reject(new Error(message.message));
  }

  function post(input: WorkerInput, transfer: readonly ArrayBuffer[] = []): void {
    worker?.postMessage(input, transfer);
  }

  return {
    post,
    ask(request) {
      if (closing) return Promise.reject(new Error("the server is stopping"));
      if (worker === null) return Promise.reject(new Error("the analysis worker is being restarted"));
      nextId += 1;
      const id = nextId;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new Error("the analysis takes too long"));
        }, answerTimeoutMs);
        waiting.set(id, { resolve, reject, timer });
        post({ type: "request", id, request });
      });
    },
    get isRunning() {
      return worker !== null;
    },
    async close() {
      closing = true;
      clearInterval(timer);
      rejectAll(new Error("the server is stopping"));
      await worker?.terminate();
    },
  };
}
