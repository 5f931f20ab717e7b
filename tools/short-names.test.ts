import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { shortNames } from "../packages/client/scripts/short-names.ts";

const packages = fileURLToPath(new URL("../packages", import.meta.url));
const libraries = dirname(createRequire(import.meta.url).resolve("typescript"));

const read = (path: string): string =>
  readFileSync(path, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*/gm, "");
const wordsOf = (text: string): ReadonlySet<string> => new Set(text.match(/[\w$]+/g));

/** Sources that are in the self-contained files. */
const sources = [join(packages, "client/src"), join(packages, "schema/src/wire")].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !/\.test\.ts$|testing\//.test(path))
    .map((path) => join(folder, path)),
);
const start = read(join(packages, "client/src/start.ts"));

/** What others than the SDK ask for or give. */
const foreign: Readonly<Record<string, string>> = {
  "the language and the DOM": readdirSync(libraries)
    .filter((name) => /^lib\..*\.d\.ts$/.test(name))
    .map((name) => read(join(libraries, name)))
    .join("\n"),
  ...Object.fromEntries(
    ["events.ts", "records.ts", "wire/messages.ts"].map((name) => [
      name,
      read(join(packages, "schema/src", name)),
    ]),
  ),
  "what the page before left": read(join(packages, "client/src/transport/page-left.ts")),
  "options and monitor": start.slice(
    start.indexOf("export interface"),
    start.indexOf("export function start"),
  ),
};

describe("a member with a short name in the self-contained files", () => {
  it.each(Object.entries(foreign))("is none of %s", (_, text) => {
    const words = wordsOf(text);
    expect(words.size).toBeGreaterThan(10);
    expect(Object.keys(shortNames).filter((name) => words.has(name))).toEqual([]);
  });

  it("is never asked for by a text", () => {
    // A member of a type, as in `Platform["openSocket"]`, is no text.
    const texts = sources.flatMap((path) => read(path).match(/(?<!\w\[)"[^"\n]*"|`[^`]*`/g) ?? []);
    expect(texts.length).toBeGreaterThan(300);
    const quoted = new Set(texts.map((text) => text.slice(1, -1)));
    expect(Object.keys(shortNames).filter((name) => quoted.has(name))).toEqual([]);
  });

  it("has a name of its own, which no other member of the sources has", () => {
    const short = Object.values(shortNames);
    expect(new Set(short).size).toBe(short.length);
    const members = wordsOf(
      sources
        .flatMap(
          (path) => read(path).match(/(?<=[\w)\]?]\.)[\w$]+|(?<=[{,]\s*(readonly )?)[\w$]+(?=\??:)/g) ?? [],
        )
        .join(" "),
    );
    expect(members.size).toBeGreaterThan(300);
    expect(short.filter((name) => members.has(name))).toEqual([]);
  });
});
