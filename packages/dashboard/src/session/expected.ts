import type { Panel } from "../charts/panels.ts";
import { gapLimit, indexAt, type Series } from "../charts/series.ts";
import type { EventRow } from "../worker/messages.ts";
import { trackWord, type Lane } from "./lanes.ts";

/** A stretch in which a chart is not expected to show anything, and why. Unix ms. */
export interface ExpectedSpan {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

interface TrackChange {
  readonly at: number;
  readonly trackId: string;
  readonly off: boolean;
  readonly word: string;
  readonly noun: string;
}

/**
 * When nothing was meant to flow in a chart: every track that it draws was muted, switched off or stopped by choice.
 * A track that ended by itself is no choice. What was muted before it ever was on is still on its way.
 */
export function offSpans(events: readonly EventRow[], end: number, needs: Panel["needs"]): ExpectedSpan[] {
  if (needs.direction === "path") return [];
  const remote = needs.direction === "inbound";
  const states = new Map<string, TrackChange>();
  const spans: ExpectedSpan[] = [];
  let wasOn = false;
  let open: { readonly from: number; readonly label: string } | null = null;
  for (const event of events) {
    const change = changeOf(event, remote, needs.kind);
    if (change === null) continue;
    states.set(change.trackId, change);
    if (!change.off) wasOn = true;
    const off = [...states.values()].every((state) => state.off) && (wasOn || !remote);
    if (off && open === null) open = { from: change.at, label: labelOf([...states.values()], change) };
    else if (!off && open !== null) {
      spans.push({ ...open, to: change.at });
      open = null;
    }
  }
  if (open !== null && end > open.from) spans.push({ ...open, to: end });
  return spans;
}

function changeOf(event: EventRow, remote: boolean, kind: "audio" | "video" | undefined): TrackChange | null {
  const { data } = event;
  if (event.name !== "track-state-changed" || data === null) return null;
  if ((data["direction"] === "remote") !== remote) return null;
  if (kind !== undefined && data["kind"] !== kind) return null;
  const { word } = trackWord(data);
  const audio = data["kind"] === "audio";
  const noun = remote
    ? audio
      ? "sound"
      : "picture"
    : data["source"] === "screen"
      ? "screen"
      : audio
        ? "microphone"
        : "camera";
  const off = remote ? word !== "on" : word !== "on" && word !== "ended by itself";
  const said = remote ? (word === "no signal" ? "muted by the sender" : "ended") : word;
  const id = data["trackId"];
  return { at: event.at, trackId: typeof id === "string" ? id : "", off, word: said, noun };
}

/** "camera stopped"; of several that are off "microphone and camera off". */
function labelOf(states: readonly TrackChange[], last: TrackChange): string {
  const nouns = [...new Set(states.map((state) => state.noun))];
  return nouns.length === 1 ? `${last.noun} ${last.word}` : `${nouns.join(" and ")} off`;
}

/** Parts of the session in which no stream reported anything, with the reason as far as it is known. */
export function sampleGaps(
  all: Iterable<Series>,
  lanes: readonly Lane[],
  events: readonly EventRow[],
): ExpectedSpan[] {
  // Every stream has a bitrate in every sample.
  const streams = [...all].filter((series) => series.name === "bitrate-bps");
  const gaps = new Map<number, ExpectedSpan>();
  for (const stream of streams) {
    const limit = gapLimit(stream);
    for (let i = 1; i < stream.length; i++) {
      const from = stream.times[i - 1] ?? 0;
      const to = stream.times[i] ?? 0;
      if (to - from <= limit || gaps.has(from)) continue;
      const elsewhere = streams.some((other) => (other.times[indexAt(other, from + 1)] ?? Infinity) < to - 1);
      if (!elsewhere) gaps.set(from, { from, to, label: reasonOf(from, to, lanes, events) });
    }
  }
  return [...gaps.values()].sort((a, b) => a.from - b.from);
}

function reasonOf(from: number, to: number, lanes: readonly Lane[], events: readonly EventRow[]): string {
  const during = (lane: string, word: string): boolean =>
    lanes.some(
      ({ id, spans }) =>
        id === lane && spans.some((span) => span.word === word && span.from < to && span.to > from),
    );
  if (during("network", "offline")) return "no samples: offline";
  if (during("page", "hidden")) return "no samples: page hidden";
  const lost = events.some((event) => event.name === "sdk-records-lost" && event.at > from && event.at <= to);
  return lost ? "no samples: given up by the client" : "no samples";
}
