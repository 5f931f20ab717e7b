import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { noValue, type FacetName, type FacetNumber, type FilterTerm } from "@peerscope/schema";
import type { CountedName, Facet } from "@peerscope/schema/api";
import { Ban, ChevronRight } from "lucide-react";
import { useState } from "react";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { facetsQuery } from "../queries/explorer.ts";
import { count, plural } from "../words/numbers.ts";
import { facetTitles, isComplete, shownFacets, valueWords } from "./facet-words.ts";
import { only, stateOf, termsOf, toggled, withRange, withTerms } from "./filter-state.ts";
import { Histogram } from "./histogram.tsx";

const openAtFirst: ReadonlySet<CountedName> = new Set(["score", "cause", "browser", "os"]);
/** Values that are shown before somebody asks for more. */
const fewValues = 7;

function isNumber(name: CountedName): name is FacetNumber {
  return name === "score" || name === "duration";
}

/** What there is to choose from, each with how many sessions have it. */
export function FacetPanel(): React.ReactNode {
  const search = useSearch({ from: "/sessions" });
  const [open, setOpen] = useState<ReadonlySet<CountedName>>(
    () => new Set([...openAtFirst, ...termsOf(search).map(({ facet }) => facet)]),
  );
  const names = shownFacets.filter((name) => open.has(name));
  const query = useQuery({ ...facetsQuery(search, names, ""), placeholderData: keepPreviousData });
  const terms = termsOf(search);
  return (
    <section aria-label="Facets" className="card text-table" aria-busy={query.isPlaceholderData}>
      {shownFacets.map((name) => (
        <div key={name} className="border-b border-line last:border-b-0">
          <h2>
            <button
              type="button"
              className="flex min-h-8 w-full items-center gap-1.5 px-2.5 text-left font-medium hover:bg-sunken"
              aria-expanded={open.has(name)}
              onClick={() =>
                setOpen(
                  (before) =>
                    new Set(before.has(name) ? [...before].filter((one) => one !== name) : [...before, name]),
                )
              }
            >
              <ChevronRight
                className={`size-3.5 text-ink-soft ${open.has(name) ? "rotate-90" : ""}`}
                aria-hidden
              />
              {facetTitles[name]}
              {terms.some(({ facet }) => facet === name) && (
                <span className="ml-auto rounded-full bg-accent-soft px-1.5 text-xs text-accent">set</span>
              )}
            </button>
          </h2>
          {open.has(name) && (
            <PanelBoundary what={`The facet ${facetTitles[name]}`}>
              <FacetBody
                name={name}
                facet={query.data?.facets.find((facet) => facet.name === name)}
                isFailed={query.isError}
                terms={terms}
              />
            </PanelBoundary>
          )}
        </div>
      ))}
    </section>
  );
}

interface BodyProps {
  readonly name: CountedName;
  /** Undefined while it is counted. */
  readonly facet: Facet | undefined;
  readonly isFailed: boolean;
  readonly terms: readonly FilterTerm[];
}

function FacetBody({ name, facet, isFailed, terms }: BodyProps): React.ReactNode {
  const search = useSearch({ from: "/sessions" });
  const navigate = useNavigate();
  const go = (next: readonly FilterTerm[]): void =>
    void navigate({ to: "/sessions", search: withTerms(search, next), replace: true });
  if (isNumber(name)) {
    return (
      <div className="px-2.5 pb-2.5">
        {facet?.values === null || isFailed ? <Unavailable /> : null}
        <Histogram
          name={name}
          values={facet?.values ?? []}
          terms={terms}
          onRange={(range) => go(withRange(terms, name, range))}
        />
      </div>
    );
  }
  if (facet === undefined && !isFailed)
    return <div role="progressbar" className="skeleton mx-2.5 mb-2.5 h-16" aria-label="Counting" />;
  if (facet === undefined || facet.values === null) return <Unavailable />;
  return <Values name={name} facet={facet} terms={terms} go={go} />;
}

function Unavailable(): React.ReactNode {
  return <p className="px-2.5 pb-2.5 text-xs text-ink-soft">Count unavailable. The list is not affected.</p>;
}

interface Counted {
  readonly value: string;
  readonly sessions: number | null;
}

interface ValuesProps {
  readonly name: FacetName;
  readonly facet: Facet;
  readonly terms: readonly FilterTerm[];
  readonly go: (terms: readonly FilterTerm[]) => void;
}

