import type { EventRecord, JsonObject } from "@peerscope/schema";
import { numberOf, objectOf, stringOf } from "./stat-members.ts";
import { SmallMap } from "../pack/small-map.ts";

/* How the page plays what it receives: its media elements, as their events told them. */

/** An `<audio>` or `<video>` element that plays a MediaStream, or should. */
export interface MediaElement {
  readonly elementId: string;
  readonly seenAt: number;
  trackIds: readonly string[];
  /** Of its latest state; an element is paused until it says otherwise. */
  paused: boolean;
  pausedByApp: boolean;
  muted: boolean;
  /** 0 to 1. */
  volume: number;
  /** Device pixels it fills on the screen; 0 when it is not shown. */
  displayWidth: number;
  displayHeight: number;
  /** Unix ms at which it got this size. */
  sizedAt: number;
  /** It played once: whoever paused it since did so on purpose. */
  everPlayed: boolean;
  /** It played aloud once: who mutes it since does so on purpose. */
  everAudible: boolean;
  /** Unix ms at which the browser last refused to play it before a gesture of the user; null when it did not, or plays. */
  refusedAt: number | null;
  /** Unix ms of its latest state. */
  changedAt: number;
  /** Connection of which it was found not to play what arrives, and whether the browser had refused it by then. */
  foundBlockedBy: string | null;
  foundRefused: boolean;
}

/** The elements of a page, by their id. */
export type MediaElements = SmallMap<string, MediaElement>;

/** Elements that are kept; a hostile log cannot make more. Ours. */
const maximumElements = 500;

/** Tracks of one element that are kept. Ours. */
const maximumTracks = 50;

/** Takes over what an event says of an element. */
export function applyMediaElement(elements: MediaElements, event: EventRecord): void {
  if (event.name !== "media-element-changed" && event.name !== "media-element-play-refused") return;
  const data = objectOf(event.data) ?? {};
  const element = elementOf(elements, data, event.at);
  if (element === null) return;
  if (event.name === "media-element-changed") applyState(element, data, event.at);
  // Every other refusal (AbortError) follows from what the app did next.
  else if (stringOf(objectOf(data["error"]) ?? {}, "name") === "NotAllowedError") {
    element.refusedAt = event.at;
  }
}

function elementOf(elements: MediaElements, data: JsonObject, at: number): MediaElement | null {
  const elementId = stringOf(data, "elementId");
  if (elementId === null) return null;
  const known = elements.get(elementId);
  if (known !== undefined) return known;
  if (elements.size >= maximumElements) return null;
  const element: MediaElement = {
    elementId,
    seenAt: at,
    trackIds: [],
    paused: true,
    pausedByApp: false,
    muted: false,
    volume: 1,
    displayWidth: 0,
    displayHeight: 0,
    sizedAt: at,
    everPlayed: false,
    everAudible: false,
    refusedAt: null,
    changedAt: at,
    foundBlockedBy: null,
    foundRefused: false,
  };
  elements.set(elementId, element);
  return element;
}

function applyState(element: MediaElement, data: JsonObject, at: number): void {
  const { trackIds } = data;
  const tracks = Array.isArray(trackIds)
    ? trackIds.slice(0, maximumTracks).filter((id) => typeof id === "string")
    : [];
  // Another stream: that one was played before says nothing about this one.
  if (!tracks.some((id) => element.trackIds.includes(id))) {
    element.everPlayed = false;
    element.everAudible = false;
  }
  element.trackIds = tracks;
  element.paused = data["paused"] !== false;
  element.pausedByApp = data["pausedByApp"] === true;
  element.muted = data["muted"] === true;
  element.volume = numberOf(data, "volume") ?? 1;
  const width = Math.max(0, numberOf(data, "displayWidth") ?? 0);
  const height = Math.max(0, numberOf(data, "displayHeight") ?? 0);
  if (width !== element.displayWidth || height !== element.displayHeight) element.sizedAt = at;
  element.displayWidth = width;
  element.displayHeight = height;
  element.changedAt = at;
  if (element.paused) return;
  element.everPlayed = true;
  element.everAudible ||= isAudible(element);
  element.refusedAt = null;
}

/** Is an element known that plays this track, and can it be heard where it is sound? */
export function isPlayed(elements: MediaElements, trackId: string, kind: "audio" | "video"): boolean {
  for (const element of elements.values()) {
    if (element.paused || !element.trackIds.includes(trackId)) continue;
    if (kind === "video" || isAudible(element)) return true;
  }
  return false;
}

function isAudible({ paused, muted, volume }: MediaElement): boolean {
  return !paused && !muted && volume > 0;
}

/**
 * How the elements of a page have a sound that none of them plays aloud: "none" has it, one that plays was muted "from the start",
 * or one is silent "on purpose".
 */
export function silenceOf(
  elements: MediaElements,
  trackId: string,
): "none" | "from-the-start" | "on-purpose" {
  let answer: "none" | "from-the-start" = "none";
  for (const element of elements.values()) {
    if (!element.trackIds.includes(trackId)) continue;
    if (element.paused || element.everAudible) return "on-purpose";
    answer = "from-the-start";
  }
  return answer;
}

/** The largest element that shows a track; null when none is known to show it. */
export function shownBy(elements: MediaElements, trackId: string | undefined): MediaElement | null {
  if (trackId === undefined) return null;
  let largest: MediaElement | null = null;
  for (const element of elements.values()) {
    const pixels = element.displayWidth * element.displayHeight;
    if (pixels <= 0 || !element.trackIds.includes(trackId)) continue;
    if (largest === null || pixels > largest.displayWidth * largest.displayHeight) largest = element;
  }
  return largest;
}

/** Device pixels that a picture of this size fills in an element when it is shown whole. */
export function shownPixels(element: MediaElement, width: number, height: number): number {
  if (width <= 0 || height <= 0) return 0;
  const scale = Math.min(element.displayWidth / width, element.displayHeight / height);
  return width * height * scale * scale;
}
