import { useNavigate, useSearch } from "@tanstack/react-router";
import { X } from "lucide-react";
import { ClassShape, LiveMark } from "../frame/state-mark.tsx";
import { scoreClasses, zoneOf, type SessionsSearch } from "../url/search.ts";
import { parseSessionFilter } from "@peerscope/schema";
import { observationTitle } from "../words/causes.ts";
import { classMeanings, classWords } from "../words/labels.ts";
import { clock, day, when } from "../words/time.ts";
import { termWords } from "./facet-words.ts";
import { termsOf, withTerms } from "./filter-state.ts";

/** Filters of the list that hide sessions; sorting and time zone do not. */
export const filterNames = [
  "q",
  "user",
  "call",
  "tag",
  "live",
  "class",
  "observation",
  "from",
  "filter",
] as const;
export type FilterName = (typeof filterNames)[number];

export function hasFilters(search: SessionsSearch): boolean {
  return filterNames.some((name) => search[name] !== undefined);
}

/** The state of the list without one of its filters, or without all of them. A day is one filter: `from` and `to`. */
export function withoutFilter(search: SessionsSearch, name: FilterName | "all"): SessionsSearch {
  return Object.fromEntries(
    Object.entries(search).filter(([key]) =>
      name === "all"
        ? !["to", ...filterNames].includes(key)
        : key !== name && !(name === "from" && key === "to"),
    ),
  );
}

/** What a filter says, for chips and for the empty list. */
export function filterWords(search: SessionsSearch, name: FilterName): string {
  switch (name) {
    case "filter":
      return [...termsOf(search).map(termWords), wordsIn(search)].filter((part) => part !== "").join(" and ");
    case "from":
      return `began ${spanWords(search, Date.now())}`;
    case "q":
      return `text “${search.q ?? ""}”`;
    case "live":
      return "live now";
    case "class":
      return search.class === undefined ? "" : `score: ${classWords[search.class].toLowerCase()}`;
    case "observation":
      return `observation: ${observationTitle(search.observation ?? "").toLowerCase()}`;
    case "user":
    case "call":
    case "tag":
      return `${name}: ${search[name] ?? ""}`;
  }
}

/** What stands in the filter and is no term. */
function wordsIn({ filter }: SessionsSearch): string {
  const { words } = parseSessionFilter(filter ?? "");
  return words === "" ? "" : `text “${words}”`;
}

/** Each thing that hides sessions, and the state of the list without it. */
export function filterParts(
  search: SessionsSearch,
): readonly { readonly words: string; readonly without: SessionsSearch }[] {
  const terms = termsOf(search);
  const words = wordsIn(search);
  return [
    ...filterNames
      .filter((name) => name !== "filter" && search[name] !== undefined)
      .map((name) => ({ words: filterWords(search, name), without: withoutFilter(search, name) })),
    ...terms.map((term) => ({
      words: termWords(term),
      without: withTerms(
        search,
        terms.filter((other) => other !== term),
      ),
    })),
    ...(words === "" ? [] : [{ words, without: withTerms({ ...search, filter: "" }, terms) }]),
  ];
}

/** "Fri 20 Nov"; "Fri 20 Nov 12:00 to 15:00". */
function spanWords(search: SessionsSearch, now: number): string {
  const zone = zoneOf(search);
  const from = Date.parse(search.from ?? "");
  const to = Date.parse(search.to ?? "");
  if (Number.isNaN(from)) return Number.isNaN(to) ? "at any time" : `before ${when(to, now, zone)}`;
  if (Number.isNaN(to)) return `after ${when(from, now, zone)}`;
  const midnight = (at: number): boolean => clock(at, zone) === "00:00:00";
  const [first, last] = [day(from, now, zone), day(to - 1, now, zone)];
  if (midnight(from) && midnight(to)) return first === last ? first : `${first} to ${last}`;
  const end = first === last ? clock(to, zone).slice(0, 5) : when(to, now, zone);
  return `${when(from, now, zone)} to ${end}`;
}

export function FilterBar(): React.ReactNode {
  const search = useSearch({ from: "/sessions" });
  const navigate = useNavigate();
  const go = (next: SessionsSearch): void => void navigate({ to: "/sessions", search: next, replace: true });
  // What has buttons or the class of a score of its own stands there.
  const chips = filterParts(search).filter(
    ({ without }) =>
      (search.class === undefined || without.class !== undefined) &&
      (search.live === undefined || without.live !== undefined),
  );
  return (
    <div className="mb-3 flex flex-wrap items-center gap-1.5" role="group" aria-label="Filters">
      <button
        type="button"
        className="btn"
        aria-pressed={search.live === "true"}
        onClick={() =>
          go(search.live === "true" ? withoutFilter(search, "live") : { ...search, live: "true" })
        }
      >
        <LiveMark />
        <span className="sr-only">only</span>
      </button>
      <span className="mx-1 h-5 w-px bg-line" aria-hidden />
      {scoreClasses.map((name) => (
        <button
          key={name}
          type="button"
          className="btn"
          title={classMeanings[name]}
          aria-pressed={search.class === name}
          onClick={() =>
            go(search.class === name ? withoutFilter(search, "class") : { ...search, class: name })
          }
        >
          <ClassShape of={name} size={11} />
          {classWords[name]}
        </button>
      ))}
      {chips.length > 0 && <span className="mx-1 h-5 w-px bg-line" aria-hidden />}
      {chips.map(({ words, without }) => (
        <button
          key={words}
          type="button"
          className="btn max-w-80 border-accent bg-accent-soft text-accent"
          onClick={() => go(without)}
        >
          <span className="truncate">{words}</span>
          <X className="size-3.5 shrink-0" aria-hidden />
          <span className="sr-only">clear</span>
        </button>
      ))}
    </div>
  );
}
