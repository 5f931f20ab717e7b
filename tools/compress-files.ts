import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** Text that a browser loads; pictures and fonts are compressed already. */
const compressible = /\.(?:js|css|html|svg|json|map|txt|wasm)$/;

/** A smaller file fits into one packet anyway, in bytes. Ours. */
const smallestBytes = 1024;

/** What is written beside a file, by ending. */
const packers: Readonly<Record<string, (content: Buffer) => Buffer>> = {
  br: (content) =>
    brotliCompressSync(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
  gz: (content) => gzipSync(content, { level: constants.Z_BEST_COMPRESSION }),
};

/** {@link compressFile} for every file of a folder. */
export function compressFiles(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }))
    if (compressible.test(name)) compressFile(join(folder, name));
}

/**
 * Writes `.br` and `.gz` beside a file that gets smaller by it, for servers that hand out what a browser accepts, and removes
 * those of an earlier build otherwise. Done once at build, it may take the time that the best ratio takes.
 */
export function compressFile(path: string): void {
  const content = readFileSync(path);
  for (const [ending, pack] of Object.entries(packers)) {
    const beside = `${path}.${ending}`;
    const packed = content.length < smallestBytes ? content : pack(content);
    if (packed.length < content.length) writeFileSync(beside, packed);
    else rmSync(beside, { force: true });
  }
}
