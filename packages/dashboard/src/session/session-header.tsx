import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { SessionAnalysis } from "@peerscope/schema";
import {
  ArrowLeftRight,
  ClipboardList,
  Copy,
  Download,
  Link2,
  MessageSquarePlus,
  Printer,
} from "lucide-react";
import { useProject } from "../frame/project.ts";
import { copyText } from "../frame/announce.tsx";
import { useNow } from "../frame/clock.ts";
import { ClassShape, LiveMark } from "../frame/state-mark.tsx";
import { classWords, machine, shortId } from "../words/labels.ts";
import { siblingsQuery } from "../queries/sessions.ts";
import { ago, clock, duration, when } from "../words/time.ts";
import { useSession, useSnapshot } from "./context.tsx";
import { viewLink } from "./view-link.ts";

interface Props {
  readonly analysis: SessionAnalysis;
  /** Where the log can be downloaded; null for a local file. */
  readonly logUrl: string | null;
  readonly sample: boolean;
  readonly onCopyTicket: (() => void) | null;
}

/** Whose session, when, on what, and what one can take away from it. */
export function SessionHeader({ analysis, logUrl, sample, onCopyTicket }: Props): React.ReactNode {
  const { zone, start, writeNote } = useSession();
  const now = useNow(30_000);
  const { context } = analysis;
  const device = machine(
    context["browserName"],
    context["browserVersion"],
    context["osName"],
    context["osVersion"],
  );
  return (
    <header className="flex flex-wrap items-center gap-x-4 gap-y-2 px-1">
      <dl className="flex max-w-full min-w-0 flex-wrap items-baseline gap-x-5 gap-y-1 text-table">
        <Fact name="User">
          {analysis.userId ?? analysis.peer ?? <span className="text-ink-soft">not told</span>}
        </Fact>
        {analysis.callId !== null && (
          <Fact name="Call">
            {logUrl === null ? (
              analysis.callId
            ) : (
              <Link to="/calls/$id" params={{ id: analysis.callId }} className="link">
                {analysis.callId}
              </Link>
            )}
          </Fact>
        )}
        <Fact name="When">
          <time dateTime={new Date(start).toISOString()}>{when(start, now, zone)}</time>{" "}
          <span className="text-ink-soft">({duration(analysis.end - start)})</span>
        </Fact>
        {device !== null && <Fact name="On">{device}</Fact>}
        <Fact name="Session">
          <button
            type="button"
            className="inline-flex min-h-6 items-center gap-1 font-mono text-xs hover:text-accent"
            title={`Copy ${analysis.sessionId}`}
            onClick={() => void copyText(analysis.sessionId, "Session id")}
          >
            {shortId(analysis.sessionId)}
            <Copy className="size-3" aria-hidden />
            <span className="sr-only">copy the whole id</span>
          </button>
        </Fact>
      </dl>
      {sample && <span className="rounded border border-line px-1.5 text-xs text-ink-soft">sample</span>}
      <div className="ml-auto flex flex-wrap gap-1.5">
        <button
          type="button"
          className="btn"
          title="Copy a summary for a ticket (c)"
          onClick={() => onCopyTicket?.()}
        >
          <ClipboardList className="size-3.5" aria-hidden />
          Copy for ticket
        </button>
        <button
          type="button"
          className="btn"
          title="Copy the link to this view (y)"
          onClick={() => void copyText(viewLink(), "Link")}
        >
          <Link2 className="size-3.5" aria-hidden />
          Link
        </button>
        {writeNote !== null && (
          <button
            type="button"
            className="btn"
            title="Write a note on the moment of the cursor (m)"
            onClick={writeNote}
          >
            <MessageSquarePlus className="size-3.5" aria-hidden />
            Note
          </button>
        )}
        {logUrl !== null && (
          <Link
            to="/sessions/$id/report"
            params={{ id: analysis.sessionId }}
            className="btn"
            title="A page to print or to save as PDF"
          >
            <Printer className="size-3.5" aria-hidden />
            Report
          </Link>
        )}
        {logUrl !== null && (
          <Link
            to="/compare"
            search={{ a: analysis.sessionId }}
            className="btn"
            title="Put another session beside this one"
          >
            <ArrowLeftRight className="size-3.5" aria-hidden />
            Compare
          </Link>
        )}
        {logUrl !== null && (
          <a
            className="btn"
            href={logUrl}
            download={`${analysis.sessionId}.peerscope`}
            title="Download the session log"
          >
            <Download className="size-3.5" aria-hidden />
            Log
          </a>
        )}
      </div>
      {logUrl !== null && analysis.callId !== null && (
        <AlsoInCall callId={analysis.callId} sessionId={analysis.sessionId} />
      )}
    </header>
  );
}

