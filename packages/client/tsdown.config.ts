import { copyFileSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfig } from "tsdown";

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const config: UserConfig[] = defineConfig([
  // For bundlers: readable, the codec as a dependency.
  {
    entry: ["src/index.ts"],
    format: "esm",
    logLevel: "warn",
    platform: "browser",
    target: "es2022",
    dts: true,
    // Both write into dist at the same time.
    clean: false,
    fixedExtension: false,
  },
  // For <script type="module">: everything in one minified file, which the server hands out as /sdk/peerscope.js.
  {
    entry: { "peerscope.min": "src/index.ts" },
    format: "esm",
    logLevel: "warn",
    platform: "browser",
    target: "es2022",
    dts: false,
    minify: true,
    clean: false,
    fixedExtension: false,
    deps: { alwaysBundle: [/^@peerscope\//] },
    inputOptions: { resolve: { conditionNames: ["@peerscope/source", "import"] } },
    hooks: {
      "build:done": () => {
        mkdirSync(fromHere("../server/sdk"), { recursive: true });
        copyFileSync(fromHere("dist/peerscope.min.js"), fromHere("../server/sdk/peerscope.js"));
      },
    },
  },
]);
export default config;
