import { useMemo } from "react";
import { copyText } from "../../frame/announce.tsx";
import { Segmented } from "../../frame/top-bar.tsx";
import { plural } from "../../words/numbers.ts";
import { useSession, useSnapshot, useTimeWords } from "../context.tsx";
import { connectionNames } from "../connection-names.ts";
import { readDescriptions, type SdpSection, type SessionDescription } from "./descriptions.ts";
import { differenceOf, type DifferenceLine, type SectionDifference } from "./difference.ts";

const sideWords: Readonly<Record<SessionDescription["side"], string>> = {
  created: "made here",
  local: "set here",
  remote: "from the other end",
};

/** Offers and answers in their order; each whole, against the one before, and with what the app changed. */
export function SdpTab(): React.ReactNode {
  const { store, search, setSearch } = useSession();
  const snapshot = useSnapshot(store);
  const descriptions = useMemo(() => readDescriptions(snapshot.events), [snapshot.events]);
  const names = useMemo(() => connectionNames(snapshot.events), [snapshot.events]);
  const chosen =
    descriptions.find((one) => one.key === search.sdp) ??
    descriptions.find((one) => one.munged !== null || one.outcome === "rejected") ??
    descriptions.find((one) => one.side !== "created") ??
    descriptions[0];
  if (chosen === undefined) {
    return (
      <p className="card p-6 text-ink-soft">
        {snapshot.phase === "loading"
          ? "Reading the session descriptions"
          : "This recording has no session descriptions: no offer or answer was made, or its source does not record them."}
      </p>
    );
  }
  const before = descriptions.find((one) => one.key === chosen.previous) ?? null;
  return (
    <section
      className="grid items-start gap-3 lg:grid-cols-[20rem_minmax(0,1fr)]"
      aria-label="Signalling and SDP"
    >
      <nav className="card max-h-[75dvh] overflow-auto p-1" aria-label="Offers and answers" tabIndex={0}>
        <ol>
          {descriptions.map((one) => (
            <ExchangeRow
              key={one.key}
              description={one}
              connection={names.get(one.connectionId) ?? null}
              isChosen={one === chosen}
              onChoose={() => setSearch({ sdp: one.key })}
            />
          ))}
        </ol>
      </nav>
      <article className="card min-w-0 overflow-hidden" aria-label="Description">
        <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line p-3">
          <h2 className="font-semibold">
            {chosen.type} <span className="font-normal text-ink-soft">{sideWords[chosen.side]}</span>
          </h2>
          <Segmented
            label="Show"
            value={search.sdpView ?? "whole"}
            onChange={(value) => setSearch({ sdpView: value === "changes" ? "changes" : undefined })}
            options={[
              { value: "whole", label: "Whole" },
              { value: "changes", label: "Changes" },
            ]}
          />
          {chosen.sdp !== null && (
            <button
              type="button"
              className="btn ml-auto"
              onClick={() => void copyText(chosen.sdp ?? "", "Description")}
            >
              Copy
            </button>
          )}
        </header>
        {chosen.error !== null && (
          <p className="border-b border-line bg-poor-mark/8 p-3 text-table">
            <strong className="text-poor">✕ Refused.</strong> {chosen.error}
          </p>
        )}
        {chosen.munged !== null && <Munged {...chosen.munged} />}
        {chosen.sdp === null ? (
          <p className="p-4 text-ink-soft">
            Only what differs from an earlier description was recorded, and that one is missing.
          </p>
        ) : search.sdpView === "changes" ? (
          <Changes before={before} after={chosen} />
        ) : (
          <Sections sections={chosen.sections} />
        )}
      </article>
    </section>
  );
}