function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children: React.ReactNode;
}): React.ReactNode {
  return (
    <div className="flex max-w-full min-w-0 items-baseline gap-1.5">
      <dt className="text-xs text-ink-soft">{name}</dt>
      <dd className="truncate font-medium">{children}</dd>
    </div>
  );
}

/** Who else of the call was recorded, and how it was for them. */
function AlsoInCall({
  callId,
  sessionId,
}: {
  readonly callId: string;
  readonly sessionId: string;
}): React.ReactNode {
  const { data } = useQuery(siblingsQuery(callId, useProject()));
  const others = (data?.sessions ?? []).filter((session) => session.sessionId !== sessionId);
  if (others.length === 0) return null;
  const shown = others.slice(0, 5);
  return (
    <p className="flex min-w-0 basis-full flex-wrap items-center gap-x-3 gap-y-1 text-table">
      <span className="text-xs text-ink-soft">Also recorded in this call</span>
      {shown.map((session) => (
        <Link
          key={session.sessionId}
          to="/sessions/$id"
          params={{ id: session.sessionId }}
          className="link inline-flex min-h-6 max-w-full min-w-0 items-center gap-1.5"
        >
          <ClassShape of={session.scoreClass} size={11} />
          <bdi className="truncate">{session.userId ?? shortId(session.sessionId)}</bdi>{" "}
          <span className="shrink-0">
            ({session.score === null ? "" : `${Math.round(session.score)} `}
            {classWords[session.scoreClass]})
          </span>
        </Link>
      ))}
      {others.length > shown.length && (
        <Link to="/calls/$id" params={{ id: callId }} className="link inline-flex min-h-6 items-center">
          {others.length - shown.length} more
        </Link>
      )}
    </p>
  );
}

/** Whether the session goes on, ended, or was lost; and what of it could not be read. */
export function StateBanner({ ended }: { readonly ended: boolean }): React.ReactNode {
  const { store, analysis, zone } = useSession();
  const snapshot = useSnapshot(store);
  const now = useNow();
  const newest = snapshot.newestSampleAt;
  const end = analysis?.end ?? null;
  // Recordings of other tools rarely say how a session ended.
  const isForeign = snapshot.file !== null && snapshot.file.format !== "session-log";
  const lost = snapshot.phase === "done" && !ended && !isForeign;
  return (
    <>
      {newest !== null && <span data-testid="newest-sample" data-at={newest} hidden />}
      {snapshot.phase === "live" && (
        <p className="flex flex-wrap items-center gap-2 px-1 text-table">
          <LiveMark />
          Still running, updates every few seconds.
          {newest !== null && <span className="tnum text-ink-soft">Newest sample {ago(newest, now)}.</span>}
          {snapshot.connectionLost && (
            <span className="text-poor">
              Connection to the server lost{newest === null ? "" : `, showing ${clock(newest, zone)}`}; trying
              again.
            </span>
          )}
        </p>
      )}
      {lost && end !== null && (
        <p className="rounded-md border border-fair-mark px-3 py-1.5 text-table">
          Last heard {clock(end, zone)}. The recording does not say how it ended: the page may have crashed,
          been closed, or lost its network.
        </p>
      )}
      {snapshot.problems.length > 0 && (
        <details className="rounded-md border border-fair-mark px-3 py-1.5 text-table">
          <summary className="min-h-6">
            {snapshot.problems.length === 1 ? "One part" : `${snapshot.problems.length} parts`} of the
            recording could not be read; everything else is shown
          </summary>
          <ul className="mt-1 list-disc pl-5 text-xs text-ink-soft">
            {snapshot.problems.slice(0, 20).map((problem) => (
              <li key={`${problem.code} ${problem.after ?? ""}`}>
                {problem.after === null ? "" : `After ${clock(problem.after, zone)}: `}
                {problem.message} (<code className="font-mono">{problem.code}</code>)
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
