import type { Worker } from "node:worker_threads";
import type { LogReference } from "../ingest/session-registry.ts";
import { entryUrl, startWorkerThread } from "../entry.ts";
import type { AnalysisAnswers, AnalysisRequest, WorkerInput, WorkerOutput } from "./messages.ts";

export interface AnalyserOptions {
  readonly onSummary: (message: Extract<WorkerOutput, { type: "summary" }>) => void;
  readonly onFramesRefused: (sessionId: string, codes: readonly string[]) => void;
  readonly onFailed: (sessionId: string, message: string) => void;
  /** The worker failed and a new one runs; it knows nothing yet. */
  readonly onRestart: (error: Error) => void;
}

/** The analysis worker as the main thread sees it. */
export interface Analyser {
  /** The log grew, was finished or was opened again. */
  follow(log: LogReference): void;
  forget(sessionId: string): void;
  /** @throws Error when the worker fails or takes longer than a minute. */
  ask<Kind extends AnalysisRequest["kind"]>(
    request: Extract<AnalysisRequest, { kind: Kind }>,
  ): Promise<AnalysisAnswers[Kind]>;
  close(): Promise<void>;
}

/** The longest that a page waits for an analysis, in milliseconds. Ours. */
const answerTimeoutMs = 60_000;

export function createAnalyser(options: AnalyserOptions): Analyser {
  interface Waiting {
    readonly resolve: (value: never) => void;
    readonly reject: (error: Error) => void;
    readonly timer: NodeJS.Timeout;
  }
  const waiting = new Map<number, Waiting>();
  let nextId = 0;
  let closing = false;
  let restartDelayMs = 0;
  let worker: Worker | null = startWorker();

  function startWorker(): Worker {
    const started = startWorkerThread(entryUrl("analyse-worker", "./analyse/"));
    const startedAt = Date.now();
    started.on("message", onMessage);
    started.on("error", (error) => failed(error instanceof Error ? error : new Error(String(error))));
    started.on("exit", (code) => failed(new Error(`the analysis worker ended with exit code ${code}`)));
    let over = false;
    function failed(error: Error): void {
      if (over || closing) return;
      over = true;
      for (const { reject, timer } of waiting.values()) {
        clearTimeout(timer);
        reject(error);
      }
      waiting.clear();
      worker = null;
      // A worker that ran for a while is replaced at once, one that fails at its start is given pauses.
      restartDelayMs = Date.now() - startedAt > 30_000 ? 0 : Math.min(30_000, restartDelayMs * 2 + 100);
      setTimeout(() => {
        if (closing) return;
        worker = startWorker();
        options.onRestart(error);
      }, restartDelayMs);
    }
    return started;
  }

  function onMessage(message: WorkerOutput): void {
    switch (message.type) {
      case "summary":
        return options.onSummary(message);
      case "frames-refused":
        return options.onFramesRefused(message.sessionId, message.codes);
      case "analysis-failed":
        return options.onFailed(message.sessionId, message.message);
      case "answer":
      case "failure": {
        const entry = waiting.get(message.id);
        if (entry === undefined) return;
        waiting.delete(message.id);
        clearTimeout(entry.timer);
        if (message.type === "answer") entry.resolve(message.value as never);
        else entry.reject(new Error(message.message));
      }
    }
  }

  function post(input: WorkerInput): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
    worker?.postMessage(input);
  }

  return {
    follow: (log) => post({ type: "log", log }),
    forget: (sessionId) => post({ type: "forget", sessionId }),
    ask(request) {
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
    async close() {
      closing = true;
      for (const { reject, timer } of waiting.values()) {
        clearTimeout(timer);
        reject(new Error("the server is stopping"));
      }
      waiting.clear();
      await worker?.terminate();
    },
  };
}
