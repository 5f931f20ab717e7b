import { overlapMs, spanOf } from "../../attribute/call-links.ts";
import type { CallFinding, CallView, SessionLink } from "../call-detector.ts";
import { evidence } from "../open-record.ts";

/** The record at the receiver that points to the observation of the sender. */
export function linkedFinding({ receiver, effect, sender, cause }: SessionLink, view: CallView): CallFinding {
  const span = spanOf(effect, view.sessions[receiver]);
  const other = spanOf(cause, view.sessions[sender]);
  const from = Math.max(span.from, other.from);
  const to = Math.max(from, Math.min(span.to, other.to));
  const share = span.to > span.from ? (100 * overlapMs(span, other)) / (span.to - span.from) : 100;
  const { sessionId: _session, participantId: _participant, ...scope } = effect.scope;
  const peer = view.sessions[sender]?.userId ?? view.sessions[sender]?.peer ?? null;
  return {
    severity: "info",
    from,
    to,
    person: receiver,
    scope: { ...scope, ...(peer === null ? {} : { peerParticipantId: peer }) },
    evidence: [
      evidence("derived", "effect", effect.id, "", from, to),
      evidence("derived", "cause", cause.id, "", from, to),
      evidence("derived", "overlapPercent", share, "%", from, to),
    ],
    causedIn: [sender],
    parent: cause,
  };
}
