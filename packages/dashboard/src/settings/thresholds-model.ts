import type { ObservationDefinition } from "@peerscope/observer";

/** Thresholds of a project as the server keeps them: by observation, only what differs. */
export type Thresholds = Readonly<Record<string, unknown>>;

/** One number of an observation that a project may change. */
export interface ThresholdValue {
  /** Path within the observation: ["levels", "minor", "on"]. */
  readonly path: readonly string[];
  /** "Minor: raised above" */
  readonly label: string;
  readonly unit: string;
  readonly standard: number;
  /** Undefined: the catalogue's. */
  readonly own: number | undefined;
}

/** An observation with what a project changed of it. */
export interface ThresholdRow {
  readonly definition: ObservationDefinition;
  readonly isOff: boolean;
  readonly values: readonly ThresholdValue[];
  /** How many values differ from the catalogue. */
  readonly changes: number;
}

/** Every observation with its values, in the order of the catalogue; those that `find` is in. */
export function thresholdRows(
  catalog: Iterable<ObservationDefinition>,
  thresholds: Thresholds,
  find: string,
): ThresholdRow[] {
  const wanted = find.trim().toLowerCase();
  const rows: ThresholdRow[] = [];
  for (const definition of catalog) {
    const text = `${definition.id} ${definition.title} ${definition.category}`.toLowerCase();
    if (!text.includes(wanted)) continue;
    const values = valuesOf(definition, thresholds);
    rows.push({
      definition,
      values,
      isOff: at(thresholds, [definition.id, "off"]) === true,
      changes: values.filter(({ own }) => own !== undefined).length,
    });
  }
  return rows;
}

function valuesOf(definition: ObservationDefinition, thresholds: Thresholds): ThresholdValue[] {
  const { id, levels, on, clearSeconds, unit } = definition;
  const value = (path: readonly string[], label: string, of: string, standard: number): ThresholdValue => {
    const own = at(thresholds, [id, ...path]);
    return { path, label, unit: of, standard, own: typeof own === "number" ? own : undefined };
  };
  const rule =
    on.rule === "share"
      ? [
          value(["on", "need"], "Steps that have to be above", "", on.need),
          value(["on", "of"], "Of the last steps", "", on.of),
          ...(on.strong === undefined
            ? []
            : [value(["on", "strong"], "Counts twice from so many times the level", "", on.strong)]),
        ]
      : on.rule === "for"
        ? [value(["on", "seconds"], "Without a break for", "s", on.seconds)]
        : [];
  return [
    ...levels.flatMap(({ severity, on: raised, clear }) => {
      const name = severity.charAt(0).toUpperCase() + severity.slice(1);
      return [
        value(["levels", severity, "on"], `${name}: raised above`, unit, raised),
        value(["levels", severity, "clear"], `${name}: let go below`, unit, clear),
      ];
    }),
    ...rule,
    value(["clearSeconds"], "Let go after", "s", clearSeconds),
    ...Object.entries(definition.thresholds).map(([name, standard]) =>
      value(["thresholds", name], spaced(name), "", standard),
    ),
  ];
}

/** "reportOlderThanSeconds" as "Report older than seconds". */
function spaced(name: string): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** With one value changed; undefined takes the catalogue's. Nothing that is empty stays. */
export function withValue(
  thresholds: Thresholds,
  id: string,
  path: readonly string[],
  value: number | boolean | undefined,
): Thresholds {
  return put(thresholds, [id, ...path], value);
}

/** With everything as the catalogue has it, for one observation or for all. */
export function withoutChanges(thresholds: Thresholds, id: string | null): Thresholds {
  return id === null ? {} : put(thresholds, [id], undefined);
}

function put(from: Thresholds, [name, ...rest]: readonly string[], value: unknown): Thresholds {
  if (name === undefined) return from;
  const before = Object.hasOwn(from, name) ? from[name] : undefined;
  const after = rest.length === 0 ? value : put(isObject(before) ? before : {}, rest, value);
  const others = Object.entries(from).filter(([other]) => other !== name);
  const isEmpty = after === undefined || (isObject(after) && Object.keys(after).length === 0);
  return Object.fromEntries(isEmpty ? others : [...others, [name, after]]);
}

function at(from: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined),
    from,
  );
}

function isObject(value: unknown): value is Thresholds {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
