import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { createWorkerLink, type WorkerLink } from "./worker-link.ts";

/** What a thread has of a mark: the length of an id, and the id. Ends as its first message says. */
const code = `
  const { parentPort, workerData } = require("node:worker_threads");
  const bytes = Buffer.from(workerData);
  parentPort.once("message", (way) => {
    bytes[0] = bytes.write("session-of-death", 1, "latin1");
    if (way === "heap") for (const all = []; ; ) all.push(new Array(1000).fill({}));
    if (way === "thrown") throw new Error("a defect");
    if (way === "exit") process.exit(3);
  });
`;

test.each([
  ["heap", /memory limit|heap/],
  ["thrown", /a defect/],
  ["exit", /exit code 3/],
])("what a thread worked on when it ended is known: %s", { timeout: 60_000 }, async (way, says) => {
  const ends: (string | null)[] = [];
  const links: WorkerLink[] = [];
  const error = await new Promise<Error>((onRestart) => {
    const link = createWorkerLink({
      start: (mark) =>
        new Worker(code, {
          eval: true,
          workerData: mark,
          resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 },
        }),
      onMessage: () => undefined,
      onEnd: (sessionId) => ends.push(sessionId),
      onRestart,
    });
    links.push(link);
    link.post(way as never);
  });
  expect(ends).toEqual(["session-of-death"]);
  expect(error.message).toMatch(says);
  expect(links[0]?.isRunning).toBe(true);
  await links[0]?.close();
});
