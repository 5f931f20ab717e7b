import { facetNames, faultDomains, noValue, type FacetName, type FilterTerm } from "@peerscope/schema";
import type { CountedName, Facet } from "@peerscope/schema/api";
import { noCauseStated, observationTitle } from "../words/causes.ts";
import { classWords, domainWords } from "../words/labels.ts";
import { scoreClasses } from "../url/search.ts";
import { isValueTerm } from "./filter-state.ts";

/** Facets in the order of the column; the class of the score has its buttons above the list. */
export const shownFacets: readonly CountedName[] = [
  "score",
  "duration",
  ...facetNames.filter((name) => name !== "class"),
];

export const facetTitles: Readonly<Record<CountedName, string>> = {
  class: "Score",
  score: "Score",
  duration: "Duration",
  cause: "Cause",
  domain: "Where",
  observation: "Observation",
  browser: "Browser",
  version: "Browser version",
  os: "System",
  device: "Device",
  country: "Country",
  network: "Network",
  path: "Way of the media",
  codec: "Codec",
  app: "App version",
  sdk: "SDK version",
  tag: "Tag",
  user: "User",
  call: "Call",
};

/** The filter of these also finds what is not counted as a value: a cause by whose it was, a relay whatever its protocol. */
const wider: ReadonlySet<CountedName> = new Set(["cause", "path"]);

/** Whether a value that is not among those counted has no session; otherwise nobody knows how many it has. */
export function isComplete(name: CountedName, { isCut }: Pick<Facet, "isCut">, find: string): boolean {
  return !isCut && find === "" && !wider.has(name);
}

const networkWords: Readonly<Record<string, string>> = {
  wifi: "Wi-Fi",
  cellular: "Mobile network",
  ethernet: "Cable",
  vpn: "VPN",
};

let countries: Intl.DisplayNames | null = null;

/** A value of a facet as people read it. */
export function valueWords(facet: CountedName, value: string): string {
  if (value === "" || value === noValue) return facet === "cause" ? noCauseStated : "Not known";
  switch (facet) {
    case "class": {
      const known = scoreClasses.find((name) => name === value);
      return known === undefined ? value : classWords[known];
    }
    case "cause":
    case "observation":
      return domainOf(value) ?? observationTitle(value);
    case "domain":
      return domainOf(value) ?? value;
    case "device":
      return value === "desktop" ? "Computer" : value === "mobile" ? "Phone or tablet" : value;
    case "country":
      return countryName(value);
    case "network":
      return networkWords[value] ?? value;
    case "path":
      return pathWords(value);
    case "codec":
      return /^(opus|pcm[au]|g722|vp[89]|av1|h26[45])$/.test(value)
        ? value === "opus"
          ? "Opus"
          : value.toUpperCase()
        : value;
    default:
      return value;
  }
}

function domainOf(value: string): string | null {
  const domain = faultDomains.find((name) => name === value);
  return domain === undefined ? null : domainWords[domain];
}

function countryName(code: string): string {
  try {
    countries ??= new Intl.DisplayNames("en-GB", { type: "region" });
    return countries.of(code.toUpperCase()) ?? code;
  } catch {
    return code;
  }
}

/** "Direct, UDP"; "Relay, TLS" */
export function pathWords(path: string): string {
  const [kind = "", protocol] = path.split("/");
  const word = kind === "relay" ? "Relay" : kind === "direct" ? "Direct" : kind;
  return protocol === undefined ? word : `${word}, ${protocol.toUpperCase()}`;
}

/** What a term says: "Browser: Safari", "not System: Windows", "Score below 60". */
export function termWords(term: FilterTerm): string {
  if (isValueTerm(term)) {
    const facet: FacetName = term.facet;
    const values = term.values.map((value) => valueWords(facet, value)).join(" or ");
    return `${term.not ? "not " : ""}${facetTitles[facet]}: ${values}`;
  }
  const { facet, comparison, limit } = term;
  const side = { "<": "below", "<=": "at most", ">": "above", ">=": "from" }[comparison];
  return `${facetTitles[facet]} ${side} ${facet === "duration" ? durationWords(limit) : limit}`;
}

/** "10 s", "5 min", "2 h" */
export function durationWords(seconds: number): string {
  if (seconds >= 3_600 && seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  if (seconds >= 60 && seconds % 60 === 0) return `${seconds / 60} min`;
  return `${seconds} s`;
}
