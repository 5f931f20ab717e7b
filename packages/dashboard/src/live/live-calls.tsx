import { Link } from "@tanstack/react-router";
import type { ScoreClass } from "@peerscope/schema";
import type { LiveCall } from "@peerscope/schema/api";
import { classTextColor, ClassShape } from "../frame/state-mark.tsx";
import { classWords, shortId } from "../words/labels.ts";
import { plural } from "../words/numbers.ts";
import { minutesWords } from "./live-rows.ts";

/** The worse, the taller: colour is not alone. */
const looks: Readonly<Record<ScoreClass, string>> = {
  good: "bg-good-mark/50 h-2/5",
  fair: "bg-fair-mark h-3/5",
  poor: "bg-poor-mark h-full",
  failed: "bg-failed-mark h-full",
  dropped: "bg-failed-mark h-full",
  "not-measured": "bg-unmeasured-mark/60 h-px",
};

interface Props {
  readonly calls: readonly LiveCall[];
  /** All live calls; the list has the worst of them. */
  readonly total: number;
}

/** Calls that go on, worst first, each with its last half hour. */
export function LiveCalls({ calls, total }: Props): React.ReactNode {
  return (
    <section aria-labelledby="calls-title" className="card overflow-hidden">
      <div className="flex h-10 items-center gap-2 border-b border-line px-4">
        <h2 id="calls-title" className="text-table font-semibold">
          Calls going on
        </h2>
        <span className="text-xs text-ink-soft">
          {total > calls.length ? `worst ${calls.length} of ${total}` : "worst first"}
        </span>
        <span className="ml-auto text-xs text-ink-soft max-sm:hidden">
          each bar a minute, how it was for the worst client: the worse, the taller
        </span>
      </div>
      <div className="overflow-x-auto">
        <table className="w-full min-w-[36rem] text-table">
          <caption className="sr-only">Calls that go on, worst first</caption>
          <thead>
            <tr className="text-left text-xs text-ink-soft">
              {["Call", "Worst now", "In it", "Last 30 minutes"].map((title) => (
                <th key={title} scope="col" className="h-8 border-b border-line px-4 font-semibold">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {calls.map((call) => (
              <CallRow key={call.callId ?? call.sessionId} call={call} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const cell = "border-b border-line px-4 py-1 group-last:border-b-0";

function CallRow({ call }: { readonly call: LiveCall }): React.ReactNode {
  return (
    <tr className="group h-9 hover:bg-sunken">
      <th scope="row" className={`${cell} max-w-60 text-left font-medium`}>
        {call.callId === null ? (
          <Link to="/sessions/$id" params={{ id: call.sessionId }} className="link block truncate py-0.5">
            Session {shortId(call.sessionId)}
          </Link>
        ) : (
          <Link to="/calls/$id" params={{ id: call.callId }} className="link block truncate py-0.5">
            {call.callId}
          </Link>
        )}
      </th>
      <td className={cell}>
        <span className="inline-flex items-center gap-1.5">
          <ClassShape of={call.class} />
          <span className={`text-xs ${classTextColor(call.class)}`}>{classWords[call.class]}</span>
        </span>
      </td>
      <td className={`${cell} tnum whitespace-nowrap`}>
        {plural(call.sessions, "client")}
        {call.affected > 0 && <span className="text-ink-soft">, {call.affected} suffering</span>}
      </td>
      <td className={`${cell} w-72`}>
        <HeatStrip minutes={call.minutes} />
      </td>
    </tr>
  );
}

function HeatStrip({ minutes }: { readonly minutes: LiveCall["minutes"] }): React.ReactNode {
  return (
    <div
      role="img"
      aria-label={minutesWords(minutes)}
      className="flex h-5 w-full items-end gap-px overflow-hidden rounded-sm bg-sunken/60"
    >
      {minutes.map((of, place) => (
        // Places are minutes before now; they never change their order.
        // oxlint-disable-next-line react/no-array-index-key
        <span key={place} className={`min-w-px flex-1 ${of === null ? "" : looks[of]}`} />
      ))}
    </div>
  );
}
