import { defineConfig } from "vitest/config";

// Tests read the source of the other packages; nothing has to be built for the unit project.
const resolve = { conditions: ["@peerscope/source"] };
const ssr = { resolve: { conditions: ["@peerscope/source"] } };

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.{ts,tsx}", "tools/**/*.test.ts"],
          testTimeout: 20_000,
          // Vitest leaves one core to itself unless told otherwise; of two, that is half of the machine.
          maxWorkers: "100%",
          sequence: { groupOrder: 0 },
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "e2e",
          include: ["e2e/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // One real call at a time: two of them on two cores disturb each other's jitter and freezes.
          fileParallelism: false,
          // After the unit tests: calls want the machine for themselves.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
