import { lazy, Suspense, useCallback, useState } from "react";
import type { SessionAnalysis } from "@peerscope/schema";
import { includesRole, useCurrentProject } from "../../access/me.ts";
import type { TimeView } from "../../charts/time-view.ts";
import { onAxis, type Axis, type Zone } from "../../words/time.ts";

const NoteDialog = lazy(async () => ({ default: (await import("./note-dialog.tsx")).NoteDialog }));

interface Options {
  readonly analysis: SessionAnalysis | null;
  /** False for a local file: nobody else could read the note. */
  readonly isServed: boolean;
  readonly view: TimeView;
  readonly axis: Axis;
  readonly zone: Zone;
}

export interface NoteWriting {
  /** Opens the dialog; null where nobody can write a note. */
  readonly writeNote: (() => void) | null;
  readonly dialog: React.ReactNode;
}

/** A note on the moment of the cursor; without one on the beginning of what is visible. */
export function useWriteNote({ analysis, isServed, view, axis, zone }: Options): NoteWriting {
  const role = useCurrentProject()?.role;
  /** Seconds since session start; null while nobody writes. */
  const [moment, setMoment] = useState<number | null>(null);
  const [text, setText] = useState("");
  const open = useCallback(() => {
    const { at, range } = view.state();
    // The charts must not move away from what is being written about.
    if (at !== null) view.setAt(at, true);
    setMoment(Math.max(0, at ?? range.from));
  }, [view]);
  if (analysis === null || !isServed || !includesRole(role, "analyst"))
    return { writeNote: null, dialog: null };
  const { sessionId, start } = analysis;
  return {
    writeNote: open,
    dialog: moment !== null && (
      <Suspense>
        <NoteDialog
          sessionId={sessionId}
          at={start + moment * 1000}
          moment={onAxis(moment, start, axis, zone, true)}
          text={text}
          onText={setText}
          onClose={() => setMoment(null)}
        />
      </Suspense>
    ),
  };
}
