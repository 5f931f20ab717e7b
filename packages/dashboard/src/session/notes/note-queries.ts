import {
  queryOptions,
  useMutation,
  useQueryClient,
  type UseMutationResult,
  type UseQueryOptions,
} from "@tanstack/react-query";
import type {
  SessionNote,
  SessionNoteChange,
  SessionNoteCreation,
  SessionNoteList,
} from "@peerscope/schema/api";
import { fetchJson, sendJson } from "../../queries/fetch-json.ts";

type NotesKey = readonly ["notes", string];

/** Somebody else may write one meanwhile: asked again so often, in milliseconds. Ours. */
const refreshMs = 30_000;

function notesPath(sessionId: string, noteId?: string): string {
  const path = `/api/sessions/${encodeURIComponent(sessionId)}/notes`;
  return noteId === undefined ? path : `${path}/${encodeURIComponent(noteId)}`;
}

/** The notes of a session by the moment they are about. */
export function notesQuery(
  sessionId: string,
): UseQueryOptions<readonly SessionNote[], Error, readonly SessionNote[], NotesKey> {
  return queryOptions({
    queryKey: ["notes", sessionId] as const,
    queryFn: async ({ signal }): Promise<readonly SessionNote[]> =>
      (await fetchJson<SessionNoteList>(notesPath(sessionId), signal)).notes,
    refetchInterval: refreshMs,
    retry: false,
  });
}

/** What can be done to the notes of a session. */
export type NoteChange =
  | ({ readonly kind: "create" } & SessionNoteCreation)
  | ({ readonly kind: "change"; readonly noteId: string } & SessionNoteChange)
  | { readonly kind: "delete"; readonly noteId: string };

/** Writes, changes or deletes a note; the list is asked for anew afterwards. A failure changes nothing. */
export function useNoteChange(sessionId: string): UseMutationResult<void, Error, NoteChange> {
  const queries = useQueryClient();
  return useMutation({
    // A browser that calls itself offline may still reach the server beside it.
    networkMode: "always",
    mutationFn: async (change: NoteChange) => {
      if (change.kind === "create") {
        const { at, text } = change;
        await sendJson("POST", notesPath(sessionId), { at, text });
      } else if (change.kind === "change") {
        await sendJson("PATCH", notesPath(sessionId, change.noteId), { text: change.text });
      } else await sendJson("DELETE", notesPath(sessionId, change.noteId));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["notes", sessionId] }),
  });
}
