import type { CallPair, CallPairs, SessionAnalysis } from "@peerscope/schema";
import type { Leg } from "./joins.ts";
import { senderByTraffic } from "./traffic-joins.ts";

/** Finest bucket, ms: that of the score. */
const finestMs = 10_000;
/** Buckets of one pair at most, so that a day-long call fits on a screen. Ours. */
const maxBuckets = 120;
/** Numbers of all pairs together: two hundred people in a call have 80,000 pairs. Ours. */
const maxNumbers = 400_000;

/** What a pair gathers before it is cut into buckets. */
interface Gathered {
  readonly sender: number | null;
  readonly receiver: number;
  readonly kind: "audio" | "video";
  /** Score of each window, with its start. */
  readonly windows: { readonly from: number; readonly score: number }[];
}

/**
 * Who received whom how well: for each receiver, sender and kind of media the worst score in every bucket of time. A received stream
 * that fits nobody who was measured, or several, has no sender.
 */
export function callPairs(sessions: readonly SessionAnalysis[], legs: readonly Leg[]): CallPairs {
  const gathered = new Map<string, Gathered>();
  for (const [receiver, session] of sessions.entries()) {
    const senders = sendersTo(receiver, sessions, legs);
    for (const window of session.score.windows) {
      if (window.scope !== "track" || window.score === null || window.kind === undefined) continue;
      const sender = senders.get(streamKey({ ...window, kind: window.kind })) ?? null;
      const key = `${sender ?? "?"} ${receiver} ${window.kind}`;
      let pair = gathered.get(key);
      if (pair === undefined)
        gathered.set(key, (pair = { sender, receiver, kind: window.kind, windows: [] }));
      pair.windows.push({ from: window.from, score: window.score });
    }
  }
  const all = [...gathered.values()];
  const starts = all.flatMap(({ windows }) => windows.map(({ from }) => from));
  const from = starts.reduce((least, at) => Math.min(least, at), Infinity);
  if (from === Infinity) return { from: 0, bucketMs: finestMs, pairs: [] };
  const spanMs = starts.reduce((most, at) => Math.max(most, at), 0) - from + finestMs;
  const buckets = Math.max(
    1,
    Math.min(maxBuckets, Math.floor(maxNumbers / all.length), Math.ceil(spanMs / finestMs)),
  );
  const bucketMs = Math.ceil(spanMs / buckets / finestMs) * finestMs;
  const count = Math.ceil(spanMs / bucketMs);
  const pairs = all.map((pair): CallPair => {
    const scores: (number | null)[] = Array.from({ length: count }, () => null);
    let sum = 0;
    for (const window of pair.windows) {
      const place = Math.floor((window.from - from) / bucketMs);
      scores[place] = Math.min(scores[place] ?? Infinity, Math.round(window.score));
      sum += window.score;
    }
    return {
      senderId: pair.sender === null ? null : (sessions[pair.sender]?.sessionId ?? null),
      receiverId: sessions[pair.receiver]?.sessionId ?? "",
      kind: pair.kind,
      mean: Math.round((sum / pair.windows.length) * 10) / 10,
      scores,
    };
  });
  return {
    from,
    bucketMs,
    pairs: pairs.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)),
  };
}

/** Whose each received stream is: by its ids, else by what it carries. */
function sendersTo(
  receiver: number,
  sessions: readonly SessionAnalysis[],
  legs: readonly Leg[],
): ReadonlyMap<string, number> {
  const senders = new Map<string, number>();
  for (const leg of legs) if (leg.receiver === receiver) senders.set(streamKey(leg.received), leg.sender);
  for (const stream of sessions[receiver]?.callShare?.streams ?? []) {
    if (stream.direction !== "inbound" || senders.has(streamKey(stream))) continue;
    const sender = senderByTraffic(sessions, receiver, stream);
    if (sender !== null) senders.set(streamKey(stream), sender);
  }
  for (const kind of ["audio", "video"] as const) {
    const left = (sessions[receiver]?.callShare?.streams ?? []).filter(
      (stream) => stream.direction === "inbound" && stream.kind === kind && !senders.has(streamKey(stream)),
    );
    const [stream] = left;
    const [sender, ...others] = sendersOf(kind, sessions).filter(
      (person) =>
        person !== receiver &&
        ![...senders].some(([key, known]) => known === person && key.endsWith(` ${kind}`)),
    );
    // One is left on either side: who it is, is clear without an id.
    if (left.length === 1 && stream !== undefined && sender !== undefined && others.length === 0)
      senders.set(streamKey(stream), sender);
  }
  return senders;
}

function sendersOf(kind: "audio" | "video", sessions: readonly SessionAnalysis[]): number[] {
  return [...sessions.keys()].filter((person) =>
    sessions[person]?.callShare?.streams.some(
      (stream) => stream.direction === "outbound" && stream.kind === kind,
    ),
  );
}

function streamKey(stream: {
  readonly pcId?: string;
  readonly trackId?: string | null;
  readonly kind: string;
}): string {
  return `${stream.pcId ?? ""} ${stream.trackId ?? ""} ${stream.kind}`;
}

function orderOf({ senderId, receiverId, kind }: CallPair): string {
  return `${receiverId} ${senderId ?? "~"} ${kind}`;
}
