import type { SessionStore } from "../session/session-store.ts";

/** One of the two sessions on the page. */
export interface ComparedSide {
  /** "A" or "B". */
  readonly letter: "A" | "B";
  readonly id: string;
  readonly store: SessionStore;
}
