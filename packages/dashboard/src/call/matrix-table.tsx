import { confidenceWord, describeFaultDomain } from "@peerscope/observer";
import type { CallLeg } from "@peerscope/schema";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { ClassShape } from "../frame/state-mark.tsx";
import { classWords } from "../words/labels.ts";
import { cellKey, unknownSender, type Cell, type Matrix, type PairCell, type Person } from "./matrix.ts";
import type { ChosenPair } from "./pair-details.tsx";

interface TableProps {
  readonly matrix: Matrix;
  readonly people: readonly Person[];
  readonly chosen: ChosenPair | null;
  readonly onChoose: (pair: ChosenPair) => void;
}

/** Height of a row and width of a column, in px: fixed, so that what is out of view needs only its room. */
const rowPx = 33;
const columnPx = 104;
/** What is drawn before the size of the window is known. */
const firstView = { width: 1_200, height: 600 };

/** The table of the matrix. Of two hundred people only those in view are drawn. */
export function MatrixTable({ matrix, people, chosen, onChoose }: TableProps): React.ReactNode {
  const view = useRef<HTMLDivElement>(null);
  const senders = matrix.hasUnknownSender
    ? [
        ...people,
        { sessionId: unknownSender, name: "Not known", isTroubled: false, asSender: null, asReceiver: null },
      ]
    : people;
  const hasRowVerdicts = people.some(({ asSender }) => asSender !== null);
  // oxlint-disable-next-line react/incompatible-library
  const rows = useVirtualizer({
    count: senders.length,
    estimateSize: () => rowPx,
    getScrollElement: () => view.current,
    initialRect: firstView,
    overscan: 8,
  });
  const columns = useVirtualizer({
    horizontal: true,
    count: people.length,
    estimateSize: () => columnPx,
    getScrollElement: () => view.current,
    initialRect: firstView,
    overscan: 4,
  });
  const shown = columns.getVirtualItems().flatMap(({ index, start }) => {
    const person = people[index];
    return person === undefined ? [] : [{ person, index, start }];
  });
  const before = shown[0]?.start ?? 0;
  const after = columns.getTotalSize() - before - shown.length * columnPx;
  const shownRows = rows.getVirtualItems();
  const above = shownRows[0]?.start ?? 0;
  const below = rows.getTotalSize() - above - shownRows.length * rowPx;
  /** Room for the columns that are out of view. */
  const across = (cells: React.ReactNode): React.ReactNode => (
    <>
      {before > 0 && <td aria-hidden style={{ minWidth: before }} />}
      {cells}
      {after > 0 && <td aria-hidden style={{ minWidth: after }} />}
    </>
  );
  return (
    <div
      ref={view}
      className="max-h-[70dvh] overflow-auto"
      tabIndex={0}
      role="region"
      aria-label="Matrix of the call"
    >
      <table
        className="border-separate border-spacing-0 text-table"
        aria-rowcount={senders.length + 1}
        aria-colcount={people.length + 1}
      >
        <caption className="sr-only">
          Each cell says how well the person of the column received the person of the row: sound, then
          picture.
        </caption>
        <thead>
          <tr aria-rowindex={1}>
            <th
              scope="col"
              className="sticky top-0 left-0 z-20 border-r border-b border-line bg-surface px-3 py-1.5 text-left text-xs font-normal whitespace-nowrap text-ink-soft"
            >
              sends ↓ &nbsp; receives →
            </th>
            {across(
              shown.map(({ person, index }) => (
                <th
                  key={person.sessionId}
                  scope="col"
                  aria-colindex={index + 2}
                  style={{ minWidth: columnPx, maxWidth: columnPx }}
                  className="sticky top-0 z-10 border-b border-line bg-surface px-2 py-1.5 font-semibold"
                >
                  <span className="block truncate" title={person.name}>
                    {person.name}
                  </span>
                </th>
              )),
            )}
            {hasRowVerdicts && (
              <th
                scope="col"
                className="sticky top-0 z-10 border-b border-line bg-surface px-3 py-1.5 text-left text-xs font-normal whitespace-nowrap text-ink-soft"
              >
                What they send
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr aria-hidden style={{ height: above }} />}
          {shownRows.map(({ index: row }) => {
            const sender = senders[row];
            if (sender === undefined) return null;
            return (
              <tr key={sender.sessionId} aria-rowindex={row + 2} style={{ height: rowPx }} className="group">
                <th
                  scope="row"
                  className="sticky left-0 z-10 max-w-44 border-r border-b border-line bg-surface px-3 text-left font-semibold"
                >
                  <span className="block truncate" title={sender.name}>
                    {sender.name}
                  </span>
                </th>
                {across(
                  shown.map(({ person: receiver, index }) => (
                    <td
                      key={receiver.sessionId}
                      aria-colindex={index + 2}
                      className="border-b border-line p-0 text-center group-hover:bg-sunken"
                    >
                      <PairButton
                        sender={sender}
                        receiver={receiver}
                        cell={matrix.cells.get(cellKey(sender.sessionId, receiver.sessionId)) ?? null}
                        isChosen={
                          chosen?.sender === sender.sessionId && chosen.receiver === receiver.sessionId
                        }
                        onChoose={onChoose}
                      />
                    </td>
                  )),
                )}
                {hasRowVerdicts && (
                  <td className="border-b border-line px-3 text-xs whitespace-nowrap">
                    {sender.asSender !== null && <LegVerdict leg={sender.asSender} />}
                  </td>
                )}
              </tr>
            );
          })}
          {below > 0 && <tr aria-hidden style={{ height: below }} />}
          {people.some(({ asReceiver }) => asReceiver !== null) && (
            <tr>
              <th
                scope="row"
                className="sticky left-0 z-10 border-r border-line bg-surface px-3 py-1.5 text-left text-xs font-normal text-ink-soft"
              >
                What they receive
              </th>
              {across(
                shown.map(({ person }) => (
                  <td key={person.sessionId} className="px-2 py-1.5 text-center align-top text-xs">
                    {person.asReceiver !== null && <LegVerdict leg={person.asReceiver} />}
                  </td>
                )),
              )}
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
      <span role="img" className="text-ink-soft" aria-label="the same person">
        ·
      </span>
    );
  if (cell === null)
    return (
      <span role="img" className="text-ink-soft" aria-label="nothing received">
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
