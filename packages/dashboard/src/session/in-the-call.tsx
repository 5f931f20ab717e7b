import { describeVerdict } from "@peerscope/observer";
import type { CallAnalysis, MicrophoneSpan, SessionAnalysis } from "@peerscope/schema";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { MicOff, Users } from "lucide-react";
import { useProject } from "../frame/project.ts";
import { isCallAnalysis } from "../call/call-analysis.ts";
import { callOfSessionQuery, siblingsQuery } from "../queries/sessions.ts";
import { duration } from "../words/time.ts";
import { useSession, useSnapshot, useTimeWords } from "./context.tsx";

/** Larger calls are looked at on their own page: reading all their sessions for one would be slow. Ours. */
const largestCall = 12;
/** People whose microphone is told about, and times of each. Ours: what can be read at a glance. */
const shownPeople = 3;
const shownTimes = 2;

/** What this session alone does not show, because it lies with the others: whose it was, and who could not be heard by choice. */
export function InTheCall({ analysis }: { readonly analysis: SessionAnalysis }): React.ReactNode {
  const { call, names } = useCall(analysis);
  const own = analysis.callShare?.microphoneOff ?? [];
  const seen = call?.sessions.find(({ sessionId }) => sessionId === analysis.sessionId);
  const overlaps = (span: MicrophoneSpan): boolean => span.from < analysis.end && span.to > analysis.start;
  const others = (call?.sessions ?? [])
    .filter(({ sessionId }) => sessionId !== analysis.sessionId)
    .map(({ sessionId, microphoneOff = [] }) => ({
      name: names.get(sessionId) ?? null,
      sessionId,
      spans: microphoneOff.filter(overlaps),
    }))
    .filter(({ spans }) => spans.length > 0)
    .toSorted((a, b) => total(b.spans) - total(a.spans));
  const isTold =
    seen !== undefined &&
    (seen.verdict.statedCause !== null || seen.verdict.faultDomain !== "unknown") &&
    (seen.verdict.statedCause !== analysis.verdict.statedCause ||
      seen.verdict.faultDomain !== analysis.verdict.faultDomain);
  const told = isTold
    ? describeVerdict(seen.verdict, analysis.observations, {
        sessionStart: analysis.start,
        people: seen.people,
      })
    : null;
  if (told === null && own.length === 0 && others.length === 0) return null;
  return (
    <ul
      className="mt-3 flex max-w-3xl flex-col gap-2 border-l-2 border-accent pl-3"
      aria-label="In the call"
      data-testid="in-the-call"
    >
      {told !== null && (
        <li className="flex gap-2">
          <Users className="mt-0.5 size-4 shrink-0 text-accent" aria-hidden />
          <p className="wrap-anywhere">
            <span className="font-semibold">Seen from the whole call: </span>
            {told.headline} <span className="text-ink-soft">{told.advice}</span>{" "}
            {analysis.callId !== null && names.size > 0 && (
              <Link to="/calls/$id" params={{ id: analysis.callId }} className="link">
                Open the call
              </Link>
            )}
          </p>
        </li>
      )}
      {own.length > 0 && (
        <MicrophoneLine name={analysis.userId ?? analysis.peer} spans={own} end={analysis.end} />
      )}
      {others.slice(0, shownPeople).map(({ sessionId, name, spans }) => (
        <MicrophoneLine key={sessionId} name={name} spans={spans} end={analysis.end} />
      ))}
    </ul>
  );
}

interface KnownCall {
  readonly call: CallAnalysis | null;
  /** User ids by session; empty for a file. */
  readonly names: ReadonlyMap<string, string | null>;
}

/** The analysis of the call, of a server's session or of a file. */
function useCall({ callId }: SessionAnalysis): KnownCall {
  const { store } = useSession();
  const { together } = useSnapshot(store);
  const isServed = store.from === "server";
  const project = useProject();
  const siblings = useQuery(siblingsQuery(isServed ? callId : null, project));
  const count = siblings.data?.total ?? 0;
  const query = useQuery(callOfSessionQuery(count > 1 && count <= largestCall ? callId : null));
  if (!isServed) return { call: together?.call ?? null, names: new Map() };
  const summary = query.data;
  return {
    call: isCallAnalysis(summary?.analysis) ? summary.analysis : null,
    names: new Map(summary?.sessions.map(({ sessionId, userId }) => [sessionId, userId])),
  };
}

const total = (spans: readonly MicrophoneSpan[]): number =>
  spans.reduce((sum, { from, to }) => sum + to - from, 0);

interface LineProps {
  readonly name: string | null;
  readonly spans: readonly MicrophoneSpan[];
  readonly end: number;
}

/** "anna's microphone was switched off from 00:10 to 00:25 (0:15): nobody could hear them then." */
function MicrophoneLine({ name, spans, end }: LineProps): React.ReactNode {
  const words = useTimeWords();
  const left = spans.length - shownTimes;
  const isChosen = spans.some(({ reason }) => reason === "switched-off");
  return (
    <li className="flex gap-2">
      <MicOff className="mt-0.5 size-4 shrink-0 text-accent" aria-hidden />
      <p className="wrap-anywhere">
        {name === null ? "A microphone in this call" : <Possessive name={name} />}{" "}
        {isChosen ? "was switched off" : "gave no sound"}{" "}
        {spans
          .slice(0, shownTimes)
          .map(({ from, to }) => `from ${words(from)} to ${to >= end - 1000 ? "the end" : words(to)}`)
          .join(" and ")}
        {left > 0 && ` and ${left} more ${left === 1 ? "time" : "times"}`} ({duration(total(spans))}
        {spans.length > 1 && " in all"}): nobody could hear them then.{" "}
        <span className="text-ink-soft">
          {isChosen
            ? "Somebody chose that, so it counts as no fault and costs no points."
            : "It was muted, or nobody spoke; this recording does not say which."}
        </span>
      </p>
    </li>
  );
}

/** The name of somebody who may write in another direction than this sentence. */
function Possessive({ name }: { readonly name: string }): React.ReactNode {
  return (
    <>
      <bdi className="font-semibold">{name}</bdi>’s microphone
    </>
  );
}
