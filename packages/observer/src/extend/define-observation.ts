import type { EventRecord, FaultDomain, Severity } from "@peerscope/schema";
import { observationCatalog } from "../detect/catalog.ts";
import type { Level, ObservationDefinition, OnRule, StandingSignal } from "../detect/definition.ts";
import { type CustomMetric, customId, type StatsInterval } from "./define-metric.ts";
import { ExtensionError } from "./extension-error.ts";

/** What the text of a project's own observation says; stored with every finding, so that readers need not know the project. */
export interface CustomTexts {
  /** At most 60 characters, sentence case. */
  readonly title: string;
  /** One sentence: what it says about the call. */
  readonly meaning: string;
  readonly support: string;
  readonly developer: string;
}

/** What an event can do to an observation of the project's own. */
export interface EventActions {
  readonly raise: (
    severity: Severity,
    evidence?: { readonly [field: string]: string | number | boolean },
  ) => void;
  readonly clear: () => void;
}

/** An observation of the project's own: a metric with levels, or something an event says. */
export interface CustomObservation extends CustomTexts {
  /** Lower-case words with hyphens; not one of the catalogue. */
  readonly id: string;
  readonly domain: FaultDomain;
  /** An effect has a cause elsewhere; it is never stated as the cause. */
  readonly effect?: boolean;
  readonly signals?: readonly StandingSignal[];
  /** Judged every two seconds, by `levels`. */
  readonly metric?: CustomMetric;
  /** Mildest first. */
  readonly levels?: readonly Level[];
  /** 3 of 5 steps when left out. */
  readonly on?: OnRule;
  /** 10 when left out. */
  readonly clearSeconds?: number;
  /** An expected state: this step counts neither way. */
  readonly unless?: (interval: StatsInterval) => boolean;
  /** Every event of the page. */
  readonly onEvent?: (event: EventRecord, actions: EventActions) => void;
}

/** A checked observation, ready for `createSessionObserver`. */
export interface Extension {
  readonly observation: CustomObservation;
  readonly definition: ObservationDefinition;
}

const made = new WeakSet<object>();

/**
 * Checks an observation of the project's own.
 * @throws ExtensionError `observation-invalid`
 */
export function defineObservation(observation: CustomObservation): Extension {
  const { id, levels = [], metric, title } = observation;
  const wrong = (what: string): never => {
    throw new ExtensionError("observation-invalid", `${id}: ${what}`);
  };
  if (typeof id !== "string" || !customId.test(id) || id.length > 60) {
    wrong('the id must be lower-case words with hyphens, like "screen-too-small"');
  }
  if (observationCatalog.has(id)) wrong("the catalogue has this id already: choose another one");
  for (const member of ["title", "meaning", "support", "developer"] as const) {
    if (typeof observation[member] !== "string" || observation[member] === "") wrong(`${member} is missing`);
  }
  if (title.length > 60) wrong("the title has more than 60 characters");
  if (metric === undefined && observation.onEvent === undefined)
    wrong("needs a metric with levels, or onEvent");
  if (metric !== undefined && levels.length === 0) wrong("a metric needs at least one level");
  for (const [index, { severity, on, clear }] of levels.entries()) {
    if (!(clear <= on)) wrong(`level ${severity}: clear must not be above on`);
    const milder = levels[index - 1];
    if (milder !== undefined && on <= milder.on)
      wrong(`level ${severity}: on must be above that of ${milder.severity}`);
  }
  const severities: Severity[] =
    levels.length > 0 ? levels.map(({ severity }) => severity) : ["info", "minor", "major", "critical"];
  const definition: ObservationDefinition = {
    id,
    category: "application",
    tier: "B",
    title,
    meaning: observation.meaning,
    domainHint: observation.domain,
    effect: observation.effect ?? false,
    severities,
    unit: metric?.unit ?? "",
    levels,
    on: observation.on ?? { rule: "share", need: 3, of: 5 },
    clearSeconds: observation.clearSeconds ?? 10,
    onText: "",
    clearText: "",
    evidence: [],
    exceptions: [],
    blindIn: "",
    ...(observation.signals === undefined ? {} : { signals: observation.signals }),
    words: {
      title,
      meaning: observation.meaning,
      support: observation.support,
      developer: observation.developer,
    },
    thresholds: {},
  };
  const extension = Object.freeze({ observation: Object.freeze({ ...observation }), definition });
  made.add(extension);
  return extension;
}

/** Did `defineObservation` make this? For modules whose exports are not known. */
export function isExtension(value: unknown): value is Extension {
  return typeof value === "object" && value !== null && made.has(value);
}
