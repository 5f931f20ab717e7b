import { useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { CircleHelp, Monitor, Moon, Search, Sun, X } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { readDays } from "../url/days.ts";
import { omit, readIntent, type SessionsSearch } from "../url/search.ts";
import { sessionsOfCode } from "../queries/report-codes.ts";
import { isReportCode } from "../url/report-code.ts";
import { useKeys } from "./keys.ts";
import { useProject } from "./project.ts";
import { chooseTheme, useThemeChoice, type ThemeChoice } from "./theme.ts";
import { useZone } from "./zone.ts";

export function TopBar({ onHelp }: { readonly onHelp: () => void }): React.ReactNode {
  return (
    <header className="sticky top-0 z-30 flex flex-wrap items-center gap-2 border-b border-line bg-surface/95 px-4 py-2 backdrop-blur-sm md:col-start-2 print:hidden">
      <SearchBox />
      <div className="ml-auto flex items-center gap-2">
        <ZoneSwitch />
        <ThemeSwitch />
        <button
          type="button"
          className="btn-quiet"
          onClick={onHelp}
          aria-label="Keyboard and help"
          title="Keyboard and help (?)"
        >
          <CircleHelp className="size-4" aria-hidden />
        </button>
      </div>
    </header>
  );
}

/** One box for ids, users, calls and tags. On the list it filters while one types, elsewhere it goes there on Enter. */
function SearchBox(): React.ReactNode {
  const navigate = useNavigate();
  const onList = useLocation({ select: (location) => location.pathname === "/sessions" });
  const zone = useZone();
  const q = useSearch({ strict: false, select: (search) => (onList ? (search.q ?? "") : "") });
  const [text, setText] = useState(q);
  const input = useRef<HTMLInputElement>(null);
  const written = useRef(q);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  /** Counts what was asked for with Enter. */
  const asked = useRef(0);
  const project = useProject();

  // The URL changed by something else than typing here: a cleared filter, the back button.
  useEffect(() => {
    if (q !== written.current) {
      written.current = q;
      setText(q);
    }
  }, [q]);

  useKeys({
    "/": () => {
      input.current?.focus();
      input.current?.select();
    },
  });

  const write = (value: string): void => {
    written.current = value;
    void navigate({
      to: "/sessions",
      search: (before: SessionsSearch) => ({ ...omit(before, "q"), ...(value === "" ? {} : { q: value }) }),
      replace: true,
    });
  };

  /** A code that somebody read out leads to its moment; one that no session has is looked for like any other text. */
  const openReport = async (code: string): Promise<void> => {
    asked.current += 1;
    const question = asked.current;
    const found = await sessionsOfCode(code, project).catch(() => []);
    // Something else was asked for meanwhile.
    if (question !== asked.current) return;
    const [only] = found;
    if (only === undefined || found.length > 1) {
      listAs(code);
      return;
    }
    setText("");
    // The keys of the page are the next thing that one wants to use.
    input.current?.blur();
    void navigate({
      to: "/sessions/$id",
      params: { id: only.session.sessionId },
      search: { code: only.code },
    });
  };

  const submit = (): void => {
    clearTimeout(timer.current);
    asked.current += 1;
    if (isReportCode(text)) void openReport(text.trim());
    else listAs(text);
  };

  const listAs = (typed: string): void => {
    const intent = readIntent(typed, Date.now(), zone);
    if (intent.go === "session")
      void navigate({ to: "/sessions/$id", params: { id: intent.id }, search: intent.search });
    else if (intent.go === "call") void navigate({ to: "/calls/$id", params: { id: intent.id } });
    else if (intent.go === "sessions") {
      const { q: rest = "", ...filters } = intent.search;
      written.current = rest;
      setText(rest);
      void navigate({
        to: "/sessions",
        search: (before: SessionsSearch) => ({
          ...(onList ? omit(before, "q") : {}),
          ...filters,
          ...(rest === "" ? {} : { q: rest }),
        }),
      });
    }
  };

  return (
    <form
      role="search"
      className="relative min-w-40 flex-1 md:max-w-xl"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Search className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-ink-soft" aria-hidden />
      <input
        ref={input}
        type="text"
        inputMode="search"
        enterKeyHint="search"
        spellCheck={false}
        autoComplete="off"
        aria-label="Search sessions by user, day, call, tag, report code or id"
        placeholder="Search user, day, call, tag, report code, id, or paste a link"
        className="h-9 w-full rounded-md border border-line bg-page pr-16 pl-8 text-sm placeholder:text-ink-soft"
        value={text}
        maxLength={400}
        onChange={(event) => {
          const { value } = event.target;
          setText(value);
          clearTimeout(timer.current);
          // A link, a typed filter or a day means what it says only when it is complete: they wait for Enter.
          const isWhole = !/[:/<>]/.test(value) && readDays(value, Date.now(), zone).span === null;
          if (onList && isWhole) timer.current = setTimeout(() => write(value.trim()), 200);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") input.current?.blur();
        }}
      />
      {text === "" ? (
        <kbd
          className="absolute top-2 right-2 rounded border border-line bg-surface px-1.5 text-xs text-ink-soft"
          aria-hidden
        >
          /
        </kbd>
      ) : (
        <button
          type="button"
          className="btn-quiet absolute top-1 right-1"
          aria-label="Clear the search"
          onClick={() => {
            clearTimeout(timer.current);
            setText("");
            if (onList) write("");
            input.current?.focus();
          }}
        >
          <X className="size-4" aria-hidden />
        </button>
      )}
    </form>
  );
}

interface SegmentProps {
  readonly label: string;
  readonly options: readonly {
    readonly value: string;
    readonly label: string;
    readonly icon?: React.ReactNode;
  }[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** A small choice of one from a few, as radio buttons. */
export function Segmented({ label, options, value, onChange }: SegmentProps): React.ReactNode {
  // Two of them on a page are two groups.
  const name = useId();
  return (
    <fieldset className="flex rounded-md border border-line bg-page p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          title={option.label}
          className="flex min-h-6 min-w-7 cursor-pointer items-center justify-center gap-1 rounded px-2 text-xs text-ink-soft select-none hover:text-ink has-checked:bg-surface has-checked:text-ink has-checked:shadow-card has-focus-visible:outline-2 has-focus-visible:outline-accent dark:has-checked:bg-line"
        >
          <input
            type="radio"
            className="sr-only"
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.icon}
          <span className={option.icon === undefined ? "" : "sr-only"}>{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function ThemeSwitch(): React.ReactNode {
  const choice = useThemeChoice();
  return (
    <Segmented
      label="Theme"
      value={choice}
      onChange={(value) => chooseTheme(value as ThemeChoice)}
      options={[
        { value: "system", label: "As the system", icon: <Monitor className="size-3.5" aria-hidden /> },
        { value: "light", label: "Light", icon: <Sun className="size-3.5" aria-hidden /> },
        { value: "dark", label: "Dark", icon: <Moon className="size-3.5" aria-hidden /> },
      ]}
    />
  );
}

function ZoneSwitch(): React.ReactNode {
  const zone = useZone();
  const navigate = useNavigate();
  return (
    <Segmented
      label="Time zone"
      value={zone}
      onChange={(value) =>
        void navigate({
          to: ".",
          search: (before) => ({ ...before, tz: value === "utc" ? ("utc" as const) : undefined }),
          replace: true,
        })
      }
      options={[
        { value: "local", label: "Local" },
        { value: "utc", label: "UTC" },
      ]}
    />
  );
}
