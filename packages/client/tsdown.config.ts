import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfig } from "tsdown";
import { compressFile } from "../../tools/compress-files.ts";
import { createShortNames } from "./scripts/short-names.ts";

/** What the server hands out below /sdk/, with a compressed form of each beside it. */
const served = fileURLToPath(new URL("../server/sdk", import.meta.url));

const common = {
  logLevel: "warn",
  platform: "browser",
  target: "es2022",
  // All of them write into dist at the same time.
  clean: false,
  fixedExtension: false,
} as const satisfies UserConfig;

/** Everything in it, minified, for pages without a bundler. */
const selfContained = {
  ...common,
  dts: false,
  minify: true,
  plugins: [createShortNames()],
  // Not named in the file: `npm run size` reads it to tell what weighs how much.
  sourcemap: "hidden",
  deps: { alwaysBundle: [/^@peerscope\//] },
  inputOptions: { resolve: { conditionNames: ["@peerscope/source", "import"] } },
  hooks: {
    "build:done": ({ chunks }) => {
      mkdirSync(served, { recursive: true });
      for (const { outDir, fileName } of chunks) {
        if (!fileName.endsWith(".js")) continue;
        const file = join(served, fileName.replace(".min.", "."));
        copyFileSync(join(outDir, fileName), file);
        compressFile(file);
      }
    },
  },
} as const satisfies UserConfig;

const config: UserConfig[] = defineConfig([
  // For bundlers: readable, the codec as a dependency.
  {
    ...common,
    entry: ["src/index.ts"],
    format: "esm",
    dts: true,
    outputOptions: { chunkFileNames: "[name].js" },
  },
  // For <script type="module">. Parts that load on demand lie beside it under names that stay: a page that has an older main
  // file open still finds them after the server was updated.
  {
    ...selfContained,
    entry: { "peerscope.min": "src/index.ts" },
    format: "esm",
    outputOptions: { chunkFileNames: "peerscope-[name].js" },
  },
  // For <script>: one file that sets `Peerscope`.
  {
    ...selfContained,
    entry: { peerscope: "src/index.ts" },
    format: "iife",
    globalName: "Peerscope",
    outputOptions: { entryFileNames: "[name].iife.js", codeSplitting: false },
  },
]);
export default config;
