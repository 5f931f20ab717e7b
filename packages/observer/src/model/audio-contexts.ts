import type { EventRecord } from "@peerscope/schema";
import { objectOf, stringOf } from "./stat-members.ts";
import { SmallMap } from "../pack/small-map.ts";

/** An AudioContext of the page. */
export interface PageAudioContext {
  readonly contextId: string;
  /** "suspended" | "running" | "interrupted". */
  readonly state: string;
  /** Unix ms since when it is in this state. */
  readonly since: number;
  /** It ran once: the browser allowed it, and whoever suspended it since did so on purpose. */
  readonly everRan: boolean;
}

/** The audio contexts of a page, by their id. */
export type PageAudioContexts = SmallMap<string, PageAudioContext>;

/** Contexts that are kept; a hostile log cannot make more. Ours. */
const maximumContexts = 100;

/** Takes over what an event says of a context. */
export function applyAudioContext(contexts: PageAudioContexts, event: EventRecord): void {
  if (event.name !== "audio-context-state-changed") return;
  const data = objectOf(event.data) ?? {};
  const contextId = stringOf(data, "contextId");
  const state = stringOf(data, "state");
  if (contextId === null || state === null) return;
  const known = contexts.get(contextId);
  if (state === "closed") contexts.delete(contextId);
  else if (known !== undefined || contexts.size < maximumContexts) {
    const everRan = state === "running" || (known?.everRan ?? false);
    contexts.set(contextId, { contextId, state, since: event.at, everRan });
  }
}
