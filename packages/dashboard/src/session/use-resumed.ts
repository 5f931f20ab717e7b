import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { afterEndQuery } from "../queries/sessions.ts";
import { useSnapshot } from "./context.tsx";
import type { SessionStore } from "./session-store.ts";

/** A log that cannot be read to its end is not read over and over: at most this often, in milliseconds. Ours. */
const shortestRoundMs = 8000;

/** Tells that a session goes on whose end was read: its page was reloaded, or its client was given up and came back. */
export function useResumed(id: string, store: SessionStore, onResumed: () => void): void {
  const { openedAt } = store;
  const over = useSnapshot(store).phase === "done";
  const { data } = useQuery({ ...afterEndQuery(id, openedAt), enabled: over });
  const resumed = over && data?.live === true;
  useEffect(() => {
    if (!resumed) return;
    const timer = setTimeout(onResumed, Math.max(0, openedAt + shortestRoundMs - performance.now()));
    return () => clearTimeout(timer);
  }, [resumed, openedAt, onResumed]);
}
