import type { SessionAnalysis, StreamWindows } from "@peerscope/schema";

/** Length of a window, ms. Catalogue section 5. */
export const windowMs = 10_000;

/** Media of one person on its way to another one. */
export interface Leg {
  /** Places in the ordered list of sessions. */
  readonly sender: number;
  readonly receiver: number;
  readonly received: StreamWindows;
  /** What the sender sends for it: one stream, or all layers of one source. */
  readonly sent: readonly StreamWindows[];
}

/** A stream, and whose it is. */
interface Owned {
  readonly person: number;
  readonly stream: StreamWindows;
}

/**
 * Joins what one person sends to what another one receives: by SSRC (direct calls, and servers that keep it), by the id of the
 * track, by `mid` between two browsers, or because only one stream can be meant. What fits several people is left alone.
 */
export function joinStreams(sessions: readonly SessionAnalysis[]): Leg[] {
  const bySsrc = new Map<string, Owned[]>();
  const byTrack = new Map<string, Owned[]>();
  const sentBy = sessions.map(({ callShare }) => outboundOf(callShare?.streams ?? []));
  for (const [person, streams] of sentBy.entries()) {
    for (const stream of streams) {
      if (stream.ssrc !== null) push(bySsrc, `${stream.kind} ${stream.ssrc}`, { person, stream });
      if (stream.trackId !== null) push(byTrack, `${stream.kind} ${stream.trackId}`, { person, stream });
    }
  }
  const legs: Leg[] = [];
  const alone: Owned[] = [];
  for (const [receiver, { callShare }] of sessions.entries()) {
    for (const received of callShare?.streams ?? []) {
      if (received.direction !== "inbound") continue;
      const found =
        theOnly(bySsrc.get(`${received.kind} ${received.ssrc ?? ""}`), receiver, received) ??
        theOnly(byTrack.get(`${received.kind} ${received.trackId ?? ""}`), receiver, received);
      if (found === null) alone.push({ person: receiver, stream: received });
      else {
        const sent = layersOf(found.stream, sentBy[found.person] ?? []);
        legs.push({ sender: found.person, receiver, received, sent });
      }
    }
  }
  if (sessions.length === 2 && legs.length === 0) legs.push(...betweenTwo(alone, sentBy));
  return legs;
}

function outboundOf(streams: readonly StreamWindows[]): StreamWindows[] {
  return streams.filter(({ direction }) => direction === "outbound");
}

function push(map: Map<string, Owned[]>, key: string, owned: Owned): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [owned]);
  else known.push(owned);
}

/** The stream of exactly one other person that was there at the time. */
function theOnly(
  candidates: readonly Owned[] | undefined,
  receiver: number,
  received: StreamWindows,
): Owned | null {
  const fitting = (candidates ?? []).filter(
    ({ person, stream }) => person !== receiver && touch(stream, received),
  );
  const [first] = fitting;
  if (first === undefined || fitting.some(({ person }) => person !== first.person)) return null;
  return first;
}

/** Were both there at some time? Clocks of two people may differ by a window. */
function touch(a: StreamWindows, b: StreamWindows): boolean {
  const endA = a.from + a.packets.length * windowMs;
  const endB = b.from + b.packets.length * windowMs;
  return a.from <= endB + windowMs && b.from <= endA + windowMs;
}

function layersOf(stream: StreamWindows, all: readonly StreamWindows[]): StreamWindows[] {
  return all.filter(
    (other) =>
      other === stream ||
      (other.pcId === stream.pcId &&
        other.kind === stream.kind &&
        other.mid !== null &&
        other.mid === stream.mid),
  );
}

/** Two people and one stream of a kind at a time: whose it is, is clear without an id. */
function betweenTwo(received: readonly Owned[], sentBy: readonly (readonly StreamWindows[])[]): Leg[] {
  const legs: Leg[] = [];
  for (const { person: receiver, stream } of received) {
    const sender = 1 - receiver;
    const rivals = received.filter(
      (other) =>
        other.person === receiver && other.stream.kind === stream.kind && touch(other.stream, stream),
    );
    const ofKind = (sentBy[sender] ?? []).filter(({ kind }) => kind === stream.kind);
    const sameMid = ofKind.filter(({ mid }) => mid !== null && mid === stream.mid);
    const sent = rivals.length === 1 ? ofKind : sameMid.length > 0 && distinct(rivals) ? sameMid : [];
    if (sent.length > 0) legs.push({ sender, receiver, received: stream, sent });
  }
  return legs;
}

function distinct(streams: readonly Owned[]): boolean {
  const mids = streams.map(({ stream }) => stream.mid);
  return new Set(mids).size === mids.length && !mids.includes(null);
}
