import type { EventRow } from "../../worker/messages.ts";
import { spansOf, type Lane, type LaneSpan } from "../lanes.ts";

const kinds: Readonly<Record<string, string>> = {
  "connection-state-changed": "Connection",
  "ice-connection-state-changed": "ICE",
  "ice-gathering-state-changed": "Gathering",
  "signaling-state-changed": "Signalling",
  "ice-transport-state-changed": "ICE transport",
  "dtls-state-changed": "DTLS",
  "sctp-state-changed": "SCTP",
};

const looks: Readonly<Record<string, LaneSpan["look"]>> = {
  new: "quiet",
  connecting: "quiet",
  checking: "quiet",
  gathering: "quiet",
  closed: "quiet",
  "have-local-offer": "quiet",
  "have-remote-offer": "quiet",
  disconnected: "warn",
  failed: "bad",
};

/**
 * Every state machine of one peer connection on a lane of its own: after a network cut Chromium's connectionState fails while
 * its iceConnectionState can stay "disconnected", so none of them is "the" state.
 */
export function stateLanes(events: readonly EventRow[], connectionId: string, end: number): Lane[] {
  const changes = new Map<
    string,
    { title: string; list: { at: number; word: string; look: LaneSpan["look"] }[] }
  >();
  for (const { at, name, data, connectionId: of } of events) {
    const title = kinds[name];
    const word = data?.["state"];
    if (of !== connectionId || title === undefined || typeof word !== "string") continue;
    const mid = data?.["mid"];
    const key = typeof mid === "string" ? `${name} ${mid}` : name;
    let lane = changes.get(key);
    if (lane === undefined)
      changes.set(key, (lane = { title: typeof mid === "string" ? `${title} ${mid}` : title, list: [] }));
    lane.list.push({ at, word, look: looks[word] ?? "plain" });
  }
  const order = Object.keys(kinds);
  return [...changes]
    .map(([id, { title, list }]) => ({ id, title, spans: spansOf(list, end) }))
    .toSorted((a, b) => order.indexOf(a.id.split(" ")[0] ?? "") - order.indexOf(b.id.split(" ")[0] ?? ""));
}
