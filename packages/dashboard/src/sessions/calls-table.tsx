import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { faultDomains } from "@peerscope/schema";
import type { CallRow } from "@peerscope/schema/api";
import { useEffect, useMemo, useRef, useState } from "react";
import { Failure } from "../frame/fallbacks.tsx";
import { useKeys } from "../frame/keys.ts";
import { LiveMark, ScoreBadge } from "../frame/state-mark.tsx";
import { callsQuery } from "../queries/explorer.ts";
import { RequestError } from "../queries/fetch-json.ts";
import { causeWords } from "../words/causes.ts";
import { plural, short } from "../words/numbers.ts";
import { duration } from "../words/time.ts";
import { CauseCell } from "./cause-cell.tsx";
import { When } from "./columns.tsx";
import { CallsFilteredAway } from "./empty.tsx";
import { hasFilters } from "./filter-bar.tsx";
import { SessionsSkeleton } from "./sessions-table.tsx";

const rowHeight = 40;
const columns = [
  ["Worst", "w-32"],
  ["Cause of the worst", ""],
  ["Call", "w-36"],
  ["Sessions", "w-36 max-sm:hidden"],
  ["Mean", "w-20 text-right @max-5xl:hidden"],
  ["Duration", "w-24 text-right @max-4xl:hidden"],
  ["When", "w-36 @max-2xl:hidden"],
] as const;
const cell = "overflow-hidden border-b border-line px-3 group-last:border-b-0";

/** Calls of the sessions that match: who was worst in each, and how many were badly off. */
export function CallsTable(): React.ReactNode {
  const search = useSearch({ from: "/sessions" });
  const navigate = useNavigate();
  const query = useInfiniteQuery(callsQuery(search));
  const calls = useMemo(() => query.data?.pages.flatMap((page) => page.calls) ?? [], [query.data]);
  const body = useRef<HTMLTableSectionElement>(null);
  const [margin, setMargin] = useState(0);
  const [current, setCurrent] = useState(-1);
  const isThere = calls.length > 0;
  useEffect(() => {
    setMargin(body.current === null ? 0 : body.current.getBoundingClientRect().top + scrollY);
  }, [isThere]);
  // The compiler leaves this component alone for it, which is what it needs.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useWindowVirtualizer({
    count: calls.length,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: margin,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= calls.length - 20 && query.hasNextPage && !query.isFetchingNextPage)
      void query.fetchNextPage();
  }, [last, calls.length, query]);
  const move = (step: number): void => {
    const next = Math.min(Math.max(current + step, 0), calls.length - 1);
    setCurrent(next);
    if (next >= 0) virtual.scrollToIndex(next, { align: "auto" });
  };
  const open = (call: CallRow | undefined): void => {
    if (call !== undefined) void navigate({ to: "/calls/$id", params: { id: call.callId } });
  };
  useKeys({ j: () => move(1), k: () => move(-1), Enter: () => open(calls[current]) });

  if (query.isError && query.data === undefined) {
    return (
      <Failure
        title="The calls could not be loaded"
        detail={`${query.error.message}. Recording goes on; nothing is lost.`}
        code={query.error instanceof RequestError ? query.error.code : null}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (query.isPending) return <SessionsSkeleton />;
  if (!isThere && hasFilters(search)) return <CallsFilteredAway search={search} />;
  if (!isThere)
    return (
      <p className="card p-6 text-ink-soft">
        No session names a call. An app that gives its sessions the id of their call finds them here together.
      </p>
    );
  const above = (items[0]?.start ?? margin) - margin;
  const below = virtual.getTotalSize() - ((items.at(-1)?.end ?? margin) - margin);
  return (
    <div className="card max-md:overflow-x-auto">
      <table className="w-full table-fixed border-separate border-spacing-0 text-table">
        <caption className="sr-only">Calls of the sessions that match</caption>
        <thead>
          <tr>
            {columns.map(([title, width]) => (
              <th
                key={title}
                scope="col"
                className={`sticky top-[calc(3.25rem+1px)] z-10 h-9 border-b border-line bg-surface px-3 text-left text-xs font-semibold text-ink-soft first:rounded-tl-[10px] last:rounded-tr-[10px] max-md:static ${width}`}
              >
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body} className="[&_:is(a,button,input)]:scroll-mt-9">
          <Gap height={above} />
          {items.map((item) => {
            const call = calls[item.index];
            if (call === undefined) return null;
            const selected = item.index === current;
            return (
              <tr
                key={call.callId}
                aria-current={selected ? "true" : undefined}
                className={`group cursor-pointer ${selected ? "bg-accent-soft" : "hover:bg-sunken"}`}
                style={{ height: rowHeight }}
                onClick={(event) => {
                  if (event.target instanceof Element && event.target.closest("a") !== null) return;
                  if (getSelection()?.toString() === "") open(call);
                }}
              >
                <Cells call={call} />
              </tr>
            );
          })}
          <Gap height={below} />
        </tbody>
      </table>
    </div>
  );
}

/** Room for rows that are not in sight. */
function Gap({ height }: { readonly height: number }): React.ReactNode {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={columns.length} style={{ height, padding: 0 }} />
    </tr>
  );
}

function Cells({ call }: { readonly call: CallRow }): React.ReactNode {
  const { what, where } = causeWords({
    statedCause: call.statedCause,
    faultDomain: faultDomains.find((name) => name === call.faultDomain) ?? "unknown",
    observationIds: [],
    scoreClass: call.scoreClass,
  });
  return (
    <>
      <td className={`${cell} w-32`}>
        <ScoreBadge score={call.worstScore} of={call.scoreClass} />
      </td>
      <td className={cell}>
        <CauseCell
          what={
            <span className={call.statedCause === null ? "text-ink-soft" : "font-medium"} title={what}>
              {what}
            </span>
          }
          where={where}
        />
      </td>
      <td className={`${cell} w-36`}>
        <span className="flex min-w-0 items-center gap-2">
          <Link
            to="/calls/$id"
            params={{ id: call.callId }}
            className="truncate py-1 hover:underline"
            title={call.callId}
          >
            {call.callId}
          </Link>
          {call.live && <LiveMark />}
        </span>
      </td>
      <td className={`${cell} w-36 max-sm:hidden`}>
        <span className="tnum">{plural(call.sessions, "session")}</span>
        {call.bad > 0 && <span className="tnum text-xs text-poor">, {call.bad} bad</span>}
      </td>
      <td className={`${cell} tnum w-20 text-right @max-5xl:hidden`}>
        {call.meanScore === null ? "–" : short(Math.round(call.meanScore))}
      </td>
      <td className={`${cell} tnum w-24 text-right @max-4xl:hidden`}>
        {duration(call.lastAt - call.startedAt)}
      </td>
      <td className={`${cell} w-36 @max-2xl:hidden`}>
        <When at={call.startedAt} />
      </td>
    </>
  );
}