function Values({ name, facet, terms, go }: ValuesProps): React.ReactNode {
  const search = useSearch({ from: "/sessions" });
  const [find, setFind] = useState("");
  const [isLong, setIsLong] = useState(false);
  // What the words of a value say is found here, what only the server has is asked for.
  const asked = facet.isCut ? find.trim() : "";
  const found = useQuery({
    ...facetsQuery(search, [name], asked),
    enabled: asked !== "",
    placeholderData: keepPreviousData,
  });
  const listed = (asked === "" ? facet.values : (found.data?.facets[0]?.values ?? [])) ?? [];
  const chosen = terms.flatMap((term) => ("values" in term && term.facet === name ? term.values : []));
  // A chosen value stays in sight also when nothing has it.
  const missing = chosen
    .filter(
      (value) =>
        !listed.some(
          (one) =>
            stateOf(terms, name, one.value || noValue) !== "neither" &&
            (one.value || noValue).toLowerCase() === value.toLowerCase(),
        ),
    )
    .map((value) => ({
      value,
      sessions: isComplete(name, facet, asked) ? 0 : null,
    }));
  const text = find.trim().toLowerCase();
  const all: readonly Counted[] = [...missing, ...listed].filter(
    ({ value }) =>
      text === "" || asked !== "" || `${value} ${valueWords(name, value)}`.toLowerCase().includes(text),
  );
  const shown = isLong || text !== "" ? all : all.slice(0, Math.max(fewValues, missing.length));
  const most = Math.max(1, ...all.map(({ sessions }) => sessions ?? 0));
  return (
    <div className="pb-2">
      {(facet.isCut || listed.length > fewValues) && (
        <input
          type="text"
          className="mx-2.5 mb-1 h-7 w-[calc(100%-1.25rem)] rounded border border-line bg-page px-2 text-xs placeholder:text-ink-soft"
          placeholder="Find"
          aria-label={`Find in ${facetTitles[name]}`}
          maxLength={100}
          value={find}
          onChange={(event) => setFind(event.target.value)}
        />
      )}
      {all.length === 0 && <p className="px-2.5 text-xs text-ink-soft">Nothing to choose from</p>}
      <ul>
        {shown.map(({ value, sessions }) => (
          <ValueRow
            key={value}
            words={valueWords(name, value)}
            sessions={sessions}
            share={(sessions ?? 0) / most}
            state={stateOf(terms, name, value || noValue)}
            onToggle={() => go(toggled(terms, name, value || noValue, false))}
            onOnly={() => go(only(terms, name, value || noValue))}
            onNot={() => go(toggled(terms, name, value || noValue, true))}
          />
        ))}
      </ul>
      {all.length > shown.length && (
        <button type="button" className="link ml-2.5 min-h-6 text-xs" onClick={() => setIsLong(true)}>
          {count(all.length - shown.length)} more
        </button>
      )}
      {facet.isCut && text === "" && isLong && (
        <p className="px-2.5 text-xs text-ink-soft">The commonest {all.length}. Find others by name.</p>
      )}
    </div>
  );
}

interface RowProps {
  readonly words: string;
  /** Null when nobody counted them. */
  readonly sessions: number | null;
  readonly share: number;
  readonly state: "in" | "out" | "neither";
  readonly onToggle: () => void;
  readonly onOnly: () => void;
  readonly onNot: () => void;
}

function ValueRow({ words, sessions, share, state, onToggle, onOnly, onNot }: RowProps): React.ReactNode {
  return (
    <li className="group/value relative flex min-h-7 items-center gap-1 pr-2.5 pl-2.5 hover:bg-sunken focus-within:bg-sunken">
      <span
        className="absolute bottom-0 left-2.5 h-0.5 max-w-[calc(100%-1.25rem)] rounded bg-line-strong opacity-60"
        style={{ width: `${Math.max(1, share * 100)}%` }}
        aria-hidden
      />
      <label className="flex min-h-6 min-w-0 flex-1 cursor-pointer items-center gap-2">
        <input
          type="checkbox"
          className="size-3.5 shrink-0 accent-accent"
          checked={state === "in"}
          onChange={onToggle}
        />
        <span
          className={`my-1 line-clamp-2 leading-tight wrap-anywhere ${state === "out" ? "text-ink-soft line-through" : ""}`}
          title={words}
        >
          {words}
        </span>
        {state === "out" && <span className="sr-only">, left out</span>}
        {sessions !== null && <span className="sr-only">, {plural(sessions, "session")}</span>}
      </label>
      <span
        className="tnum text-xs text-ink-soft group-focus-within/value:invisible group-hover/value:invisible"
        aria-hidden
      >
        {sessions === null ? "–" : count(sessions)}
      </span>
      {/* Over the end of the words, so that nothing moves under the pointer. */}
      <span className="absolute inset-y-0 right-0 hidden items-center bg-sunken pr-1.5 pl-1 group-focus-within/value:flex group-hover/value:flex">
        <button
          type="button"
          className="min-h-6 rounded px-1.5 text-xs text-accent hover:underline"
          onClick={onOnly}
        >
          only<span className="sr-only"> {words}</span>
        </button>
        <button
          type="button"
          className={`inline-flex min-h-6 min-w-6 items-center justify-center rounded ${state === "out" ? "text-accent" : "text-ink-soft hover:text-ink"}`}
          aria-pressed={state === "out"}
          aria-label={`Leave out ${words}`}
          title="Leave out"
          onClick={onNot}
        >
          <Ban className="size-3.5" aria-hidden />
        </button>
      </span>
    </li>
  );
}
