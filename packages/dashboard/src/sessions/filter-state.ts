import {
  formatSessionFilter,
  matchesValue,
  parseSessionFilter,
  type FacetName,
  type FacetNumber,
  type FilterTerm,
  type NumberTerm,
  type ValueTerm,
} from "@peerscope/schema";
import { omit, type SessionsSearch } from "../url/search.ts";

/** The terms of the filter in the URL, which facets and the query bar both edit. */
export function termsOf(search: SessionsSearch): readonly FilterTerm[] {
  return parseSessionFilter(search.filter ?? "").terms;
}

/** Words that look like a filter and are none, so that they are looked for as text. */
export function strangeWords(words: string): readonly string[] {
  return words.split(" ").filter((word) => /^-?\w+(:|[<>])/.test(word));
}

export function isValueTerm(term: FilterTerm): term is ValueTerm {
  return "values" in term;
}

/** The state with other terms; words that stand in the filter stay. */
export function withTerms(search: SessionsSearch, terms: readonly FilterTerm[]): SessionsSearch {
  const { words } = parseSessionFilter(search.filter ?? "");
  const filter = formatSessionFilter({ terms, words });
  return { ...omit(search, "filter"), ...(filter === "" ? {} : { filter }) };
}

/** Whether a value is asked for, kept out, or neither. */
export function stateOf(
  terms: readonly FilterTerm[],
  facet: FacetName,
  value: string,
): "in" | "out" | "neither" {
  for (const term of terms) {
    if (!isValueTerm(term) || term.facet !== facet) continue;
    if (term.values.some((asked) => matchesValue(value, asked))) return term.not ? "out" : "in";
  }
  return "neither";
}

/** Asks for a value or keeps it out, or takes that back when it is so already. */
export function toggled(
  terms: readonly FilterTerm[],
  facet: FacetName,
  value: string,
  not: boolean,
): readonly FilterTerm[] {
  const before = stateOf(terms, facet, value);
  const cleared = terms.flatMap((term): FilterTerm[] => {
    if (!isValueTerm(term) || term.facet !== facet) return [term];
    const values = term.values.filter((asked) => !matchesValue(value, asked));
    return values.length === 0 ? [] : [{ ...term, values }];
  });
  if (before === (not ? "out" : "in")) return cleared;
  const known = cleared.find((term) => isValueTerm(term) && term.facet === facet && term.not === not);
  if (known === undefined || !isValueTerm(known)) return [...cleared, { facet, not, values: [value] }];
  return cleared.map((term) => (term === known ? { ...known, values: [...known.values, value] } : term));
}

/** Only this value of the facet. */
export function only(terms: readonly FilterTerm[], facet: FacetName, value: string): readonly FilterTerm[] {
  return [...withoutFacet(terms, facet), { facet, not: false, values: [value] }];
}

export function withoutFacet(
  terms: readonly FilterTerm[],
  facet: FacetName | FacetNumber,
): readonly FilterTerm[] {
  return terms.filter((term) => term.facet !== facet);
}

export interface NumberRange {
  readonly from: number | null;
  /** Below it. */
  readonly to: number | null;
}

/** What the terms say of a number, as a range. */
export function rangeOf(terms: readonly FilterTerm[], facet: FacetNumber): NumberRange {
  const limits = terms.filter((term): term is NumberTerm => !isValueTerm(term) && term.facet === facet);
  const from = limits.filter(({ comparison }) => comparison.startsWith(">")).map(({ limit }) => limit);
  const to = limits.filter(({ comparison }) => comparison.startsWith("<")).map(({ limit }) => limit);
  return {
    from: from.length === 0 ? null : Math.max(...from),
    to: to.length === 0 ? null : Math.min(...to),
  };
}

export function withRange(
  terms: readonly FilterTerm[],
  facet: FacetNumber,
  { from, to }: NumberRange,
): readonly FilterTerm[] {
  return [
    ...withoutFacet(terms, facet),
    ...(from === null ? [] : [{ facet, comparison: ">=" as const, limit: from }]),
    ...(to === null ? [] : [{ facet, comparison: "<" as const, limit: to }]),
  ];
}
