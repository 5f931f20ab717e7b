import type { JsonValue, Observation, SessionAnalysis } from "@peerscope/schema";
import { attachParents } from "./attribute/parents.ts";
import { sessionVerdict, withVerdicts } from "./attribute/session-verdict.ts";
import type { ObservationDefinition } from "./detect/definition.ts";
import { toObservation, troubleEnd } from "./detect/observation.ts";
import { microphoneSpans } from "./model/microphone.ts";
import { createScoreCollector } from "./score/collector.ts";
import type { ScoreCollector, ScoreOutline, SessionOutcome } from "./score/inputs.ts";
import { scoreVersion } from "./score/version.ts";
import { lostSince, sessionOutcome } from "./session-outcome.ts";
import type { SessionState } from "./session-state.ts";

/** An analysis without what only the page of a session shows. One that is whole is one too. */
export interface SessionOutline extends Pick<
  SessionAnalysis,
  "callId" | "userId" | "start" | "end" | "ended" | "context" | "counts" | "verdict"
> {
  readonly score: ScoreOutline;
  /** With their parents; whether one has a verdict of its own is left out. */
  readonly observations: readonly Observation[];
}

/** What results are made of. */
export interface KnownSession {
  readonly state: SessionState;
  readonly sessionId: string;
  readonly peer: string | null;
  /** Of the catalogue in force. */
  readonly version: string;
  /** Definitions of the project's own observations. */
  readonly own: ReadonlyMap<string, ObservationDefinition>;
}

/** What an analysis and its outline have in common, and what the score needs. */
interface Conclusion {
  readonly head: Omit<SessionOutline, "score">;
  readonly outcome: SessionOutcome;
  readonly collector: ScoreCollector;
}

/** What lists say of a session that goes on. */
export function outlineOf(session: KnownSession): SessionOutline {
  const { head, outcome, collector } = conclude(session, false);
  return { ...head, score: collector.outline(head.end, outcome) };
}

/** Everything that is known. `over`: nothing follows. */
export function analysisOf(session: KnownSession, over: boolean): SessionAnalysis {
  const { sessionId, peer, version, own } = session;
  const { model, callShare } = session.state;
  const { head, outcome, collector } = conclude(session, over);
  const { start, end, observations } = head;
  const connections = [...model.connections.values()];
  const microphoneOff = microphoneSpans(model.microphone, observations, {
    from: Math.min(...connections.map(({ attemptedAt }) => attemptedAt ?? Infinity)),
    to: Math.max(0, ...connections.map(({ closedAt }) => closedAt ?? end)),
  });
  const lostAt = outcome.dropped === true ? lostSince(model, end) : null;
  return {
    catalogVersion: version,
    scoreVersion,
    sessionId,
    callId: head.callId,
    userId: head.userId,
    peer,
    start,
    end,
    ended: head.ended,
    context: head.context,
    counts: head.counts,
    score: collector.result(end, outcome),
    verdict: head.verdict,
    observations: withVerdicts({ model, observations, own, end }),
    callShare: {
      ...callShare.result(model, start, lostAt),
      ...(microphoneOff.length === 0 ? {} : { microphoneOff }),
    },
  };
}

function conclude({ state, sessionId, version, own }: KnownSession, over: boolean): Conclusion {
  const { model, board, end, start, samples, events, score } = state;
  const userId = text(model.context["userId"]);
  const scope = { sessionId, participantId: userId };
  const found = board.records.map((record) => toObservation(record, scope, version));
  const ends = new Map<string, number | null>();
  for (const [index, { key }] of found.entries()) {
    const record = board.records[index];
    if (record !== undefined) ends.set(key, troubleEnd(record));
  }
  const observations = attachParents(found, end, ends).sort(inOrder);
  const connections = [...model.connections.values()];
  const attempted = connections.some(({ attemptedAt }) => attemptedAt !== null);
  const connected = connections.some(({ connectedAt }) => connectedAt !== null);
  const neverConnected = isFailed(attempted, connected, found);
  return {
    head: {
      callId: text(model.context["callId"]),
      userId,
      start: start ?? 0,
      end,
      ended: model.ended,
      context: model.context,
      counts: { samples, events, connections: connections.length },
      verdict: sessionVerdict({ model, observations, notComputable: board.notComputable(), own, end }),
      observations,
    },
    outcome: sessionOutcome({ model, end, over, neverConnected }),
    collector: score ?? createScoreCollector({ sessionStart: 0 }),
  };
}

/** Nothing connected, and that was found to be a failure: while it is still connecting nobody knows. */
function isFailed(attempted: boolean, connected: boolean, found: readonly Observation[]): boolean {
  if (!attempted || connected) return false;
  return found.some(({ id, severity }) => id === "connection-never-established" && severity === "critical");
}

function text(value: JsonValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}

/** By start, then by key: the same in every replay. */
function inOrder(a: Observation, b: Observation): number {
  if (a.startedAt !== b.startedAt) return a.startedAt - b.startedAt;
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}
