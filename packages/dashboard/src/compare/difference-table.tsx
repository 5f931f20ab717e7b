import { useEffect, useMemo, useState } from "react";
import { useSnapshot } from "../session/context.tsx";
import type { SessionStore } from "../session/session-store.ts";
import type { SectionDifference } from "../session/sdp/difference.ts";
import { plural } from "../words/numbers.ts";
import type { StatsSnapshot } from "../worker/messages.ts";
import { SideLetter } from "./compare-charts.tsx";
import type { ComparedSide } from "./compared-side.ts";
import { descriptionDifference } from "./description-difference.ts";
import { differencesOf, type DifferenceRow } from "./differences.ts";

interface Props {
  readonly a: ComparedSide;
  readonly b: ComparedSide;
}

/** What is different between two sessions: what differs first, the rest on demand. */
export function DifferenceTable({ a, b }: Props): React.ReactNode {
  const left = useSnapshot(a.store);
  const right = useSnapshot(b.store);
  const leftReports = useLastReports(a.store);
  const rightReports = useLastReports(b.store);
  const [all, setAll] = useState(false);
  const rows = useMemo(
    () =>
      left.analysis === null || right.analysis === null
        ? null
        : differencesOf(
            { analysis: left.analysis, events: left.events, reports: leftReports },
            { analysis: right.analysis, events: right.events, reports: rightReports },
          ),
    [left.analysis, left.events, leftReports, right.analysis, right.events, rightReports],
  );
  // What cannot be read is said where it stands; there is nothing to compare it with.
  if (rows === null && (left.failure !== null || right.failure !== null)) return null;
  if (rows === null) return <div className="card skeleton h-48" aria-busy="true" />;
  const different = rows.filter(({ isSame }) => !isSame);
  const shown = all ? rows.filter(({ a, b }) => a !== null || b !== null) : different;
  return (
    <section aria-labelledby="differences-title" className="card overflow-hidden">
      <div className="flex min-h-10 flex-wrap items-center gap-x-3 border-b border-line px-4 py-1.5">
        <h2 id="differences-title" className="text-table font-semibold">
          What is different
        </h2>
        <span className="text-xs text-ink-soft">
          {different.length === 0
            ? "nothing of what is compared"
            : `${different.length} of ${rows.length} things`}
        </span>
        <button type="button" className="btn ml-auto" aria-pressed={all} onClick={() => setAll(!all)}>
          Show what is the same too
        </button>
      </div>
      {shown.length === 0 ? (
        <p className="px-4 py-5 text-ink-soft">
          Both have the same outcome, machine, devices, path and media. The charts below may still differ.
        </p>
      ) : (
        <div className="overflow-x-auto">
          <table className="w-full min-w-[40rem] table-fixed text-table">
            <caption className="sr-only">Differences of the two sessions</caption>
            <thead>
              <tr className="text-left text-xs text-ink-soft">
                <th scope="col" className="h-8 w-24 border-b border-line px-4">
                  <span className="sr-only">Part</span>
                </th>
                <th scope="col" className="h-8 w-44 border-b border-line px-2">
                  <span className="sr-only">What</span>
                </th>
                {(["A", "B"] as const).map((letter) => (
                  <th key={letter} scope="col" className="h-8 border-b border-line px-3">
                    <SideLetter letter={letter} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((row, place) => (
                <Row
                  key={`${row.group} ${row.name}`}
                  row={row}
                  isFirst={shown[place - 1]?.group !== row.group}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Descriptions left={left.events} right={right.events} />
    </section>
  );
}

function Row({ row, isFirst }: { readonly row: DifferenceRow; readonly isFirst: boolean }): React.ReactNode {
  const cell = `px-3 py-1.5 align-top wrap-anywhere ${isFirst ? "border-t border-line" : ""}`;
  const value = (of: string | null): React.ReactNode =>
    of === null ? <span className="text-ink-soft">not told</span> : of;
  return (
    <tr data-difference={row.name} data-same={row.isSame} className="hover:bg-sunken">
      <td className={`${cell} px-4 text-xs text-ink-soft`}>{isFirst ? row.group : ""}</td>
      <th scope="row" className={`${cell} px-2 text-left font-normal text-ink-soft`}>
        {row.name}
      </th>
      <td className={`${cell} ${row.isSame ? "text-ink-soft" : "font-medium"}`}>{value(row.a)}</td>
      <td className={`${cell} ${row.isSame ? "text-ink-soft" : "font-medium"}`}>
        {row.isSame ? "the same" : value(row.b)}
      </td>
    </tr>
  );
}

const noReports: readonly StatsSnapshot[] = [];

/** The last reports of a session, asked for again when it got longer by ten seconds. */
function useLastReports(store: SessionStore): readonly StatsSnapshot[] {
  const { newestSampleAt, phase } = useSnapshot(store);
  const [reports, setReports] = useState(noReports);
  const step = newestSampleAt === null || phase === "loading" ? null : Math.floor(newestSampleAt / 10_000);
  useEffect(() => {
    if (step === null || newestSampleAt === null) return;
    let over = false;
    void store.statsAt(newestSampleAt).then((found) => {
      if (!over) setReports(found);
    });
    return () => {
      over = true;
    };
    // oxlint-disable-next-line react/exhaustive-deps
  }, [store, step]);
  return reports;
}

type Events = Parameters<typeof descriptionDifference>[0];

/** How the negotiated media differ, line by line, without what is never the same. */
function Descriptions({ left, right }: { readonly left: Events; readonly right: Events }): React.ReactNode {
  const sides = useMemo(
    () =>
      (["local", "remote"] as const).map((side) => ({
        side,
        sections: descriptionDifference(left, right, side),
      })),
    [left, right],
  );
  return (
    <div className="border-t border-line">
      {sides.map(({ side, sections }) => (
        <Description key={side} side={side} sections={sections} />
      ))}
    </div>
  );
}

function Description({
  side,
  sections,
}: {
  readonly side: "local" | "remote";
  readonly sections: readonly SectionDifference[] | null;
}): React.ReactNode {
  const title = side === "local" ? "Own session description" : "Session description of the far end";
  const changed = (sections ?? []).flatMap(({ lines }) => lines.filter(({ change }) => change !== "same"));
  if (sections === null || changed.length === 0)
    return (
      <p className="px-4 py-2 text-table text-ink-soft">
        {title}: {sections === null ? "not in both recordings" : "the same"}
      </p>
    );
  return (
    <details>
      <summary className="min-h-9 px-4 py-2 text-table hover:bg-sunken">
        {title}: {plural(changed.length, "line differs", "lines differ")}
      </summary>
      <div
        role="region"
        // What scrolls has to be reachable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        aria-label={`${title}, lines that differ`}
        className="max-h-96 overflow-auto bg-sunken/60 px-4 py-2 font-mono text-xs"
      >
        {sections.map(({ section, lines }, place) => {
          const own = lines.filter(({ change }) => change !== "same");
          return own.length === 0 ? null : (
            <div key={`${section.kind} ${section.mid ?? place}`} className="mb-2">
              <div className="font-sans text-ink-soft">
                {section.kind === "session" ? "Session" : section.kind}
                {section.mid === null ? "" : `, mid ${section.mid}`}
              </div>
              {own.map(({ change, text }, line) => (
                // Lines repeat, and the list never changes its order.
                // oxlint-disable-next-line react/no-array-index-key
                <div key={line} className="whitespace-pre">
                  <span className="inline-block w-16 font-sans text-ink-soft">
                    {change === "removed" ? "only A" : "only B"}
                  </span>
                  {text}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </details>
  );
}
