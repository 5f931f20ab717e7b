import { useQuery } from "@tanstack/react-query";
import type { SessionNote } from "@peerscope/schema/api";
import { useMemo } from "react";
import { useSession, useSnapshot } from "../context.tsx";
import { notesQuery } from "./note-queries.ts";
import { momentsOf, type Moment } from "./moments.ts";
import { reportedIssues } from "./reported-issues.ts";

const none: readonly SessionNote[] = [];

/** The notes of the session; none of a local file. */
export function useNotes(): readonly SessionNote[] {
  const { store, analysis } = useSession();
  const sessionId = store.from === "server" ? (analysis?.sessionId ?? null) : null;
  const notes = useQuery({ ...notesQuery(sessionId ?? ""), enabled: sessionId !== null });
  return notes.data ?? none;
}

/** What people marked in this session. */
export function useMoments(): readonly Moment[] {
  const { store } = useSession();
  const { events } = useSnapshot(store);
  const notes = useNotes();
  return useMemo(() => momentsOf(reportedIssues(events), notes), [events, notes]);
}
