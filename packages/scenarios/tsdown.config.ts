import { defineConfig, type UserConfig } from "tsdown";

const config: UserConfig = defineConfig({
  entry: { index: "src/index.ts", generate: "src/generate/index.ts" },
  format: "esm",
  logLevel: "warn",
  platform: "node",
  target: "node20",
  dts: true,
  fixedExtension: false,
});
export default config;
