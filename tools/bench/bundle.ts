import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import { build } from "tsdown";

export interface Bundle {
  /** Text of the entry. */
  readonly code: string;
  readonly minifiedBytes: number;
  readonly gzipBytes: number;
}

const here = fileURLToPath(new URL(".", import.meta.url));

/** Bundles source text as a page would ship it: one minified ES module, its dependencies included. */
export async function bundleForPage(source: string, shouldMinify = true): Promise<Bundle> {
  // Beside this file, so that imports are resolved as they are here.
  const folder = mkdtempSync(join(here, ".bundle-"));
  const output = mkdtempSync(join(tmpdir(), "peerscope-bench-"));
  try {
    writeFileSync(join(folder, "entry.ts"), source);
    await build({
      config: false,
      cwd: here,
      entry: { entry: join(folder, "entry.ts") },
      outDir: output,
      format: "esm",
      platform: "browser",
      target: "es2022",
      dts: false,
      minify: shouldMinify,
      logLevel: "error",
      deps: { alwaysBundle: [/./], onlyBundle: false },
      inputOptions: { resolve: { conditionNames: ["@peerscope/source", "browser", "import"] } },
    });
    // What is loaded on demand is in files of its own and not counted.
    const name = readdirSync(output).find((file) => /^entry\.m?js$/.test(file));
    if (name === undefined) throw new Error(`No entry in ${readdirSync(output).join()}`);
    const code = readFileSync(join(output, name));
    return {
      code: code.toString(),
      minifiedBytes: code.length,
      gzipBytes: gzipSync(code, { level: 9 }).length,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    rmSync(output, { recursive: true, force: true });
  }
}
