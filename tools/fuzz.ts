/**
 * `npm run fuzz`: changes right frames, logs and messages at random and watches what the readers make of them: a declared error or
 * a result, in bounded time and memory. Ends with exit code 1 and the bytes at the first thing that must not be.
 */
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import type { FuzzFailure, FuzzJob, FuzzReport } from "./fuzz/protocol.ts";
import { createCaseMemory, readCase } from "./fuzz/shared-case.ts";

const usage = `npm run fuzz -- [--mutations N] [--seed S] [--minutes M]

--mutations N   mutations of frames (1000000); logs, bodies and messages come on top
--seed S        the same seed does the same (chosen and printed)
--minutes M     end after this time at the latest (none)`;

/** A case that takes longer is a hang. Ours: ten thousand times what the slowest takes. */
const hangMs = 30_000;
/** Memory of the worker: the frames of a session are some 100 kB, the largest result 40 MB. */
const maxMegabytes = 512;

const { values } = parseArgs({
  options: {
    mutations: { type: "string", default: "1000000" },
    seed: { type: "string" },
    minutes: { type: "string", default: "Infinity" },
    help: { type: "boolean", default: false },
  },
});
const mutations = Number(values.mutations);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const deadline = Date.now() + Number(values.minutes) * 60_000;

if (values.help || !Number.isInteger(mutations) || !Number.isInteger(seed) || Number.isNaN(deadline)) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  await fuzz();
}

async function fuzz(): Promise<void> {
  console.log(`seed ${seed}, ${mutations} mutations of frames`);
  const startedAt = performance.now();
  const memory = createCaseMemory();
  // tsx reads TypeScript in the main thread alone, unless it is asked to.
  const start = `import("tsx/esm/api").then(({ register }) => {
    register();
    return import(${JSON.stringify(new URL("./fuzz/worker.ts", import.meta.url).href)});
  });`;
  const worker = new Worker(start, {
    eval: true,
    workerData: { seed, mutations, deadline, memory } satisfies FuzzJob,
    resourceLimits: { maxOldGenerationSizeMb: maxMegabytes },
  });
  const failure = await new Promise<FuzzFailure | undefined>((resolve) => {
    let lastCase = -1;
    const watch = setInterval(() => {
      const { number } = readCase(memory);
      if (number === lastCase && number > 0) resolve(failureAt(memory, `took more than ${hangMs} ms`));
      lastCase = number;
    }, hangMs);
    watch.unref();
    worker.on("error", (error) => resolve(failureAt(memory, String(error))));
    worker.on("message", ({ done, end }: FuzzReport) => {
      const seconds = (performance.now() - startedAt) / 1_000;
      const rate = Math.round(done / seconds);
      if (!end) {
        console.log(`${done} mutations, ${rate} a second`);
        return;
      }
      const { outcomes, slowestMs } = end;
      console.log(
        `${done} mutations in ${seconds.toFixed(0)} s, ${rate} a second, slowest ${slowestMs.toFixed(1)} ms`,
      );
      for (const [outcome, times] of Object.entries(outcomes).toSorted(([, a], [, b]) => b - a)) {
        console.log(`  ${outcome}: ${times}`);
      }
      resolve(end.failure);
    });
  });
  await worker.terminate();
  if (!failure) return;
  const { problem, target, context, mutation, bytes } = failure;
  console.error(
    `FAILED: ${problem}\n${target}: ${context}\nseed ${seed}, mutation ${mutation}\nbytes ${bytes}`,
  );
  process.exitCode = 1;
}

/** A failure that the worker could not tell itself. */
function failureAt(memory: SharedArrayBuffer, problem: string): FuzzFailure {
  const { number, text, bytes } = readCase(memory);
  return { problem, target: `case ${number}`, context: text, mutation: -1, bytes };
}
