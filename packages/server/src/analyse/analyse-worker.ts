import { performance } from "node:perf_hooks";
import { parentPort, threadId, workerData } from "node:worker_threads";
import { createAnalysisEngine } from "./analysis-engine.ts";
import type { WorkerInput, WorkerStart } from "./messages.ts";
import { createRestingFile } from "./resting-file.ts";
import { lowerThreadPriority } from "./thread-priority.ts";
import { createWorkMark } from "./work-mark.ts";

// Entry of the worker thread: connects the engine to the port, the clock and the event loop.
const port = parentPort;
if (port === null) throw new Error("analyse-worker runs as a worker thread");

const { restingFolder, mark } = workerData as WorkerStart;
const engine = createAnalysisEngine({
  send: (message, transfer) => port.postMessage(message, transfer),
  now: () => performance.now(),
  restingFile: createRestingFile(restingFolder, String(threadId)),
  mark: createWorkMark(mark),
});
let working = false;

/**
 * Analysis may be late, an acknowledgement may not. Ours: between the main thread and the embedded store; the kernel gives it a third of
 * what the main thread gets while both want the same core, so it still goes on under any load.
 */
lowerThreadPriority(5);

/** Worked in one go, in milliseconds. Ours. */
const pieceMs = 8;

function work(): void {
  const until = performance.now() + pieceMs;
  do working = engine.work();
  while (working && performance.now() < until);
  // Between two pieces the port is heard: a page that asks does not wait for a long log.
  if (working) setImmediate(work);
}

port.on("message", (input: WorkerInput) => {
  engine.receive(input);
  if (!working) {
    working = true;
    setImmediate(work);
  }
});
// Pauses of sessions end between messages.
setInterval(() => {
  if (!working) work();
}, 100);
setInterval(() => engine.tick(), 500);
