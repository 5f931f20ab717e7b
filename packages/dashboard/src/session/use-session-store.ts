import { useEffect, useState } from "react";
import { takeSession } from "./early-session.ts";
import type { SessionSource, SessionStore } from "./session-store.ts";

/** Opens a session as long as the component is there; `key` changes open another. Without a source there is none. */
export function useSessionStore(source: SessionSource | null, key: string): SessionStore | null {
  const [store, setStore] = useState<SessionStore | null>(null);
  useEffect(() => {
    if (source === null) return;
    const opened = takeSession(source);
    setStore(opened);
    return () => {
      setStore(null);
      opened.close();
    };
    // The source is described by its key; the object itself is new with every render.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [key]);
  return store;
}
