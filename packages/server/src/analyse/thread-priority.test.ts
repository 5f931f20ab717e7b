import { getPriority } from "node:os";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

/** Runs `lowerThreadPriority` in a thread of its own: priorities that were lowered stay so. */
async function inThread(steps: number): Promise<{ done: boolean; thread: number; main: number }> {
  const module = new URL("./thread-priority.ts", import.meta.url);
  const code = `
    const { parentPort } = require("node:worker_threads");
    const { getPriority } = require("node:os");
    require("tsx/cjs/api").register();
    const { lowerThreadPriority } = require(${JSON.stringify(module.pathname)});
    const done = lowerThreadPriority(${steps});
    parentPort.postMessage({ done, thread: getPriority(0), main: getPriority(process.pid) });`;
  return new Promise((resolve, reject) => {
    const worker = new Worker(code, { eval: true });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

test.runIf(process.platform === "linux")(
  "a thread runs behind the others, which stay as they are",
  async () => {
    const before = getPriority(process.pid);
    const { done, thread, main } = await inThread(5);
    expect(done).toBe(true);
    expect(thread).toBe(Math.min(19, before + 5));
    expect(main).toBe(before);
  },
);

test.runIf(process.platform === "linux")("the lowest priority is low enough", async () => {
  expect((await inThread(40)).thread).toBe(19);
});
