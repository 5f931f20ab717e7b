import type { JsonObject } from "@peerscope/schema";
import type { EventRow } from "../worker/messages.ts";

/** A stretch of one state in a lane. Unix ms. */
export interface LaneSpan {
  readonly from: number;
  readonly to: number;
  readonly word: string;
  /** plain: as it should be; quiet: off by choice or not there yet; warn and bad: worth a look; each has its own pattern. */
  readonly look: "plain" | "quiet" | "warn" | "bad";
}

export interface Lane {
  readonly id: string;
  readonly title: string;
  readonly spans: readonly LaneSpan[];
}

const text = (data: JsonObject | null, member: string): string => {
  const value = data?.[member];
  return typeof value === "string" ? value : "";
};

const stateLooks: Readonly<Record<string, LaneSpan["look"]>> = {
  new: "quiet",
  connecting: "quiet",
  checking: "quiet",
  closed: "quiet",
  disconnected: "warn",
  failed: "bad",
};

interface Change {
  readonly at: number;
  readonly word: string;
  readonly look: LaneSpan["look"];
}

/** Changes of a state become stretches: each lasts until the next one, the last until `end`. */
export function spansOf(changes: readonly Change[], end: number): LaneSpan[] {
  const spans: LaneSpan[] = [];
  for (const change of changes) {
    const last = spans.at(-1);
    if (last !== undefined && last.word === change.word) continue;
    if (last !== undefined) spans[spans.length - 1] = { ...last, to: change.at };
    spans.push({ from: change.at, to: Math.max(end, change.at), word: change.word, look: change.look });
  }
  return spans.filter((span) => span.to > span.from || span === spans.at(-1));
}

/** What a track was doing, in a word. */
export function trackWord(data: JsonObject | null): Omit<Change, "at"> {
  if (text(data, "readyState") === "ended") {
    return data?.["stoppedByApp"] === true
      ? { word: "stopped", look: "quiet" }
      : { word: "ended by itself", look: "bad" };
  }
  if (data?.["enabled"] === false) return { word: "switched off", look: "quiet" };
  if (data?.["muted"] === true) return { word: "no signal", look: "warn" };
  return { word: "on", look: "plain" };
}

/** Lanes from the events of a session; a lane without any event is not there. */
export function lanesOf(events: readonly EventRow[], end: number): Lane[] {
  const changes = new Map<string, { title: string; changes: Change[] }>();
  const add = (id: string, title: string, change: Change): void => {
    let lane = changes.get(id);
    if (lane === undefined) changes.set(id, (lane = { title, changes: [] }));
    lane.changes.push(change);
  };
  const connections = [...new Set(events.map((event) => event.connectionId).filter((id) => id !== null))];
  const suffix = (id: string | null): string =>
    connections.length < 2 || id === null ? "" : ` ${connections.indexOf(id) + 1}`;
  const tracks = new Map<string, number>();

  for (const event of events) {
    const { at, data, connectionId } = event;
    const state = text(data, "state");
    switch (event.name) {
      case "connection-state-changed":
        add(`connection ${connectionId}`, `Connection${suffix(connectionId)}`, {
          at,
          word: state,
          look: stateLooks[state] ?? "plain",
        });
        break;
      case "ice-connection-state-changed":
        add(`ice ${connectionId}`, `ICE${suffix(connectionId)}`, {
          at,
          word: state,
          look: stateLooks[state] ?? "plain",
        });
        break;
      case "page-visibility-changed":
        add("page", "Page", {
          at,
          word: data?.["visible"] === false ? "hidden" : "visible",
          look: data?.["visible"] === false ? "quiet" : "plain",
        });
        break;
      case "network-online-changed":
        add("network", "Network", {
          at,
          word: data?.["online"] === false ? "offline" : "online",
          look: data?.["online"] === false ? "bad" : "plain",
        });
        break;
      case "track-state-changed": {
        if (text(data, "direction") !== "local") break;
        const kind = text(data, "kind");
        const source = text(data, "source");
        const name = source === "screen" ? "Screen" : kind === "audio" ? "Microphone" : "Camera";
        const trackId = text(data, "trackId");
        if (!tracks.has(trackId)) tracks.set(trackId, [...tracks.keys()].length);
        add(`${name} ${trackId}`, name, { at, ...trackWord(data) });
        break;
      }
    }
  }
  const order = ["page", "network", "connection", "ice", "Microphone", "Camera", "Screen"];
  const rank = (id: string): number => order.indexOf(id.split(" ")[0] ?? "");
  const lanes = [...changes].map(([id, lane]) => ({
    id,
    title: lane.title,
    spans: spansOf(lane.changes, end),
  }));
  lanes.sort((a, b) => rank(a.id) - rank(b.id));
  // Two microphones at once need to be told apart; the same name twice does not.
  const names = new Map<string, number>();
  return lanes.map((lane) => {
    const ordinal = (names.get(lane.title) ?? 0) + 1;
    names.set(lane.title, ordinal);
    return ordinal === 1 ? lane : { ...lane, title: `${lane.title} ${ordinal}` };
  });
}

/** Stretches during which the page was hidden, for the grey bands of the charts. */
export function hiddenSpans(lanes: readonly Lane[]): readonly LaneSpan[] {
  return lanes.find((lane) => lane.id === "page")?.spans.filter((span) => span.word === "hidden") ?? [];
}

/** Rows for bars that may overlap: each bar goes into the first row with room; `gap` keeps short ones apart. */
export function stackRows<T extends { readonly from: number; readonly to: number }>(
  bars: readonly T[],
  gap: number,
): { readonly bar: T; readonly row: number }[] {
  const ends: number[] = [];
  return [...bars]
    .sort((a, b) => a.from - b.from)
    .map((bar) => {
      let row = ends.findIndex((end) => end <= bar.from);
      if (row < 0) row = ends.length;
      ends[row] = Math.max(bar.to, bar.from + gap);
      return { bar, row };
    });
}
