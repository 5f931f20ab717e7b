import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { compressFiles } from "../../tools/compress-files.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const backend = process.env["PEERSCOPE_DEV_BACKEND"] ?? "http://127.0.0.1:8080";

// Two pages: the dashboard and the demo call. They share nothing but the look, so neither pays for the other.
const input: Record<string, string> = { index: at("index.html") };
if (existsSync(at("demo.html"))) input["demo"] = at("demo.html");

const outDir = at("../server/static");

/** The server hands out files as they are: compressed ones have to lie beside them. */
const compressed: Plugin = {
  name: "compressed-files",
  apply: "build",
  closeBundle: () => compressFiles(outDir),
};

export default defineConfig({
  plugins: [react(), tailwindcss(), compressed],
  // The other packages are bundled from their source; nothing has to be built first.
  resolve: { conditions: ["@peerscope/source", "module", "browser", "development|production"] },
  worker: { format: "es" },
  build: {
    outDir,
    emptyOutDir: true,
    target: "es2022",
    // Everything stays a file: the server's content security policy allows nothing inline.
    assetsInlineLimit: 0,
    rolldownOptions: { input },
  },
  server: {
    proxy: {
      "/api": backend,
      "/healthz": backend,
      "/sdk": backend,
      "/ingest": { target: backend, ws: true },
    },
  },
});
