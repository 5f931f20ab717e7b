import type { SavedFrames } from "./frame-queue.ts";

/** What a page leaves in the storage of its tab when it goes away, for a page that comes back in its place. */
export interface PageLeft extends SavedFrames {
  /** When it went, in Unix milliseconds: on its own clock, which does not count the sleep of a machine, and on that of the machine. */
  readonly at: number;
  readonly leftAt: number;
  readonly sessionId: string;
  /** Pages that this session has had before the next one. */
  readonly pages: number;
}

/** A page that comes back within this goes on with the session, in milliseconds. Ours. */
const returnMs = 600_000;

/**
 * What the page before left, if that was not long ago. It can be taken once: a copy of the tab, which the browser gives a copy of the
 * storage too, finds nothing. With `isKept` it stays there: for a page that does not have yet what it needs to send it.
 */
export function takePageLeft(key: string, isKept?: boolean): PageLeft | undefined {
  try {
    const left = JSON.parse(sessionStorage.getItem(key) ?? "null") as PageLeft | null;
    if (!isKept) sessionStorage.removeItem(key);
    // Absolute: a clock that was set back says nothing about how long it was.
    if (left && Math.abs(Date.now() - left.leftAt) < returnMs) return left;
  } catch {
    // A page that may not store anything.
  }
  return undefined;
}
