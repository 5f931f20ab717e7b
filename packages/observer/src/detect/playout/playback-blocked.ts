import type { Connection } from "../../model/connection.ts";
import { type MediaElement, type MediaElements, isPlayed, silenceOf } from "../../model/media-elements.ts";
import type { InboundStream, Subject } from "../../model/streams.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence } from "../open-record.ts";
import type { Detector, Moment } from "../view.ts";

const thresholds = { blockedForSeconds: 3, arrivedWithinSeconds: 3 };

export const definition: ObservationDefinition = {
  id: "playback-blocked",
  category: "playout",
  tier: "A",
  title: "Received media is not played",
  meaning:
    "Media arrives, and the page does not play it: mostly because browsers want a gesture of the user first.",
  domainHint: "application",
  effect: false,
  severities: ["info", "major"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "3 s after the browser refused to play an element that has a received track, or with an AudioContext that was never allowed to run while the only element with that sound is muted; info when an element was never started or nothing shows what the AudioContext is for",
  clearText: "the element plays, the AudioContext runs, or the app pauses it itself",
  evidence: [
    "event.error.name",
    "media-element.paused",
    "audio-context.state",
    "inbound-rtp.packetsReceived",
  ],
  exceptions: [
    { when: "the app paused the element" },
    { when: "it played before: the user paused it" },
    { when: "another element plays the same track" },
    { when: "nothing arrives for it" },
    { when: "the AudioContext ran before" },
    { when: "an element played that sound aloud before, and was muted" },
  ],
  blindIn:
    "Not computable where nothing tells of elements and audio contexts, as in recordings of getStats alone.",
  thresholds,
};

/** Media arrives, page does not play it. */
export const playbackBlocked: Detector = {
  definition,
  onTime(moment: Moment): void {
    const { mediaElements, audioContexts } = moment.model;
    for (const element of mediaElements.values()) {
      if (element.paused || element.foundBlockedBy !== null) judgeElement(moment, element);
    }
    if (audioContexts.size > 0) judgeContexts(moment);
  },
};

function judgeElement(moment: Moment, element: MediaElement): void {
  const { model, connection, at, board } = moment;
  const limits = board.thresholds(definition, thresholds);
  const stream = element.paused ? receivedBy(connection, element, at, limits.arrivedWithinSeconds) : null;
  const isMeant = element.pausedByApp || (element.refusedAt === null && element.everPlayed);
  const { trackId } = stream?.subject.scope ?? {};
  const isFound = element.foundBlockedBy === connection.id;
  if (
    stream === null ||
    isMeant ||
    trackId === undefined ||
    isPlayed(model.mediaElements, trackId, stream.kind)
  ) {
    if (!isFound) return;
    const isGone = stream === null && element.paused && !isMeant;
    if (isGone) board.clear(definition, subjectOf(connection, element), at, "subject-removed");
    else board.clear(definition, subjectOf(connection, element), element.changedAt);
    element.foundBlockedBy = null;
    return;
  }
  const since = Math.max(element.refusedAt ?? element.seenAt, stream.joinedAt ?? stream.firstSeenAt);
  const isNews = !isFound || (element.refusedAt !== null && !element.foundRefused);
  if (!isNews || at - since < limits.blockedForSeconds * 1000) return;
  element.foundBlockedBy = connection.id;
  element.foundRefused = element.refusedAt !== null;
  const record = board.raise(
    definition,
    subjectOf(connection, element),
    since,
    element.foundRefused ? "major" : "info",
  );
  if (record === null) return;
  record.onEvidence = [
    ...(element.foundRefused ? [evidence("event", "error.name", "NotAllowedError", "", since, since)] : []),
    evidence("media-element", "paused", true, "", since, at),
    ...arrives(stream, since, at),
  ];
}

/** Sound that only Web Audio can play, while the browser does not let it run. */
function judgeContexts({ model, connection, at, board }: Moment): void {
  const limits = board.thresholds(definition, thresholds);
  let since: number | null = null;
  let endedAt = at;
  for (const context of model.audioContexts.values()) {
    if (context.state === "running" || context.everRan) {
      since = null;
      endedAt = context.since;
      break;
    }
    since = Math.max(since ?? 0, context.since);
  }
  const stream =
    since === null ? null : unheard(connection, model.mediaElements, at, limits.arrivedWithinSeconds);
  if (since === null || stream === null) {
    if (!connection.foundSilentContext) return;
    connection.foundSilentContext = false;
    board.clear(definition, contextSubject(connection), endedAt);
    return;
  }
  since = Math.max(since, stream.joinedAt ?? stream.firstSeenAt);
  if (connection.foundSilentContext || at - since < limits.blockedForSeconds * 1000) return;
  const { trackId } = stream.subject.scope;
  const silence = trackId === undefined ? "none" : silenceOf(model.mediaElements, trackId);
  if (silence === "on-purpose") return;
  connection.foundSilentContext = true;
  // Chromium plays a received track through Web Audio only when a muted element has it too: this is what the context is for.
  const isMeant = silence === "from-the-start";
  const record = board.raise(definition, contextSubject(connection), since, isMeant ? "major" : "info");
  if (record === null) return;
  record.onEvidence = [
    evidence("audio-context", "state", "suspended", "", since, at),
    ...arrives(stream, since, at),
  ];
  if (!isMeant) record.missing = ["media-element-changed"];
}

function arrives({ latest }: InboundStream, from: number, to: number): ReturnType<typeof evidence>[] {
  if (latest.packetsReceived === null) return [];
  return [evidence("inbound-rtp", "packetsReceived", latest.packetsReceived, "packets", from, to)];
}

/** A stream that the element has and that arrives. */
function receivedBy(
  connection: Connection,
  { trackIds }: MediaElement,
  at: number,
  withinSeconds: number,
): InboundStream | null {
  for (const stream of connection.inbound.values()) {
    const { trackId } = stream.subject.scope;
    if (trackId !== undefined && trackIds.includes(trackId) && isArriving(stream, at, withinSeconds))
      return stream;
  }
  return null;
}

/** A received sound that arrives and that no element plays aloud. */
function unheard(
  connection: Connection,
  elements: MediaElements,
  at: number,
  withinSeconds: number,
): InboundStream | null {
  for (const stream of connection.inbound.values()) {
    const { trackId } = stream.subject.scope;
    if (stream.kind !== "audio" || trackId === undefined || !isArriving(stream, at, withinSeconds)) continue;
    if (!isPlayed(elements, trackId, "audio")) return stream;
  }
  return null;
}

function isArriving({ lastPacketAt }: InboundStream, at: number, withinSeconds: number): boolean {
  return lastPacketAt !== null && at - lastPacketAt < withinSeconds * 1000;
}

function subjectOf({ id }: Connection, { elementId }: MediaElement): Subject {
  return { key: `${id}/in/element/${elementId}`, scope: { pcId: id, direction: "inbound" } };
}

function contextSubject({ id }: Connection): Subject {
  return { key: `${id}/in/audio-context`, scope: { pcId: id, direction: "inbound", kind: "audio" } };
}
