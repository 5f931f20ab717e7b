import type { DrySpan, SessionAnalysis, StreamWindows } from "@peerscope/schema";
import { at } from "../attribute/call-windows.ts";
import { type Leg, windowMs } from "../attribute/joins.ts";

/** Unix ms. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** One source of one person, with all its layers, and where it is known to arrive. */
export interface Source {
  readonly sender: number;
  readonly sent: readonly StreamWindows[];
  readonly legs: readonly Leg[];
}

/** Everything that is sent, by source: layers of one sender have one `mid`. */
export function sourcesOf(sessions: readonly SessionAnalysis[], legs: readonly Leg[]): Source[] {
  const sources: Source[] = [];
  for (const [sender, { callShare }] of sessions.entries()) {
    const byMid = new Map<string, StreamWindows[]>();
    for (const stream of callShare?.streams ?? []) {
      if (stream.direction !== "outbound") continue;
      const key = `${stream.pcId} ${stream.kind} ${stream.mid ?? `ssrc ${stream.ssrc ?? ""}`}`;
      const known = byMid.get(key);
      if (known === undefined) byMid.set(key, [stream]);
      else known.push(stream);
    }
    for (const sent of byMid.values()) {
      sources.push({
        sender,
        sent,
        legs: legs.filter((leg) => leg.sender === sender && leg.sent.some((stream) => sent.includes(stream))),
      });
    }
  }
  return sources;
}

/** What two lists of spans have in common, of at least that length. */
export function common(a: readonly TimeSpan[], b: readonly TimeSpan[], shortestMs: number): TimeSpan[] {
  const spans: TimeSpan[] = [];
  for (const one of a) {
    for (const other of b) {
      const from = Math.max(one.from, other.from);
      const to = Math.min(one.to, other.to);
      if (to - from >= shortestMs) spans.push({ from, to });
    }
  }
  return spans;
}

/** Times in which none of the streams had a packet, intended or not. A stream that is not there is dry. */
export function allDry(
  streams: readonly StreamWindows[],
  shortestMs: number,
  wanted: (span: DrySpan) => boolean = () => true,
): TimeSpan[] {
  let spans: readonly TimeSpan[] | null = null;
  for (const { dry } of streams) {
    const own = dry.filter(wanted);
    spans = spans === null ? own : common(spans, own, shortestMs);
  }
  return [...(spans ?? [])].sort((a, b) => a.from - b.from);
}

/** Did packets of any of the streams move in every window of that time that was measured, and was one measured at all? */
export function flows(streams: readonly StreamWindows[], { from, to }: TimeSpan): boolean {
  let measured = false;
  for (let start = Math.floor(from / windowMs) * windowMs; start < to; start += windowMs) {
    let packets: number | null = null;
    for (const stream of streams) {
      const own = at(stream, stream.packets, start);
      if (own !== null) packets = (packets ?? 0) + own;
    }
    if (packets === 0) return false;
    if (packets !== null) measured = true;
  }
  return measured;
}

/** Is any of the streams without a packet for a part of that time that is long enough to matter? */
export function isDryIn(streams: readonly StreamWindows[], span: TimeSpan, longestMs: number): boolean {
  return streams.every(({ dry }) => common(dry, [span], longestMs).length > 0);
}
