import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "tsdown";

/** What an app ships. */
export interface BundleSize {
  readonly name: string;
  readonly minifiedBytes: number;
  readonly gzipBytes: number;
}

const folder = fileURLToPath(new URL("..", import.meta.url));

/** Builds the self-contained SDK and measures it: ESM, minified, gzip -9. */
export const measureBundle = async (): Promise<BundleSize> => {
  await build({ cwd: folder, logLevel: "error" });
  const bytes = readFileSync(`${folder}/dist/peerscope.min.js`);
  return {
    name: "@peerscope/client (ESM)",
    minifiedBytes: bytes.length,
    gzipBytes: gzipSync(bytes, { level: 9 }).length,
  };
};
