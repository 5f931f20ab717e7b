import type { Severity } from "@peerscope/schema";
import type { Level, ObservationDefinition } from "../detect/definition.ts";
import { observationCatalog } from "../detect/catalog.ts";
import { ExtensionError } from "./extension-error.ts";
import { nearest } from "./nearest.ts";

/** Thresholds of a project: what differs from the catalogue, checked. Made by `parseThresholds`. */
export interface Thresholds {
  /** Definitions in force, by id, for observations that differ. */
  readonly tuned: ReadonlyMap<string, ObservationDefinition>;
  /** Observations that the project does not want. */
  readonly off: ReadonlySet<string>;
  /** The same thresholds have the same text, whatever the order of their keys; "" when nothing differs. */
  readonly canonical: string;
}

/**
 * Checks the thresholds of a project. `input` is JSON: `{ "<observation id>": { "levels": { "<severity>": { "on", "clear" } },
 * "clearSeconds": 10, "on": { "need": 3, "of": 5 } | { "seconds": 10 }, "thresholds": { "<name>": 1 }, "off": true } }`, every
 * member optional. Units are those of the definition.
 * @throws ExtensionError `thresholds-invalid` for an unknown key (with the nearest one), a wrong type or levels that contradict
 * one another.
 */
export function parseThresholds(
  input: unknown,
  catalog: ReadonlyMap<string, ObservationDefinition> = observationCatalog,
): Thresholds {
  const tuned = new Map<string, ObservationDefinition>();
  const off = new Set<string>();
  const canonical: string[] = [];
  for (const [id, wanted] of Object.entries(objectAt("thresholds", input))) {
    const definition = catalog.get(id);
    if (definition === undefined) fail(id, "there is no such observation", catalog.keys());
    const members = objectAt(id, wanted);
    for (const member of Object.keys(members)) {
      if (!memberNames.includes(member))
        fail(`${id}.${member}`, "there is no such setting", memberNames, member);
    }
    const isOff = members["off"] ?? false;
    if (typeof isOff !== "boolean") fail(`${id}.off`, "must be true or false");
    if (isOff) {
      off.add(id);
      canonical.push(`${id} off`);
      continue;
    }
    const inForce = tune(definition, members);
    tuned.set(id, inForce);
    const { levels, on, clearSeconds, thresholds } = inForce;
    const constants = Object.keys(thresholds)
      .sort()
      .map((name) => [name, thresholds[name]]);
    canonical.push(`${id} ${JSON.stringify([levels, on, clearSeconds, constants])}`);
  }
  return { tuned, off, canonical: canonical.sort().join("\n") };
}

const memberNames = ["levels", "on", "clearSeconds", "thresholds", "off"];

function tune(
  definition: ObservationDefinition,
  members: Readonly<Record<string, unknown>>,
): ObservationDefinition {
  const { id } = definition;
  const clearSeconds = members["clearSeconds"] ?? definition.clearSeconds;
  return {
    ...definition,
    levels: tuneLevels(definition, members["levels"]),
    on: tuneRule(definition, members["on"]),
    clearSeconds: numberAt(`${id}.clearSeconds`, clearSeconds, 0),
    thresholds: tuneConstants(definition, members["thresholds"]),
  };
}

function tuneLevels({ id, levels }: ObservationDefinition, wanted: unknown): readonly Level[] {
  if (wanted === undefined) return levels;
  const path = `${id}.levels`;
  const changes = objectAt(path, wanted);
  const severities: readonly Severity[] = levels.map(({ severity }) => severity);
  for (const severity of Object.keys(changes)) {
    if (!severities.some((known) => known === severity)) {
      fail(`${path}.${severity}`, "this observation has no such level", severities, severity);
    }
  }
  const tuned = levels.map((level) => {
    if (changes[level.severity] === undefined) return level;
    const change = objectAt(`${path}.${level.severity}`, changes[level.severity]);
    for (const name of Object.keys(change)) {
      if (name !== "on" && name !== "clear") {
        fail(`${path}.${level.severity}.${name}`, "a level has no such member", ["on", "clear"], name);
      }
    }
    return {
      severity: level.severity,
      on: numberAt(`${path}.${level.severity}.on`, change["on"] ?? level.on),
      clear: numberAt(`${path}.${level.severity}.clear`, change["clear"] ?? level.clear),
    };
  });
  for (const [index, { severity, on, clear }] of tuned.entries()) {
    if (clear > on) fail(`${path}.${severity}`, `clear (${clear}) must not be above on (${on})`);
    const milder = tuned[index - 1];
    if (milder !== undefined && on <= milder.on) {
      fail(`${path}.${severity}`, `on (${on}) must be above that of ${milder.severity} (${milder.on})`);
    }
  }
  return tuned;
}

function tuneRule({ id, on }: ObservationDefinition, wanted: unknown): ObservationDefinition["on"] {
  if (wanted === undefined) return on;
  const path = `${id}.on`;
  const change = objectAt(path, wanted);
  const names = on.rule === "share" ? ["need", "of", "strong"] : on.rule === "for" ? ["seconds"] : [];
  for (const name of Object.keys(change)) {
    if (!names.includes(name))
      fail(`${path}.${name}`, "this observation's rule has no such member", names, name);
  }
  if (on.rule === "for")
    return { rule: "for", seconds: numberAt(`${path}.seconds`, change["seconds"] ?? on.seconds, 0, 60) };
  if (on.rule === "now") return on;
  const of = numberAt(`${path}.of`, change["of"] ?? on.of, 1, 20);
  const need = numberAt(`${path}.need`, change["need"] ?? on.need, 1, of);
  if (!Number.isInteger(of) || !Number.isInteger(need)) fail(path, "need and of must be whole numbers");
  const strong = change["strong"] ?? on.strong;
  if (strong === undefined) return { ...on, need, of };
  return { ...on, need, of, strong: numberAt(`${path}.strong`, strong, 1) };
}

function tuneConstants(
  { id, thresholds }: ObservationDefinition,
  wanted: unknown,
): ObservationDefinition["thresholds"] {
  if (wanted === undefined) return thresholds;
  const path = `${id}.thresholds`;
  const names = Object.keys(thresholds);
  const tuned: { [name: string]: number } = { ...thresholds };
  for (const [name, value] of Object.entries(objectAt(path, wanted))) {
    if (!names.includes(name)) fail(`${path}.${name}`, "this observation has no such constant", names, name);
    // Decibels are below zero; nothing else is.
    tuned[name] = numberAt(`${path}.${name}`, value, (thresholds[name] ?? 0) < 0 ? undefined : 0);
  }
  return tuned;
}

function objectAt(path: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(path, "must be an object");
  return Object.fromEntries(Object.entries(value));
}

function numberAt(path: string, value: unknown, least = -1e12, most = 1e12): number {
  if (typeof value !== "number" || !(value >= least && value <= most)) {
    fail(path, `must be a number from ${least} to ${most}`);
  }
  return value;
}

function fail(path: string, what: string, known: Iterable<string> = [], name = path): never {
  const meant = nearest(name, known);
  throw new ExtensionError(
    "thresholds-invalid",
    `${path}: ${what}.${meant === null ? "" : ` Did you mean "${meant}"?`}`,
  );
}
