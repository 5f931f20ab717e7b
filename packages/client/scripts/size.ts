import { readdirSync, readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "tsdown";

/** A file that an app ships. */
export interface BundleSize {
  /** Name in dist. */
  readonly name: string;
  readonly minifiedBytes: number;
  readonly gzipBytes: number;
}

const folder = fileURLToPath(new URL("..", import.meta.url));
/** The module that an app loads first. */
export const mainFile = "peerscope.min.js";

/** Builds the self-contained SDK and measures each of its files, minified, gzip -9. */
export const measureBundles = async (): Promise<readonly BundleSize[]> => {
  await build({ cwd: folder, logLevel: "error" });
  return readdirSync(`${folder}/dist`)
    .filter((name) => /^peerscope.*\.js$/.test(name))
    .map((name) => {
      const bytes = readFileSync(`${folder}/dist/${name}`);
      return { name, minifiedBytes: bytes.length, gzipBytes: gzipSync(bytes, { level: 9 }).length };
    });
};

/** Builds the SDK and measures its main file. */
export const measureBundle = async (): Promise<BundleSize> => {
  const main = (await measureBundles()).find(({ name }) => name === mainFile);
  if (main === undefined) throw new Error(`The build wrote no ${mainFile}.`);
  return main;
};

/**
 * Minified bytes of a built file by the source file they come from, largest first. What belongs to none, such as the code that joins
 * them, counts for the one before it.
 */
export function weighSources(name: string): readonly { readonly source: string; readonly bytes: number }[] {
  const text = readFileSync(`${folder}/dist/${name}`, "utf8");
  const map = new SourceMap(
    JSON.parse(readFileSync(`${folder}/dist/${name}.map`, "utf8")) as SourceMapPayload,
  );
  const weights = new Map<string, number>();
  for (const [line, code] of text.split("\n").entries()) {
    for (let column = 0; column < code.length; column++) {
      const entry = map.findEntry(line, column);
      if (!("originalSource" in entry)) continue;
      const source = entry.originalSource.replace(/^(\.\.\/)+/, "").replace(/^.*schema\//, "schema/");
      weights.set(source, (weights.get(source) ?? 0) + 1);
    }
  }
  return [...weights]
    .map(([source, bytes]) => ({ source, bytes }))
    .toSorted((a, b) => b.bytes - a.bytes || (a.source < b.source ? -1 : 1));
}
