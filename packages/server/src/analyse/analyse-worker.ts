import { performance } from "node:perf_hooks";
import { parentPort } from "node:worker_threads";
import { createAnalysisEngine } from "./analysis-engine.ts";
import type { WorkerInput } from "./messages.ts";

// Entry of the worker thread: connects the engine to the port, the clock and the event loop.
const port = parentPort;
if (port === null) throw new Error("analyse-worker runs as a worker thread");

const engine = createAnalysisEngine({
  send: (message) => port.postMessage(message),
  now: () => performance.now(),
});
let working = false;

function work(): void {
  working = engine.work();
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
setInterval(() => engine.tick(), 250);
