import { defineConfig, type UserConfig } from "tsdown";

const config: UserConfig = defineConfig({
  entry: ["src/index.ts"],
  format: "esm",
  logLevel: "warn",
  platform: "neutral",
  target: "es2023",
  dts: true,
  fixedExtension: false,
});
export default config;
