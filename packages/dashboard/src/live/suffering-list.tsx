import { Link } from "@tanstack/react-router";
import type { LiveSession } from "@peerscope/schema/api";
import { useState } from "react";
import { ClassShape, SeverityShape } from "../frame/state-mark.tsx";
import { observationTitle } from "../words/causes.ts";
import { browserWords, domainWords, severityWords } from "../words/labels.ts";
import { count, plural } from "../words/numbers.ts";
import { duration } from "../words/time.ts";
import {
  goneWords,
  listedOf,
  listWords,
  personOf,
  sufferingRows,
  sufferingWords,
  type SufferingRow,
} from "./live-rows.ts";

/** Rows that are shown without asking for more. */
const firstRows = 50;

interface Props {
  readonly sessions: readonly LiveSession[];
  /** All who suffer; the list has the worst of them. */
  readonly affected: number;
  /** The server's time now, Unix ms. */
  readonly now: number;
}

/** Who suffers right now, longest first. Rows keep their places while the pointer or the focus is in the list. */
export function SufferingList({ sessions, affected, now }: Props): React.ReactNode {
  const [isHeld, setHeld] = useState(false);
  const [all, setAll] = useState(false);
  const rows = useHeldRows(sessions, isHeld);
  const shown = all ? rows : rows.slice(0, firstRows);
  const listed = listedOf(sessions);
  const unlisted = affected - listed;
  return (
    <section
      aria-labelledby="suffering-title"
      className="card overflow-hidden"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={(event) => setHeld(event.currentTarget.contains(document.activeElement))}
      onFocus={() => setHeld(true)}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget))
          setHeld(event.currentTarget.matches(":hover"));
      }}
    >
      <div className="flex h-10 items-center gap-2 border-b border-line px-4">
        <h2 id="suffering-title" className="text-table font-semibold">
          Suffering now
        </h2>
        <span className="text-xs text-ink-soft">{listWords(affected, listed)}</span>
        {isHeld && rows.length > 1 && (
          <span className="ml-auto text-xs text-ink-soft">Order held while you read</span>
        )}
      </div>
      {rows.length === 0 ? (
        <p className="flex items-center gap-2 px-4 py-6 text-ink-soft">
          <ClassShape of="good" />
          Nothing is wrong for anybody who is in a call now.
        </p>
      ) : (
        <div className="overflow-x-auto">
          <table className="w-full min-w-[36rem] text-table">
            <caption className="sr-only">Sessions in which something is wrong now, longest first</caption>
            <thead>
              <tr className="text-left text-xs text-ink-soft">
                {["Who", "What", "For", "Where", "Call"].map((title) => (
                  <th key={title} scope="col" className="h-8 border-b border-line px-4 font-semibold">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((row) => (
                <Row key={row.session.sessionId} row={row} isCut={unlisted > 0} now={now} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rows.length > shown.length && (
        <div className="p-2">
          <button type="button" className="btn" onClick={() => setAll(true)}>
            Show {count(rows.length - shown.length)} more
          </button>
        </div>
      )}
      {rows.length === shown.length && unlisted > 0 && (
        <p className="px-4 py-2 text-xs text-ink-soft">
          {plural(unlisted, "other person suffers and is", "other people suffer and are")} not listed here.{" "}
          <Link to="/sessions" search={{ live: "true", sort: "worst" }} className="link">
            All live sessions
          </Link>
        </p>
      )}
    </section>
  );
}

/** The rows of the last snapshot, in the order of the time when somebody began to read. */
function useHeldRows(sessions: readonly LiveSession[], isHeld: boolean): readonly SufferingRow[] {
  const [known, setKnown] = useState(() => ({ sessions, isHeld, rows: sufferingRows([], sessions, isHeld) }));
  if (known.sessions === sessions && known.isHeld === isHeld) return known.rows;
  const next = { sessions, isHeld, rows: sufferingRows(known.rows, sessions, isHeld) };
  setKnown(next);
  return next.rows;
}

const cell = "border-b border-line px-4 py-1.5 align-top group-last:border-b-0";

interface RowProps {
  readonly row: SufferingRow;
  /** The list does not have everybody who suffers. */
  readonly isCut: boolean;
  readonly now: number;
}

function Row({ row, isCut, now }: RowProps): React.ReactNode {
  const { session, isOver } = row;
  const [first, ...others] = session.observations;
  const also = [
    ...new Set(others.filter(({ id }) => id !== first?.id).map(({ id }) => observationTitle(id))),
  ];
  return (
    <tr
      data-session-id={session.sessionId}
      data-state={isOver ? "over" : "open"}
      className={`group hover:bg-sunken ${isOver ? "text-ink-soft" : ""}`}
    >
      <th scope="row" className={`${cell} max-w-52 text-left font-medium`}>
        <Link
          to="/sessions/$id"
          params={{ id: session.sessionId }}
          search={first === undefined || isOver ? {} : { obs: first.key }}
          className="link block min-h-6 truncate"
        >
          {personOf(session)}
        </Link>
        <span className="block truncate text-xs font-normal text-ink-soft">
          {browserWords(session.browser, session.os)}
        </span>
      </th>
      <td className={cell}>
        <span className="flex items-center gap-1.5">
          {first === undefined ? <ClassShape of={session.class} /> : <SeverityShape of={first.severity} />}
          <span
            className={!isOver ? "font-medium" : isCut ? "" : "line-through"}
            data-observation-id={first?.id}
          >
            {sufferingWords(session)}
          </span>
          {first !== undefined && (
            <span className="text-xs text-ink-soft">{severityWords[first.severity].toLowerCase()}</span>
          )}
        </span>
        {isOver ? (
          <span className="text-xs">{goneWords(isCut)}</span>
        ) : (
          also.length > 0 && <span className="block text-xs text-ink-soft">also: {also.join(", ")}</span>
        )}
      </td>
      <td className={`${cell} tnum whitespace-nowrap`}>
        {isOver || session.since === null ? "–" : duration(now - session.since)}
      </td>
      <td className={`${cell} min-w-28 text-ink-soft`}>{domainWords[session.faultDomain]}</td>
      <td className={`${cell} max-w-40`}>
        {session.callId === null ? (
          <span className="text-ink-soft">–</span>
        ) : (
          <Link to="/calls/$id" params={{ id: session.callId }} className="link block min-h-6 truncate">
            {session.callId}
          </Link>
        )}
      </td>
    </tr>
  );
}
