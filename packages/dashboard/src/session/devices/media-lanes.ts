import type { JsonObject } from "@peerscope/schema";
import type { EventRow } from "../../worker/messages.ts";
import { spansOf, trackWord, type Lane, type LaneSpan } from "../lanes.ts";

type Change = Parameters<typeof spansOf>[0][number];

/** Every track, media element and AudioContext on a lane: what was on, off, silent, paused or stalled, and when. */
export function mediaLanes(events: readonly EventRow[], end: number): Lane[] {
  const lanes = new Map<string, { title: string; changes: Change[] }>();
  const add = (id: string, title: string, change: Change): void => {
    let lane = lanes.get(id);
    if (lane === undefined) lanes.set(id, (lane = { title, changes: [] }));
    lane.changes.push(change);
  };
  const ordinals = new Map<string, number>();
  /** "Loudspeaker video 2": the same kind of thing twice needs a number. */
  const titled = (id: string, title: string): string => {
    const known = lanes.get(id);
    if (known !== undefined) return known.title;
    const ordinal = (ordinals.get(title) ?? 0) + 1;
    ordinals.set(title, ordinal);
    return ordinal === 1 ? title : `${title} ${ordinal}`;
  };

  for (const { at, name, data } of events) {
    if (data === null) continue;
    switch (name) {
      case "track-state-changed": {
        const id = `track ${textOf(data, "trackId")}`;
        add(id, titled(id, trackTitle(data)), { at, ...trackWord(data) });
        break;
      }
      case "media-element-changed": {
        const id = `element ${textOf(data, "elementId")}`;
        add(id, titled(id, `<${textOf(data, "tagName")}> element`), { at, ...elementWord(data) });
        break;
      }
      case "media-element-stalled": {
        const id = `element ${textOf(data, "elementId")}`;
        add(id, titled(id, "Media element"), { at, word: "stalled", look: "bad" });
        break;
      }
      case "media-element-resumed": {
        const id = `element ${textOf(data, "elementId")}`;
        add(id, titled(id, "Media element"), { at, word: "plays", look: "plain" });
        break;
      }
      case "audio-context-state-changed": {
        const state = textOf(data, "state");
        const id = `context ${textOf(data, "contextId")}`;
        add(id, titled(id, "AudioContext"), {
          at,
          word: state,
          look: state === "running" ? "plain" : "warn",
        });
        break;
      }
    }
  }
  return [...lanes].map(([id, { title, changes }]) => ({ id, title, spans: spansOf(changes, end) }));
}

function trackTitle(data: JsonObject): string {
  const isRemote = data["direction"] === "remote";
  if (isRemote) return data["kind"] === "audio" ? "Sound from there" : "Picture from there";
  if (data["source"] === "screen") return "Screen";
  return data["kind"] === "audio" ? "Microphone" : "Camera";
}

function elementWord(data: JsonObject): { readonly word: string; readonly look: LaneSpan["look"] } {
  if (data["paused"] === true)
    return data["pausedByApp"] === true
      ? { word: "paused by the app", look: "quiet" }
      : { word: "paused", look: "warn" };
  if (data["muted"] === true || data["volume"] === 0) return { word: "plays without sound", look: "quiet" };
  return { word: "plays", look: "plain" };
}

function textOf(data: JsonObject, member: string): string {
  const value = data[member];
  return typeof value === "string" ? value : "";
}
