import { Dialog } from "@base-ui-components/react/dialog";
import { X } from "lucide-react";
import { announce } from "../../frame/announce.tsx";
import { NoteForm } from "./note-form.tsx";
import { useNoteChange } from "./note-queries.ts";

interface Props {
  readonly sessionId: string;
  /** Unix ms of the moment it is about. */
  readonly at: number;
  /** The moment in words. */
  readonly moment: string;
  /** What was written so far; kept when the dialog is closed without saving. */
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly onClose: () => void;
}

/** Writes a note on a moment. */
export function NoteDialog({ sessionId, at, moment, text, onText, onClose }: Props): React.ReactNode {
  const change = useNoteChange(sessionId);
  return (
    <Dialog.Root
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Popup className="card fixed top-1/2 left-1/2 z-50 max-h-[90dvh] w-[min(34rem,94vw)] -translate-x-1/2 -translate-y-1/2 overflow-auto p-6">
          <div className="mb-3 flex items-start justify-between">
            <Dialog.Title className="text-lg font-semibold">
              Note on <span className="tnum">{moment}</span>
            </Dialog.Title>
            <Dialog.Close className="btn-quiet" aria-label="Close">
              <X className="size-4" aria-hidden />
            </Dialog.Close>
          </div>
          <NoteForm
            text={text}
            onText={onText}
            label="What should others know about this moment?"
            submit="Save the note"
            isSaving={change.isPending}
            error={change.error}
            onCancel={onClose}
            onSubmit={() =>
              change.mutate(
                { kind: "create", at: Math.round(at), text },
                {
                  onSuccess: () => {
                    announce("Note saved");
                    onText("");
                    onClose();
                  },
                },
              )
            }
          />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
