import type { SessionAnalysis } from "@peerscope/schema";
import { createContext, useContext, useSyncExternalStore } from "react";
import type { TimeView } from "../charts/time-view.ts";
import { onAxis, type Axis, type Zone } from "../words/time.ts";
import type { SessionSnapshot, SessionStore } from "./session-store.ts";
import type { SessionSearch } from "../url/search.ts";

/** What all parts of a session page share. */
export interface SessionContextValue {
  readonly store: SessionStore;
  readonly view: TimeView;
  readonly axis: Axis;
  readonly zone: Zone;
  /** What is known of the session as a whole; null while nothing is. */
  readonly analysis: SessionAnalysis | null;
  /** Unix ms of position 0. */
  readonly start: number;
  readonly search: SessionSearch;
  /** Opens a note on the moment of the cursor; null where nobody can write one: a file, or without the role. */
  readonly writeNote: (() => void) | null;
  /** Changes view state in the URL; undefined takes a member out. */
  readonly setSearch: (patch: { readonly [K in keyof SessionSearch]?: SessionSearch[K] | undefined }) => void;
}

const Context = createContext<SessionContextValue | null>(null);

export const SessionContext: React.Provider<SessionContextValue | null> = Context.Provider;

export function useSession(): SessionContextValue {
  const value = useContext(Context);
  if (value === null) throw new Error("This part belongs into a session page");
  return value;
}

export function useSnapshot(store: SessionStore): SessionSnapshot {
  return useSyncExternalStore(store.subscribe, store.snapshot);
}

/** A time of the session in words, on the axis the reader chose. */
export function useTimeWords(): (at: number, tenths?: boolean) => string {
  const { start, axis, zone } = useSession();
  return (at, tenths) => onAxis((at - start) / 1000, start, axis, zone, tenths);
}
