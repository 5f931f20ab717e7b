import type { CallPairs } from "@peerscope/schema";
import type { SessionSummary } from "@peerscope/schema/api";
import { Link } from "@tanstack/react-router";
import { LiveMark, ScoreBadge } from "../frame/state-mark.tsx";
import { causeWords } from "../words/causes.ts";
import { browserWords } from "../words/labels.ts";
import { duration } from "../words/time.ts";
import { receivedOverTime } from "./matrix.ts";
import { ScoreStrip } from "./score-strip.tsx";

const cell = "border-b border-line px-3 group-last:border-b-0";

/** First and last record of all sessions of a call, Unix ms. */
export function spanOf(sessions: readonly SessionSummary[]): { start: number; end: number } {
  return {
    start: Math.min(...sessions.map((session) => session.startedAt)),
    end: Math.max(...sessions.map((session) => session.lastAt)),
  };
}

interface Props {
  readonly sessions: readonly SessionSummary[];
  /** Null until the call is analysed. */
  readonly pairs: CallPairs | null;
}

/** The sessions of a call, worst first: how it was for each, why, and when they were there. */
export function CallSessions({ sessions, pairs }: Props): React.ReactNode {
  const { start, end } = spanOf(sessions);
  const span = Math.max(1, end - start);
  const sorted = [...sessions].sort((a, b) => (a.score ?? -1) - (b.score ?? -1) || a.startedAt - b.startedAt);
  return (
    <div className="card overflow-x-auto">
      <table className="w-full min-w-[44rem] text-table">
        <caption className="sr-only">Sessions of the call, worst first</caption>
        <thead>
          <tr className="text-left text-xs text-ink-soft">
            {["User", "Score", "Cause", "Browser", "In the call"].map((title) => (
              <th key={title} scope="col" className="h-9 border-b border-line px-3 font-semibold">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map((session) => {
            const what = causeWords(session);
            return (
              <tr
                key={session.sessionId}
                data-session-id={session.sessionId}
                className="group h-10 hover:bg-sunken"
              >
                <th scope="row" className={`${cell} text-left font-medium`}>
                  <span className="flex items-center gap-2">
                    <Link
                      to="/sessions/$id"
                      params={{ id: session.sessionId }}
                      className="link max-w-48 truncate py-1"
                    >
                      {session.userId ?? session.sessionId.slice(0, 8)}
                    </Link>
                    {session.live && <LiveMark />}
                  </span>
                </th>
                <td className={cell}>
                  <ScoreBadge score={session.score} of={session.scoreClass} />
                </td>
                <td className={cell}>
                  {what.what}
                  {what.where !== null && <span className="ml-2 text-xs text-ink-soft">{what.where}</span>}
                </td>
                <td className={`${cell} text-ink-soft`}>
                  <span className="block max-w-56 truncate">{browserWords(session.browser, session.os)}</span>
                </td>
                <td className={`${cell} w-64`}>
                  <span className="sr-only">
                    from {duration(session.startedAt - start)} to {duration(session.lastAt - start)}
                  </span>
                  <span
                    className="block min-w-1"
                    style={{
                      marginLeft: `${((session.startedAt - start) / span) * 100}%`,
                      width: `${((session.lastAt - session.startedAt) / span) * 100}%`,
                    }}
                  >
                    <Received session={session} pairs={pairs} />
                  </span>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** How it was for one person from when they came until they left. */
function Received({
  session,
  pairs,
}: {
  readonly session: SessionSummary;
  readonly pairs: CallPairs | null;
}): React.ReactNode {
  const scores = pairs === null ? [] : receivedOverTime(pairs, session.sessionId);
  if (pairs === null || scores.every((score) => score === null))
    return <span className="block h-2 rounded-full bg-accent" aria-hidden />;
  // The axis of the pairs is that of the call; a person has the part in which they were there.
  const place = (at: number): number => Math.floor((at - pairs.from) / pairs.bucketMs);
  const own = scores.slice(Math.max(0, place(session.startedAt)), place(session.lastAt) + 1);
  return (
    <ScoreStrip
      scores={own}
      bucketMs={pairs.bucketMs}
      label={`What ${session.userId ?? "this person"} received`}
    />
  );
}
