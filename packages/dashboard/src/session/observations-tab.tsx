import { describeObservation } from "@peerscope/observer";
import type { Observation } from "@peerscope/schema";
import { ChevronRight, Search } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import { SeverityShape } from "../frame/state-mark.tsx";
import { severityWords } from "../words/labels.ts";
import { Sentence } from "../words/code.tsx";
import { duration } from "../words/time.ts";
import { useSession, useTimeWords } from "./context.tsx";
import { ordered } from "./observations-order.ts";
import { withMargin } from "./evidence.ts";

export function ObservationsTab({
  observations,
}: {
  readonly observations: readonly Observation[];
}): React.ReactNode {
  const groups = useMemo(() => ordered(observations), [observations]);
  if (observations.length === 0) {
    return <p className="card p-6 text-ink-soft">Nothing unusual was noticed in this session.</p>;
  }
  return (
    <ul className="flex flex-col gap-2">
      {groups.map(({ observation, effects }) => (
        <li key={observation.key} className="card overflow-hidden">
          <ObservationRow observation={observation} />
          {effects.length > 0 && (
            <div className="border-t border-line bg-sunken/60 py-1 pl-6">
              <p className="px-3 pt-1 text-xs text-ink-soft">
                {effects.length === 1 ? "A consequence of it" : `${effects.length} consequences of it`}
              </p>
              <ul>
                {effects.map((effect) => (
                  <li key={effect.key}>
                    <ObservationRow observation={effect} />
                  </li>
                ))}
              </ul>
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

function ObservationRow({ observation }: { readonly observation: Observation }): React.ReactNode {
  const { view, start, search, setSearch } = useSession();
  const words = useTimeWords();
  const said = describeObservation(observation, { sessionStart: start });
  const open = search.obs === observation.key;
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (open) row.current?.scrollIntoView({ block: "nearest" });
  }, [open]);
  const { extent } = view.state();
  const from = (observation.startedAt - start) / 1000;
  const to = observation.clearedAt === null ? extent.to : (observation.clearedAt - start) / 1000;
  const span = extent.to - extent.from;
  return (
    <div
      ref={row}
      data-observation-id={observation.id}
      data-state={observation.clearedAt === null ? "open" : "closed"}
      className="scroll-mt-24"
    >
      <button
        type="button"
        aria-expanded={open}
        className="grid w-full grid-cols-[1rem_6rem_minmax(0,1fr)_auto] items-center gap-x-2 gap-y-1 px-4 py-2.5 text-left hover:bg-sunken/60 lg:grid-cols-[1rem_6rem_minmax(0,1fr)_9rem_12rem]"
        onClick={() => setSearch({ obs: open ? undefined : observation.key })}
      >
        <ChevronRight
          className={`size-4 text-ink-soft transition-transform duration-150 ${open ? "rotate-90" : ""}`}
          aria-hidden
        />
        <span className="flex items-center gap-1.5 text-xs">
          <SeverityShape of={observation.severity} />
          {severityWords[observation.severity]}
        </span>
        <span className="truncate font-medium">{said.title}</span>
        <span className="tnum text-right text-xs text-ink-soft">
          {words(observation.startedAt)}
          {observation.clearedAt === null
            ? ", still going on"
            : `, ${duration(observation.clearedAt - observation.startedAt)}`}
        </span>
        <span className="relative h-2 rounded-full bg-sunken max-lg:hidden" aria-hidden>
          <span
            className="absolute inset-y-0 min-w-1 rounded-full bg-ink-soft"
            style={{
              left: `${((from - extent.from) / span) * 100}%`,
              width: `${Math.min(100, ((to - from) / span) * 100)}%`,
            }}
          />
        </span>
      </button>
      {open && (
        <div className="border-t border-line px-4 py-4 pl-11">
          <p className="max-w-3xl">
            <Sentence>{said.sentence}</Sentence>
          </p>
          <div className="mt-4 grid gap-x-8 gap-y-4 text-table md:grid-cols-3">
            <Facts title="Evidence" lines={said.evidence} none="None was kept" />
            <Facts title="Against" lines={said.counter} none="Nothing speaks against it" />
            <Facts title="Missing" lines={said.missing} none="Nothing was missing" />
          </div>
          <div className="mt-4 grid gap-x-8 gap-y-3 text-table md:grid-cols-2">
            <p>
              <span className="eyebrow block">What to tell them</span>
              <Sentence>{said.supportAdvice}</Sentence>
            </p>
            <p>
              <span className="eyebrow block">Developers</span>
              <Sentence>{said.developerAdvice}</Sentence>
            </p>
          </div>
          <div className="mt-4 flex flex-wrap items-center gap-3">
            <button
              type="button"
              className="btn"
              onClick={() => {
                setSearch({ tab: undefined });
                view.show(withMargin(from, to));
              }}
            >
              <Search className="size-3.5" aria-hidden />
              Show in the charts
            </button>
            <span className="text-xs text-ink-soft">
              <code className="font-mono">{observation.id}</code> · catalogue {observation.catalogVersion}
            </span>
          </div>
        </div>
      )}
    </div>
  );
}

function Facts({
  title,
  lines,
  none,
}: {
  readonly title: string;
  readonly lines: readonly string[];
  readonly none: string;
}): React.ReactNode {
  return (
    <div>
      <h4 className="eyebrow mb-1">{title}</h4>
      <ul className="flex flex-col gap-1 wrap-anywhere">
        {lines.length === 0 && <li className="text-ink-soft">{none}</li>}
        {lines.map((line, i) => (
          // oxlint-disable-next-line react/no-array-index-key
          <li key={i}>{line}</li>
        ))}
      </ul>
    </div>
  );
}
