/**
 * Who may import whom. Packages are places where code runs; this list keeps each of them able to run there.
 * Run by `npm run lint` and by import-rules.test.ts.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** What the source of one package may import. Tests (`*.test.ts`, `testing/`) may import anything. */
export interface PackageRule {
  /** Workspace packages by specifier, without the scope. */
  readonly workspace: readonly string[];
  /** npm packages; "*" allows any that its package.json lists (npm itself and knip check that). */
  readonly npm: readonly string[] | "*";
  /** Node's own modules. */
  readonly node: boolean;
}

export const rules: Readonly<Record<string, PackageRule>> = {
  // Crosses every boundary, so it may depend on nothing: no DOM, no Node, no packages.
  schema: { workspace: [], npm: [], node: false },
  // Runs in other people's pages: what it imports, they ship.
  client: { workspace: ["schema"], npm: [], node: false },
  // Pure readers: usable in a page ("open a dump"), a worker and the server.
  interop: { workspace: ["schema"], npm: [], node: false },
  // Pure analysis: the same log gives the same result anywhere.
  observer: { workspace: ["schema"], npm: [], node: false },
  server: { workspace: ["schema", "schema/api", "interop", "observer"], npm: "*", node: true },
  // Reads the server only through the query contract.
  dashboard: { workspace: ["schema", "schema/api", "interop", "observer"], npm: "*", node: false },
  // Private evidence: recorded calls, generator, lab.
  scenarios: { workspace: ["schema", "interop"], npm: "*", node: true },
  cli: {
    workspace: ["schema", "schema/api", "interop", "observer", "server", "scenarios"],
    npm: "*",
    node: true,
  },
};

/** Exceptions, by folder, each with its reason. The longest matching folder adds to its package's rule. */
export const exceptions: Readonly<Record<string, Partial<PackageRule>>> = {
  // The query contract is the only part of schema that validates, and only where zod is at home.
  "packages/schema/src/api": { npm: ["zod"] },
  // The demo is an app that uses the SDK as any app would.
  "packages/dashboard/src/demo": { workspace: ["client"] },
  // Its sessions are made up in the page, for the eye and the goldens; nothing of it is in the first view.
  "packages/dashboard/src/gallery": { workspace: ["scenarios/generate"] },
};

export interface Violation {
  readonly file: string;
  readonly specifier: string;
  readonly reason: string;
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Checks one file's text as if it stood at `file` (relative to the repository). */
export function checkFile(file: string, text: string): Violation[] {
  const parts = file.split("/");
  const packageName = parts[1];
  const rule = packageName === undefined ? undefined : rules[packageName];
  if (rule === undefined) return [{ file, specifier: "", reason: "its package has no import rule" }];
  const folder = Object.keys(exceptions).find((prefix) => file.startsWith(`${prefix}/`));
  const extra = folder === undefined ? {} : exceptions[folder];
  const violations: Violation[] = [];
  for (const { fileName: specifier } of ts.preProcessFile(text, true, true).importedFiles) {
    const reason = refusal(file, specifier, rule, extra ?? {});
    if (reason !== null) violations.push({ file, specifier, reason });
  }
  return violations;
}

function refusal(
  file: string,
  specifier: string,
  rule: PackageRule,
  extra: Partial<PackageRule>,
): string | null {
  if (specifier.startsWith(".")) {
    const target = join(dirname(file), specifier).split(sep).slice(0, 2).join("/");
    const home = file.split("/").slice(0, 2).join("/");
    return target === home ? null : "a relative import leaves its package";
  }
  if (specifier.startsWith("node:")) return rule.node ? null : "this package may not see Node";
  if (specifier.startsWith("@peerscope/")) {
    const name = specifier.slice("@peerscope/".length);
    return [...rule.workspace, ...(extra.workspace ?? [])].includes(name) ? null : `may not import ${name}`;
  }
  const npm = [rule.npm, extra.npm ?? []].flat();
  const name = specifier.startsWith("@")
    ? specifier.split("/").slice(0, 2).join("/")
    : specifier.split("/")[0];
  return npm.includes("*") || npm.includes(name ?? "") ? null : "may not have runtime dependencies";
}

/** Checks every source file of every package. */
export function checkRepository(): { readonly files: number; readonly violations: readonly Violation[] } {
  const files = readdirSync(join(root, "packages"), { recursive: true, encoding: "utf8" })
    .map((path) => `packages/${path.split(sep).join("/")}`)
    .filter((path) => /^packages\/[^/]+\/src\/.*\.tsx?$/.test(path))
    .filter((path) => !/\.test\.tsx?$|\/testing\//.test(path));
  const violations = files.flatMap((file) => checkFile(file, readFileSync(join(root, file), "utf8")));
  return { files: files.length, violations };
}

if (process.argv[1] !== undefined && relative(process.argv[1], fileURLToPath(import.meta.url)) === "") {
  const { files, violations } = checkRepository();
  for (const { file, specifier, reason } of violations) console.error(`${file}: ${specifier}: ${reason}`);
  console.log(`import rules: ${files} files, ${violations.length} violations`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
