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

/** What one source file adds to a built file. */
export interface SourceWeight {
  readonly source: string;
  readonly minifiedBytes: number;
  /** By which the compressed file is smaller without it. */
  readonly gzipBytes: number;
}

/**
 * What each source file, and each folder of them (its name ends with a slash), adds to a built file, by the names of its source map.
 * What belongs to none, such as the code that joins them, counts for the one before it.
 */
export function weighSources(name: string): readonly SourceWeight[] {
  const text = readFileSync(`${folder}/dist/${name}`, "utf8");
  const map = new SourceMap(
    JSON.parse(readFileSync(`${folder}/dist/${name}.map`, "utf8")) as SourceMapPayload,
  );
  // Source of each character.
  const sources: string[] = [];
  for (const [line, code] of text.split("\n").entries()) {
    for (let column = 0; column <= code.length; column++) {
      const entry = map.findEntry(line, column);
      const path = "originalSource" in entry ? entry.originalSource : (sources.at(-1) ?? "");
      sources.push(path.replace(/^(\.\.\/)+/, "").replace(/^.*schema\//, "schema/"));
    }
  }
  const folders = sources.map((source) => source.replace(/[^/]*$/, ""));
  const gzip = (code: string): number => gzipSync(code, { level: 9 }).length;
  const whole = gzip(text);
  const ordered = [...new Set(folders)]
    .toSorted()
    .flatMap((name) => [name, ...new Set(sources.filter((_, index) => folders[index] === name))]);
  return ordered.map((source) => {
    const belongs = source.endsWith("/") ? folders : sources;
    const rest = text
      .split("")
      .filter((_, index) => belongs[index] !== source)
      .join("");
    return { source, minifiedBytes: text.length - rest.length, gzipBytes: whole - gzip(rest) };
  });
}
