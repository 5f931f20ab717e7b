import { useNavigate, useSearch } from "@tanstack/react-router";
import { facetNames, facetNumbers, formatSessionFilter, parseSessionFilter } from "@peerscope/schema";
import { X } from "lucide-react";
import { useState } from "react";
import { omit } from "../url/search.ts";
import { strangeWords } from "./filter-state.ts";

/** The filter as text: says what the facets say, and can be written and copied. */
export function QueryBar(): React.ReactNode {
  const search = useSearch({ from: "/sessions" });
  const navigate = useNavigate();
  const current = search.filter ?? "";
  /** What is being written; it counts until the filter is changed by something else. */
  const [draft, setDraft] = useState({ of: current, text: current });
  const text = draft.of === current ? draft.text : current;
  const setText = (next: string): void => setDraft({ of: current, text: next });
  const { words } = parseSessionFilter(text);
  const apply = (value: string): void => {
    const filter = formatSessionFilter(parseSessionFilter(value));
    setText(filter);
    if (filter !== current)
      void navigate({
        to: "/sessions",
        search: (before) => ({ ...omit(before, "filter"), ...(filter === "" ? {} : { filter }) }),
      });
  };
  const strange = strangeWords(words);
  return (
    <form
      className="mb-2"
      onSubmit={(event) => {
        event.preventDefault();
        apply(text);
      }}
    >
      <div className="relative">
        <input
          type="text"
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          aria-label="Filter, as text"
          aria-describedby="filter-help"
          placeholder="Filter: score<60 browser:safari cause:turn -os:Windows"
          maxLength={2_000}
          className="h-8 w-full rounded-md border border-line bg-surface px-2.5 pr-9 font-mono text-xs placeholder:text-ink-soft"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onBlur={() => apply(text)}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            setText(current);
            event.currentTarget.blur();
          }}
        />
        {text !== "" && (
          <button
            type="button"
            className="btn-quiet absolute top-0.5 right-0.5"
            aria-label="Clear the filter text"
            onClick={() => apply("")}
          >
            <X className="size-4" aria-hidden />
          </button>
        )}
      </div>
      <p id="filter-help" className={strange.length > 0 ? "mt-1 text-xs text-ink-soft" : "sr-only"}>
        {strange.length > 0 && `${strange.join(" ")} is no filter and is looked for as a word. `}
        Filters:{" "}
        {[...facetNumbers.map((name) => `${name}<`), ...facetNames.map((name) => `${name}:`)].join(" ")}. A
        minus before a filter leaves out, a comma means or, the value “none” means not known.
      </p>
    </form>
  );
}
