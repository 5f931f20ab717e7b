import { confidenceWord, describeFaultDomain } from "@peerscope/observer";
import type { CallAnalysis, CallLeg } from "@peerscope/schema";
import { useMemo, useState } from "react";
import { ClassShape } from "../frame/state-mark.tsx";
import { classWords } from "../words/labels.ts";
import { plural } from "../words/numbers.ts";
import { duration } from "../words/time.ts";
import {
  cellKey,
  matrixOf,
  unknownSender,
  type Buckets,
  type Cell,
  type Matrix,
  type PairCell,
  type Person,
} from "./matrix.ts";
import { PairDetails, type ChosenPair } from "./pair-details.tsx";

/** More people than this, and those without trouble are folded. Ours, as in the specification of the dashboard. */
const maxShown = 12;

interface Props {
  readonly analysis: CallAnalysis;
  readonly names: ReadonlyMap<string, string>;
}

/** Rows send, columns receive: a bad row is a sender's line, a bad column a receiver's, a lone cell the way between two. */
export function CallMatrix({ analysis, names }: Props): React.ReactNode {
  const { pairs } = analysis;
  const [bucket, setBucket] = useState<number | null>(null);
  const [all, setAll] = useState(false);
  const [chosen, setChosen] = useState<ChosenPair | null>(null);
  const buckets = useMemo<Buckets>(
    () => (bucket === null ? null : { from: bucket, to: bucket + 1 }),
    [bucket],
  );
  const matrix = useMemo(() => matrixOf(analysis, names, buckets), [analysis, names, buckets]);
  if (pairs.pairs.length === 0) {
    return (
      <p className="card p-6 text-ink-soft">
        Nothing that one person received of another one could be scored: the call was too short, nobody sent
        anything, or its source does not report it.
      </p>
    );
  }
  const folded =
    all || matrix.people.length <= maxShown ? [] : matrix.people.filter((one) => !one.isTroubled);
  const people = matrix.people.filter((one) => !folded.includes(one));
  const count = pairs.pairs.reduce((most, { scores }) => Math.max(most, scores.length), 0);
  return (
    <section className="card overflow-hidden" aria-label="Who received whom">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-2">
        <h2 className="font-semibold">Who received whom</h2>
        <label className="flex min-w-56 flex-1 items-center gap-3 text-table text-ink-soft">
          <span className="tnum shrink-0">
            {bucket === null
              ? "Whole call, worst moment"
              : `${duration(bucket * pairs.bucketMs)} to ${duration((bucket + 1) * pairs.bucketMs)}`}
          </span>
          <input
            type="range"
            className="h-6 flex-1 accent-accent"
            aria-label="Part of the call"
            aria-valuetext={bucket === null ? "whole call" : duration(bucket * pairs.bucketMs)}
            min={-1}
            max={count - 1}
            value={bucket ?? -1}
            onChange={(event) =>
              setBucket(Number(event.target.value) < 0 ? null : Number(event.target.value))
            }
          />
        </label>
        {bucket !== null && (
          <button type="button" className="btn" onClick={() => setBucket(null)}>
            Whole call
          </button>
        )}
      </header>
      <MatrixTable matrix={matrix} people={people} onChoose={setChosen} chosen={chosen} />
      {matrix.people.length > maxShown && (
        <p className="border-t border-line px-4 py-2 text-table text-ink-soft">
          {folded.length > 0 && `+${plural(folded.length, "person", "people")} without trouble. `}
          <button type="button" className="link min-h-6" onClick={() => setAll(!all)}>
            {all ? "Only those with trouble" : "Show all"}
          </button>
        </p>
      )}
      {matrix.hasUnknownSender && (
        <p className="border-t border-line px-4 py-2 text-xs text-ink-soft">
          “Not known” is a stream whose sender was not measured, or that fits several: a media server gives
          streams other ids, and then they are told apart by what they carry.
        </p>
      )}
      {chosen !== null && (
        <PairDetails pair={chosen} analysis={analysis} names={names} onClose={() => setChosen(null)} />
      )}
    </section>
  );
}

interface TableProps {
  readonly matrix: Matrix;
  readonly people: readonly Person[];
  readonly chosen: ChosenPair | null;
  readonly onChoose: (pair: ChosenPair) => void;
}

