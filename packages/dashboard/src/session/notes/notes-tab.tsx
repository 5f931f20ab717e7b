import { useQuery } from "@tanstack/react-query";
import type { SessionNote } from "@peerscope/schema/api";
import { MessageSquarePlus, Pencil, Trash2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { includesRole, useCurrentProject } from "../../access/me.ts";
import { announce } from "../../frame/announce.tsx";
import { useNow } from "../../frame/clock.ts";
import { Failure } from "../../frame/fallbacks.tsx";
import { RequestError } from "../../queries/fetch-json.ts";
import { when } from "../../words/time.ts";
import { useSession, useTimeWords } from "../context.tsx";
import { NoteForm } from "./note-form.tsx";
import { notesQuery, useNoteChange } from "./note-queries.ts";

/** What people wrote about moments of the session, in the order of its time. */
export function NotesTab({ sessionId }: { readonly sessionId: string }): React.ReactNode {
  const { writeNote } = useSession();
  const query = useQuery(notesQuery(sessionId));
  const { data: notes } = query;
  if (notes === undefined) {
    if (query.isPending) return <div className="card skeleton h-24" aria-busy="true" />;
    return (
      <Failure
        title="The notes could not be loaded"
        detail={`${query.error?.message ?? ""}. Everything else of the session is shown.`}
        code={query.error instanceof RequestError ? query.error.code : null}
        onRetry={() => void query.refetch()}
      />
    );
  }
  return (
    <section aria-label="Notes" className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-3">
        {writeNote !== null && (
          <button
            type="button"
            className="btn"
            onClick={writeNote}
            title="Write a note on the moment of the cursor (m)"
          >
            <MessageSquarePlus className="size-3.5" aria-hidden />
            Write a note
          </button>
        )}
        {query.isError && (
          <p role="status" className="text-table text-ink-soft">
            Could not refresh; showing the last list.
          </p>
        )}
      </div>
      {notes.length === 0 ? (
        <p className="card p-6 text-ink-soft">
          {writeNote === null
            ? "Nobody wrote a note on this session. Members with the role analyst can."
            : "Nobody wrote a note on this session yet. Put the cursor on a moment and press m."}
        </p>
      ) : (
        <ol className="flex flex-col gap-2">
          {notes.map((note) => (
            <NoteRow key={note.noteId} note={note} sessionId={sessionId} />
          ))}
        </ol>
      )}
    </section>
  );
}

/** Seconds on each side of a moment that are shown with it. Ours. */
const aroundSeconds = 20;

function NoteRow({
  note,
  sessionId,
}: {
  readonly note: SessionNote;
  readonly sessionId: string;
}): React.ReactNode {
  const { view, start, search, setSearch, zone } = useSession();
  const words = useTimeWords();
  const now = useNow(30_000);
  const role = useCurrentProject()?.role;
  const change = useNoteChange(sessionId);
  const [state, setState] = useState<"read" | "edit" | "delete">("read");
  const [text, setText] = useState(note.text);
  const row = useRef<HTMLLIElement>(null);
  const isWanted = search.note === note.noteId;
  useEffect(() => {
    if (isWanted) row.current?.scrollIntoView({ block: "nearest" });
  }, [isWanted]);
  const seconds = (note.at - start) / 1000;
  const mayChange = note.own && includesRole(role, "analyst");
  const mayDelete = note.own || includesRole(role, "admin");
  const begin = (next: "edit" | "delete"): void => {
    change.reset();
    setText(note.text);
    setState(next);
  };
  return (
    <li
      ref={row}
      data-note={note.noteId}
      aria-current={isWanted ? "true" : undefined}
      className={`card scroll-mt-24 px-4 py-3 ${isWanted ? "outline-2 -outline-offset-1 outline-accent" : ""}`}
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <button
          type="button"
          className="tnum link min-h-6 font-medium"
          title="Show this moment in the charts"
          onClick={() => {
            setSearch({ tab: undefined, note: note.noteId });
            view.show({ from: seconds - aroundSeconds, to: seconds + aroundSeconds });
            view.setAt(seconds, true);
          }}
        >
          {words(note.at, true)}
        </button>
        <span className="min-w-0 text-table text-ink-soft">
          <bdi className="font-medium wrap-anywhere text-ink">{note.createdByName}</bdi>,{" "}
          <time dateTime={new Date(note.createdAt).toISOString()}>{when(note.createdAt, now, zone)}</time>
        </span>
        {state === "read" && (
          <span className="ml-auto flex gap-1">
            {mayChange && (
              <button type="button" className="btn-quiet" onClick={() => begin("edit")}>
                <Pencil className="size-3.5" aria-hidden />
                Edit
              </button>
            )}
            {mayDelete && (
              <button type="button" className="btn-quiet" onClick={() => begin("delete")}>
                <Trash2 className="size-3.5" aria-hidden />
                Delete
              </button>
            )}
          </span>
        )}
      </div>
      {state === "edit" ? (
        <div className="mt-2">
          <NoteForm
            text={text}
            onText={setText}
            label="Text of the note"
            submit="Save"
            isSaving={change.isPending}
            error={change.error}
            onCancel={() => setState("read")}
            onSubmit={() =>
              change.mutate(
                { kind: "change", noteId: note.noteId, text },
                {
                  onSuccess: () => {
                    announce("Note changed");
                    setState("read");
                  },
                },
              )
            }
          />
        </div>
      ) : (
        <p dir="auto" className="mt-1 max-w-3xl wrap-anywhere whitespace-pre-wrap">
          {note.text}
        </p>
      )}
      {state === "delete" && (
        <div
          className="mt-2 flex flex-wrap items-center gap-2 text-table"
          role="group"
          aria-label="Delete the note"
        >
          <span>Delete this note for everybody?</span>
          <button
            type="button"
            className="btn border-poor-mark text-poor"
            disabled={change.isPending}
            onClick={() =>
              change.mutate(
                { kind: "delete", noteId: note.noteId },
                { onSuccess: () => announce("Note deleted") },
              )
            }
          >
            Delete it
          </button>
          <button type="button" className="btn" onClick={() => setState("read")}>
            Keep it
          </button>
          {change.error !== null && (
            <span role="alert" className="text-poor">
              Not deleted: {change.error.message}.
            </span>
          )}
        </div>
      )}
    </li>
  );
}
