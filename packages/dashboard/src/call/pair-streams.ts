import type { Series } from "../charts/series.ts";
import { senderByTraffic } from "@peerscope/observer";
import type { MetricSubject, SessionAnalysis } from "@peerscope/schema";

/** Which series show one kind of media on its way from one person to another. */
export interface PairStreams {
  /** Of the sender: own counters and the far end's report on them. */
  readonly sent: readonly Series[];
  readonly received: readonly Series[];
  /**
   * How the sender's are told from the other received streams: by an id, as nobody else was received, by the bytes that
   * they carry, or not at all: then all are shown.
   */
  readonly joined: "by-id" | "alone" | "by-traffic" | "unknown";
}

interface Sides {
  /** Series of the sender; none when they were not measured. */
  readonly sender: Iterable<Series>;
  readonly receiver: Iterable<Series>;
  readonly kind: "audio" | "video";
  /** Nobody else's media of this kind reached the receiver. */
  readonly isOnlySender: boolean;
  /** Whether a received stream carries what the sender sends, as far as its bytes tell. */
  readonly fitsTraffic: (received: MetricSubject) => boolean;
}

/** Finds the streams of a pair: by SSRC, which servers may keep, or by the id of the track. */
export function pairStreams({ sender, receiver, kind, isOnlySender, fitsTraffic }: Sides): PairStreams {
  const ofKind = (all: Iterable<Series>, isInbound: boolean): Series[] =>
    [...all].filter(
      ({ subject }) => subject.kind === kind && (subject.direction === "inbound") === isInbound,
    );
  const sent = ofKind(sender, false);
  const received = ofKind(receiver, true);
  const sentIds = new Set(sent.flatMap(({ subject }) => idsOf(subject)));
  const own = received.filter(({ subject }) => idsOf(subject).some((id) => sentIds.has(id)));
  if (own.length === 0) {
    if (isOnlySender) return { sent, received, joined: "alone" };
    const fitting = received.filter(({ subject }) => fitsTraffic(subject));
    return fitting.length > 0
      ? { sent, received: fitting, joined: "by-traffic" }
      : { sent, received, joined: "unknown" };
  }
  const receivedIds = new Set(own.flatMap(({ subject }) => idsOf(subject)));
  // Layers of one source share a mid; the one that is received stands for all.
  const sources = new Set(
    sent.flatMap(({ subject }) =>
      idsOf(subject).some((id) => receivedIds.has(id)) ? [sourceOf(subject)] : [],
    ),
  );
  return {
    sent: sent.filter(({ subject }) => sources.has(sourceOf(subject))),
    received: own,
    joined: "by-id",
  };
}

/** Tells whether a received stream is one that the sender sent by what both counted. */
export function trafficJudge(
  sender: SessionAnalysis | null,
  receiver: SessionAnalysis | null,
): Sides["fitsTraffic"] {
  if (sender === null || receiver === null) return () => false;
  return ({ pcId, kind, ssrc, trackId }) => {
    const stream = receiver.callShare?.streams.find(
      (one) =>
        one.direction === "inbound" &&
        one.pcId === pcId &&
        one.kind === kind &&
        (ssrc === undefined ? one.trackId === (trackId ?? null) : one.ssrc === ssrc),
    );
    return stream !== undefined && senderByTraffic([sender, receiver], 1, stream) === 0;
  };
}

function idsOf({ ssrc, trackId }: MetricSubject): string[] {
  return [
    ...(ssrc === undefined ? [] : [`ssrc ${ssrc}`]),
    ...(trackId === undefined ? [] : [`track ${trackId}`]),
  ];
}

function sourceOf({ pcId, mid, statsId }: MetricSubject): string {
  return `${pcId} ${mid ?? statsId}`;
}
