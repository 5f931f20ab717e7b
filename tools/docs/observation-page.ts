import type { ObservationDefinition } from "@peerscope/observer";
import { parentRows } from "../../packages/observer/src/attribute/parents-table.ts";
import type { Facts } from "../../packages/observer/src/words/observation-texts.ts";
import { observationTexts } from "../../packages/observer/src/words/observations/index.ts";

/** What a text says when nothing is known but the observation itself. */
const general: Facts = {
  media: "sound or picture",
  kind: null,
  direction: null,
  ongoing: false,
  when: "",
  size: "",
  share: "",
  is: () => false,
};

const guardMeanings: Readonly<Record<string, string>> = {
  G1: "muted, on hold, camera off",
  G2: "hidden tab",
  G3: "discontinuous transmission",
  G4: "static screen share",
  G5: "layer switch",
  G6: "replaced track",
  G7: "ICE restart",
  G8: "suspended machine or clock jump",
  G9: "ramp-up",
  G10: "new baseline",
  G11: "stale report",
  G12: "too little data",
  G13: "not reported by this browser",
  G14: "intended end",
  G15: "layer off by design",
  G16: "delay that was chosen",
  G17: "test session",
  G18: "overhead in byte counters",
};

const code = (text: string): string => `\`${text}\``;
const link = (id: string, known: ReadonlySet<string>): string =>
  known.has(id) ? `[${code(id)}](${id}.md)` : code(id);

function onRule({ on, clearSeconds, levels }: ObservationDefinition): string[] {
  if (levels.length === 0) return [];
  const raised =
    on.rule === "share"
      ? `A level is raised when it is exceeded in ${on.need} of the last ${on.of} judged steps${on.strong === undefined ? "" : `, where a step above ${on.strong} times the level counts twice`}`
      : on.rule === "for"
        ? `A level is raised when it is exceeded in every judged step of ${on.seconds} s`
        : "A level is raised as soon as it is exceeded";
  const cleared =
    clearSeconds === 0 ? "at once below its lower value" : `after ${clearSeconds} s below its lower value`;
  return ["", `${raised}, and let go ${cleared}.`];
}

function levelTable({ levels, unit }: ObservationDefinition): string[] {
  if (levels.length === 0) return [];
  const suffix = unit === "" ? "" : ` ${unit}`;
  return [
    "",
    "| severity | raised above | let go below |",
    "| --- | --- | --- |",
    ...levels.map(({ severity, on, clear }) => `| ${severity} | ${on}${suffix} | ${clear}${suffix} |`),
  ];
}

function thresholdTable({ thresholds }: ObservationDefinition): string[] {
  const entries = Object.entries(thresholds);
  if (entries.length === 0) return [];
  return [
    "",
    "| constant | value |",
    "| --- | --- |",
    ...entries.map(([name, value]) => `| ${code(name)} | ${value} |`),
  ];
}

function relations(id: string, known: ReadonlySet<string>): string[] {
  const explainedBy = new Set<string>();
  const explains = new Set<string>();
  for (const [parents, effects] of parentRows) {
    if (effects.includes(id)) for (const parent of parents) if (known.has(parent)) explainedBy.add(parent);
    if (parents.includes(id)) for (const effect of effects) if (known.has(effect)) explains.add(effect);
  }
  const lines: string[] = [];
  if (explainedBy.size > 0)
    lines.push(`- Can be explained by ${[...explainedBy].map((one) => link(one, known)).join(", ")}.`);
  if (explains.size > 0)
    lines.push(`- Can explain ${[...explains].map((one) => link(one, known)).join(", ")}.`);
  return lines.length === 0 ? [] : ["", "## Causes and effects", "", ...lines];
}

/** The reference page of one observation, from its definition and its texts. */
export function observationPage(definition: ObservationDefinition, known: ReadonlySet<string>): string {
  const texts = observationTexts[definition.id];
  if (texts === undefined) throw new Error(`${definition.id} has no texts in packages/observer/src/words.`);
  const lines = [
    `# ${definition.id}`,
    "",
    "<!-- Written by `npm run docs:observations` from the definition; change it there. -->",
    "",
    `**${definition.title}.** ${definition.meaning}`,
    "",
    "| | |",
    "| --- | --- |",
    `| category | ${definition.category} |`,
    `| severity | ${definition.severities.join(", ")} |`,
    `| usual fault domain | ${definition.domainHint} |`,
    `| can be stated as the cause | ${definition.effect ? "no: it is an effect" : definition.severities.every((one) => one === "info") ? "no: it is context" : "yes"} |`,
    `| tier | ${definition.tier} |`,
    "",
    "## Raised",
    "",
    sentence(definition.onText),
    ...onRule(definition),
    ...levelTable(definition),
    ...thresholdTable(definition),
    "",
    `Let go: ${sentence(definition.clearText)}`,
  ];
  if (texts.measured !== "") lines.push("", `Measured by: ${texts.measured}`);
  if (definition.exceptions.length > 0) {
    lines.push("", "## Not raised when", "");
    for (const { guard, when } of definition.exceptions) {
      lines.push(`- ${when}${guard === undefined ? "" : ` (${guard}: ${guardMeanings[guard] ?? ""})`}`);
    }
  }
  lines.push(
    "",
    "## Not computable",
    "",
    definition.blindIn === "" ? "No restriction is known." : definition.blindIn,
    "",
    "## Evidence",
    "",
    ...definition.evidence.map((name) => `- ${code(name)}`),
    ...relations(definition.id, known),
    "",
    "## What to do",
    "",
    `- The person in the call: ${texts.support(general)}`,
    `- The developer: ${texts.developer(general)}`,
    "",
  );
  return lines.join("\n");
}

/** The list of all observations, by category. */
export function observationIndex(
  definitions: readonly ObservationDefinition[],
  catalogVersion: string,
): string {
  const categories = [...new Set(definitions.map(({ category }) => category))];
  const lines = [
    "# The catalogue of observations",
    "",
    "<!-- Written by `npm run docs:observations` from the definitions; change them there. -->",
    "",
    `Catalogue version ${catalogVersion}: ${definitions.length} observations. How they are judged, and what has to be kept apart, is in [observations](../observations.md).`,
  ];
  for (const category of categories) {
    lines.push("", `## ${category}`, "", "| id | what it says | severity |", "| --- | --- | --- |");
    for (const { id, category: own, meaning, severities } of definitions) {
      if (own === category) lines.push(`| [${code(id)}](${id}.md) | ${meaning} | ${severities.join(", ")} |`);
    }
  }
  return `${lines.join("\n")}\n`;
}

const sentence = (text: string): string => {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
};
