import type { Worker } from "node:worker_threads";
import type { AnalysisAnswers, AnalysisRequest, WorkerInput, WorkerOutput } from "./messages.ts";

/** What the link needs of a worker thread; a `Worker` is one. */
export type WorkerThread = Pick<Worker, "on" | "postMessage" | "terminate">;

export interface WorkerLinkOptions {
  readonly start: () => WorkerThread;
  readonly onMessage: (message: Exclude<WorkerOutput, { type: "answer" | "failure" }>) => void;
  /** A new thread runs after a failure; it knows nothing yet. */
  readonly onRestart: (error: Error) => void;
}

/** One analysis worker, started again whenever it ends. */
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
  let worker: WorkerThread | null = start();

  function start(): WorkerThread {
    const started = options.start();
    const startedAt = Date.now();
    let over = false;
    started.on("message", onMessage);
    started.on("error", (error) => failed(error instanceof Error ? error : new Error(String(error))));
    started.on("exit", (code) => failed(new Error(`an analysis worker ended with exit code ${code}`)));
    function failed(error: Error): void {
      if (over || closing) return;
      over = true;
      worker = null;
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

  function rejectAll(error: Error): void {
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    waiting.clear();
  }

  function onMessage(message: WorkerOutput): void {
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
      rejectAll(new Error("the server is stopping"));
      await worker?.terminate();
    },
  };
}
