/**
 * What one types to find sessions: `score<60 browser:safari -os:Windows,macOS cause:turn tag:"site=Berlin 3" kim`.
 * The same text is in addresses of the dashboard, in saved views and in the query of GET /api/sessions.
 */

/** By what sessions can be filtered and counted, in the order in which they are shown. */
export const facetNames = [
  "class",
  "cause",
  "domain",
  "observation",
  "browser",
  "version",
  "os",
  "device",
  "country",
  "network",
  "path",
  "codec",
  "app",
  "sdk",
  "tag",
  "user",
  "call",
] as const;
export type FacetName = (typeof facetNames)[number];

/** Numbers by which sessions can be filtered: the score, and the duration in seconds. */
export const facetNumbers = ["score", "duration"] as const;
export type FacetNumber = (typeof facetNumbers)[number];

/** Stands for sessions of which this is not known. */
export const noValue = "none";

/** A session has one of the values, or with `not` none of them. */
export interface ValueTerm {
  readonly facet: FacetName;
  readonly not: boolean;
  readonly values: readonly string[];
}

/** A session has a number on this side of the limit. Unknown numbers are on no side. */
export interface NumberTerm {
  readonly facet: FacetNumber;
  readonly comparison: "<" | "<=" | ">" | ">=";
  readonly limit: number;
}

export type FilterTerm = ValueTerm | NumberTerm;

export interface SessionFilterText {
  readonly terms: readonly FilterTerm[];
  /** What is no term: words to look for in ids and tag values. */
  readonly words: string;
}

/** Of one filter. Ours: more is nothing that a person chose. */
export const sessionFilterLimits = { length: 2_000, terms: 40, values: 100, valueLength: 200 } as const;

const comparisons = ["<=", ">=", "<", ">"] as const;
const units: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, min: 60, h: 3600 };
/** A piece of a filter: a term with values in quotes, or anything up to the next white space. */
const pieces = /-?[a-z]+:(?:"[^"]*"|[^\s",]+)(?:,(?:"[^"]*"|[^\s",]+))*|\S+/gi;

/** Reads a filter. Never throws: what is no term is a word. Terms of the same facet and sense are one. */
export function parseSessionFilter(text: string): SessionFilterText {
  const terms: FilterTerm[] = [];
  const words: string[] = [];
  for (const [piece] of text.slice(0, sessionFilterLimits.length).matchAll(pieces)) {
    const term = readTerm(piece);
    if (term === null || terms.length >= sessionFilterLimits.terms) words.push(piece);
    else addTerm(terms, term);
  }
  return { terms, words: words.join(" ") };
}

function addTerm(terms: FilterTerm[], term: FilterTerm): void {
  if (!("values" in term)) {
    terms.push(term);
    return;
  }
  const at = terms.findIndex(
    (known) => "values" in known && known.facet === term.facet && known.not === term.not,
  );
  const known = terms[at];
  if (known === undefined || !("values" in known)) terms.push(term);
  else terms[at] = { ...known, values: distinct([...known.values, ...term.values]) };
}

function readTerm(piece: string): FilterTerm | null {
  return readNumberTerm(piece) ?? readValueTerm(piece);
}

function readNumberTerm(piece: string): NumberTerm | null {
  const match = /^([a-z]+)(<=|>=|<|>)(\d{1,9}(?:\.\d{1,6})?)(s|m|min|h)?$/i.exec(piece);
  if (match === null) return null;
  const facet = facetNumbers.find((name) => name === match[1]?.toLowerCase());
  const comparison = comparisons.find((sign) => sign === match[2]);
  if (facet === undefined || comparison === undefined) return null;
  if (facet === "score" && match[4] !== undefined) return null;
  return { facet, comparison, limit: Number(match[3]) * (units[match[4]?.toLowerCase() ?? ""] ?? 1) };
}

function readValueTerm(piece: string): ValueTerm | null {
  const match = /^(-?)([a-z]+):(.+)$/is.exec(piece);
  const facet = facetNames.find((name) => name === match?.[2]?.toLowerCase());
  if (match === null || facet === undefined) return null;
  const values = [...(match[3] ?? "").matchAll(/"([^"]*)"|([^\s",]+)/g)]
    .map(([, quoted, plain]) => (quoted ?? plain ?? "").slice(0, sessionFilterLimits.valueLength))
    .filter((value) => value !== "");
  if (values.length === 0) return null;
  return { facet, not: match[1] === "-", values: distinct(values) };
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].slice(0, sessionFilterLimits.values);
}

/** The text of a filter. A quote inside of a value cannot be written and is left out. */
export function formatSessionFilter({ terms, words }: SessionFilterText): string {
  return [...terms.map(formatTerm), words].filter((part) => part !== "").join(" ");
}

function formatTerm(term: FilterTerm): string {
  if (!("values" in term)) return `${term.facet}${term.comparison}${term.limit}`;
  const values = term.values.map((value) => {
    const plain = value.replaceAll('"', "");
    return /[\s,]/.test(plain) ? `"${plain}"` : plain;
  });
  return `${term.not ? "-" : ""}${term.facet}:${values.join(",")}`;
}

/** A value as people may type it: small letters mean any. */
export function matchesValue(actual: string, asked: string): boolean {
  return actual === asked || asciiLower(actual) === asked;
}

function asciiLower(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
