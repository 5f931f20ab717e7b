import { defineConfig } from "vitest/config";

// Tests read the source of the other packages; nothing has to be built for the unit project.
const resolve = { conditions: ["@peerscope/source"] };
const ssr = { resolve: { conditions: ["@peerscope/source"] } };

/**
 * What wants the machine for itself: two real calls on two cores disturb each other's jitter and freezes, and what is
 * measured would measure its neighbours.
 */
const alone = ["e2e/loop/*.test.ts", "e2e/client/*.test.ts", "e2e/dashboard/performance.test.ts"];
/**
 * Packages of plain functions, without globals, processes or files of their own: their test files share a process and what it has
 * imported. Starting one for each of 200 files takes longer than their tests.
 */
const pure = ["dashboard", "interop", "observer", "scenarios", "schema"];
const unit = {
  testTimeout: 20_000,
  // Vitest leaves one core to itself unless told otherwise; of two, that is half of the machine.
  maxWorkers: "100%",
  sequence: { groupOrder: 0 },
} as const;
/** Browsers and servers are started. */
const longer = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // CI's machine has other things to do, and a browser may be late for a moment. What passed at the second attempt is named at the end.
  retry: process.env["CI"] === undefined ? 0 : 1,
};

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          ...unit,
          name: "unit-isolated",
          include: ["packages/*/src/**/*.test.{ts,tsx}", "tools/**/*.test.ts"],
          exclude: pure.map((name) => `packages/${name}/**`),
        },
      },
      {
        resolve,
        ssr,
        test: {
          ...unit,
          name: "unit",
          include: pure.map((name) => `packages/${name}/src/**/*.test.{ts,tsx}`),
          isolate: false,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "e2e",
          include: ["e2e/**/*.test.ts"],
          exclude: alone,
          ...longer,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "e2e-alone",
          include: alone,
          ...longer,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