interface RowProps {
  readonly description: SessionDescription;
  readonly connection: string | null;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

function ExchangeRow({ description, connection, isChosen, onChoose }: RowProps): React.ReactNode {
  const words = useTimeWords();
  const { side, type, method, outcome, munged, sections } = description;
  const arrow = side === "remote" ? "←" : side === "local" ? "→" : "·";
  const media = sections.filter((section) => section.kind !== "session").length;
  return (
    <li>
      <button
        type="button"
        aria-pressed={isChosen}
        onClick={onChoose}
        className={`grid w-full grid-cols-[1rem_minmax(0,1fr)_auto] gap-x-2 rounded-md px-2 py-1.5 text-left text-table hover:bg-sunken ${isChosen ? "bg-accent-soft" : ""}`}
      >
        <span aria-hidden className="text-ink-soft">
          {arrow}
        </span>
        <span className="min-w-0">
          <span className="font-medium">{type || "description"}</span>{" "}
          <span className="text-ink-soft">{sideWords[side]}</span>
          <span className="block truncate text-xs text-ink-soft">
            {connection !== null && `${connection}, `}
            <code className="font-mono">{method}()</code>, {plural(media, "media section")}
          </span>
          {outcome === "rejected" && <span className="block text-xs font-semibold text-poor">✕ refused</span>}
          {munged !== null && (
            <span className="block text-xs font-semibold text-fair">
              ▲ {plural(munged.added.length + munged.removed.length, "line")} changed by the app
            </span>
          )}
        </span>
        <span className="tnum text-xs text-ink-soft">{words(description.at, true)}</span>
      </button>
    </li>
  );
}

function Munged({ added, removed }: NonNullable<SessionDescription["munged"]>): React.ReactNode {
  return (
    <details open className="border-b border-line p-3 text-table">
      <summary className="font-semibold">The app changed this after the browser made it</summary>
      <Lines
        label="Lines that the app changed"
        lines={[
          ...removed.map((text): DifferenceLine => ({ change: "removed", text })),
          ...added.map((text): DifferenceLine => ({ change: "added", text })),
        ]}
      />
    </details>
  );
}

function Changes({
  before,
  after,
}: {
  readonly before: SessionDescription | null;
  readonly after: SessionDescription;
}): React.ReactNode {
  const differences = useMemo(() => (before === null ? null : differenceOf(before, after)), [before, after]);
  if (differences === null)
    return (
      <p className="p-4 text-ink-soft">
        This is the first description of this side: nothing to compare it with.
      </p>
    );
  const changed = differences.filter((difference) => difference.change !== "same");
  if (changed.length === 0)
    return <p className="p-4 text-ink-soft">Nothing differs from the description before.</p>;
  return changed.map((difference, place) => (
    <SectionFrame key={place} section={difference.section} note={noteOf(difference)} isOpen>
      <Lines label={`Changes of ${titleOf(difference.section)}`} lines={withContext(difference.lines)} />
    </SectionFrame>
  ));
}

function noteOf({ change, lines }: SectionDifference): string {
  if (change === "added") return "new";
  if (change === "removed") return "gone";
  return plural(lines.filter((line) => line.change !== "same").length, "line");
}

/** Lines that stay, only where they stand beside one that does not. */
function withContext(lines: readonly DifferenceLine[]): DifferenceLine[] {
  return lines.filter(
    (line, place) =>
      line.change !== "same" ||
      [-2, -1, 1, 2].some((step) => (lines[place + step]?.change ?? "same") !== "same"),
  );
}

function Sections({ sections }: { readonly sections: readonly SdpSection[] }): React.ReactNode {
  return sections.map((section, place) => (
    <SectionFrame key={place} section={section} note={plural(section.lines.length, "line")} isOpen={false}>
      <Lines
        label={titleOf(section)}
        lines={section.lines.map((text): DifferenceLine => ({ change: "same", text }))}
      />
    </SectionFrame>
  ));
}

function titleOf({ kind, mid }: SdpSection): string {
  return kind === "session" ? "Session" : `${kind}${mid === null ? "" : `, mid ${mid}`}`;
}

interface FrameProps {
  readonly section: SdpSection;
  readonly note: string;
  readonly isOpen: boolean;
  readonly children: React.ReactNode;
}

function SectionFrame({ section, note, isOpen, children }: FrameProps): React.ReactNode {
  return (
    <details open={isOpen} className="border-b border-line last:border-b-0">
      <summary className="flex min-h-9 flex-wrap items-baseline gap-x-3 px-3 py-1.5 text-table hover:bg-sunken">
        <span className={section.isRejected ? "font-semibold line-through" : "font-semibold"}>
          {titleOf(section)}
        </span>
        {section.isRejected && <span className="text-xs font-semibold text-poor">✕ rejected</span>}
        {section.direction !== null && <span className="text-xs text-ink-soft">{section.direction}</span>}
        <span className="min-w-0 truncate text-xs text-ink-soft">{section.codecs.join(", ")}</span>
        <span className="ml-auto text-xs text-ink-soft">{note}</span>
      </summary>
      {children}
    </details>
  );
}

const marks: Readonly<Record<DifferenceLine["change"], string>> = { same: " ", added: "+", removed: "−" };
const lineLooks: Readonly<Record<DifferenceLine["change"], string>> = {
  same: "",
  added: "bg-good-mark/15 font-medium",
  removed: "bg-poor-mark/12 line-through decoration-poor-mark/60",
};
const lineWords: Readonly<Record<DifferenceLine["change"], string>> = {
  same: "",
  added: "added: ",
  removed: "removed: ",
};

function Lines({
  label,
  lines,
}: {
  readonly label: string;
  readonly lines: readonly DifferenceLine[];
}): React.ReactNode {
  return (
    <div
      tabIndex={0}
      role="region"
      aria-label={label}
      className="max-h-96 overflow-auto bg-sunken/60 px-3 py-2 font-mono text-xs"
    >
      {lines.map(({ change, text }, place) => (
        <div key={place} className={`flex gap-2 whitespace-pre ${lineLooks[change]}`}>
          <span aria-hidden className="w-3 shrink-0 text-ink-soft select-none">
            {marks[change]}
          </span>
          <span>
            {change !== "same" && <span className="sr-only">{lineWords[change]}</span>}
            {text}
          </span>
        </div>
      ))}
    </div>
  );
}
