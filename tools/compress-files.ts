import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** Text that a browser loads; pictures and fonts are compressed already. */
const compressible = /\.(?:js|css|html|svg|json|map|txt|wasm)$/;

/** A smaller file fits into one packet anyway, in bytes. Ours. */
const smallestBytes = 1024;

/**
 * Writes `.br` and `.gz` beside every file of a folder that gets smaller by it, for servers that hand out what a browser
 * accepts. Done once at build, it may take the time that the best ratio takes.
 */
export function compressFiles(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const path = join(folder, name);
    if (!compressible.test(name) || statSync(path).size < smallestBytes) continue;
    const content = readFileSync(path);
    const brotli = brotliCompressSync(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    });
    const gzip = gzipSync(content, { level: constants.Z_BEST_COMPRESSION });
    if (brotli.length < content.length) writeFileSync(`${path}.br`, brotli);
    if (gzip.length < content.length) writeFileSync(`${path}.gz`, gzip);
  }
}
