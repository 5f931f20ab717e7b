import { defineConfig, type UserConfig } from "tsdown";

const config: UserConfig = defineConfig({
  // The worker thread and the store process start from files of their own.
  entry: {
    index: "src/index.ts",
    "analyse-worker": "src/analyse/analyse-worker.ts",
    "engine-process": "src/store/engine-process.ts",
  },
  format: "esm",
  logLevel: "warn",
  platform: "node",
  target: "node20",
  dts: { entry: "src/index.ts" },
  fixedExtension: false,
  copy: [{ from: "src/store/migrations", to: "dist" }],
});
export default config;