function MatrixTable({ matrix, people, chosen, onChoose }: TableProps): React.ReactNode {
  const senders = matrix.hasUnknownSender
    ? [
        ...people,
        { sessionId: unknownSender, name: "Not known", isTroubled: false, asSender: null, asReceiver: null },
      ]
    : people;
  const hasRowVerdicts = people.some(({ asSender }) => asSender !== null);
  return (
    <div className="max-h-[70dvh] overflow-auto" tabIndex={0} role="region" aria-label="Matrix of the call">
      <table className="border-separate border-spacing-0 text-table">
        <caption className="sr-only">
          Each cell says how well the person of the column received the person of the row: sound, then
          picture.
        </caption>
        <thead>
          <tr>
            <th
              scope="col"
              className="sticky top-0 left-0 z-20 border-r border-b border-line bg-surface px-3 py-1.5 text-left text-xs font-normal text-ink-soft"
            >
              sends ↓ &nbsp; receives →
            </th>
            {people.map((person) => (
              <th
                key={person.sessionId}
                scope="col"
                className="sticky top-0 z-10 max-w-32 border-b border-line bg-surface px-2 py-1.5 font-semibold"
              >
                <span className="block truncate" title={person.name}>
                  {person.name}
                </span>
              </th>
            ))}
            {hasRowVerdicts && (
              <th
                scope="col"
                className="sticky top-0 z-10 border-b border-line bg-surface px-3 py-1.5 text-left text-xs font-normal text-ink-soft"
              >
                What they send
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {senders.map((sender) => (
            <tr key={sender.sessionId} className="group">
              <th
                scope="row"
                className="sticky left-0 z-10 max-w-44 border-r border-b border-line bg-surface px-3 text-left font-semibold"
              >
                <span className="block truncate" title={sender.name}>
                  {sender.name}
                </span>
              </th>
              {people.map((receiver) => (
                <td
                  key={receiver.sessionId}
                  className="border-b border-line p-0 text-center group-hover:bg-sunken"
                >
                  <PairButton
                    sender={sender}
                    receiver={receiver}
                    cell={matrix.cells.get(cellKey(sender.sessionId, receiver.sessionId)) ?? null}
                    isChosen={chosen?.sender === sender.sessionId && chosen.receiver === receiver.sessionId}
                    onChoose={onChoose}
                  />
                </td>
              ))}
              {hasRowVerdicts && (
                <td className="max-w-64 border-b border-line px-3 text-xs">
                  {sender.asSender !== null && <LegVerdict leg={sender.asSender} />}
                </td>
              )}
            </tr>
          ))}
          {people.some(({ asReceiver }) => asReceiver !== null) && (
            <tr>
              <th
                scope="row"
                className="sticky left-0 z-10 border-r border-line bg-surface px-3 py-1.5 text-left text-xs font-normal text-ink-soft"
              >
                What they receive
              </th>
              {people.map((person) => (
                <td key={person.sessionId} className="max-w-40 px-2 py-1.5 text-center align-top text-xs">
                  {person.asReceiver !== null && <LegVerdict leg={person.asReceiver} />}
                </td>
              ))}
              {hasRowVerdicts && <td />}
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

function LegVerdict({ leg }: { readonly leg: CallLeg }): React.ReactNode {
  const { verdict, people } = leg;
  if (verdict.faultDomain === "unknown") return <span className="text-ink-soft">cannot tell whose side</span>;
  const owner = verdict.faultDomain.startsWith("publisher-") ? people.sender : people.receiver;
  return (
    <>
      {describeFaultDomain(verdict.faultDomain, owner === null ? {} : { person: owner }).name}{" "}
      <span className="text-ink-soft">({confidenceWord(verdict)})</span>
    </>
  );
}

interface PairProps {
  readonly sender: Person;
  readonly receiver: Person;
  readonly cell: PairCell | null;
  readonly isChosen: boolean;
  readonly onChoose: (pair: ChosenPair) => void;
}

function PairButton({ sender, receiver, cell, isChosen, onChoose }: PairProps): React.ReactNode {
  if (sender.sessionId === receiver.sessionId)
    return (
      <span className="text-ink-soft" aria-label="the same person">
        ·
      </span>
    );
  if (cell === null)
    return (
      <span className="text-ink-soft" aria-label="nothing received">
        –
      </span>
    );
  const words = (kind: string, one: Cell | null): string =>
    one === null
      ? `no ${kind}`
      : `${kind} ${classWords[one.class].toLowerCase()}${one.worst === null ? "" : ` ${Math.round(one.worst)}`}`;
  const told = `${sender.name} to ${receiver.name}: ${words("sound", cell.audio)}, ${words("picture", cell.video)}`;
  return (
    <button
      type="button"
      title={told}
      aria-pressed={isChosen}
      className={`inline-flex min-h-8 min-w-16 items-center justify-center gap-2 px-2 ${isChosen ? "bg-accent-soft outline-2 -outline-offset-2 outline-accent" : ""}`}
      onClick={() => onChoose({ sender: sender.sessionId, receiver: receiver.sessionId })}
    >
      <span className="sr-only">{told}</span>
      <span className="inline-flex items-center gap-2" aria-hidden>
        <Mark letter="a" cell={cell.audio} />
        <Mark letter="v" cell={cell.video} />
      </span>
    </button>
  );
}

function Mark({ letter, cell }: { readonly letter: "a" | "v"; readonly cell: Cell | null }): React.ReactNode {
  return (
    <span className="inline-flex items-center gap-0.5 text-xs text-ink-soft" aria-hidden>
      {cell === null ? <span className="w-3">–</span> : <ClassShape of={cell.class} size={12} />}
      {letter}
    </span>
  );
}
