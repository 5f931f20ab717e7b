import { useId } from "react";
import { RequestError } from "../../queries/fetch-json.ts";

interface Props {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly label: string;
  readonly submit: string;
  readonly isSaving: boolean;
  /** Why it was not saved; null when nothing went wrong. */
  readonly error: Error | null;
  readonly onSubmit: () => void;
  readonly onCancel: () => void;
}

/** Text of a note. What could not be saved stays in the field. */
export function NoteForm(props: Props): React.ReactNode {
  const { text, onText, label, submit, isSaving, error, onSubmit, onCancel } = props;
  const id = useId();
  const problem = `${id}-problem`;
  const isEmpty = text.trim() === "";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isEmpty && !isSaving) onSubmit();
      }}
    >
      <label htmlFor={id} className="eyebrow mb-1 block">
        {label}
      </label>
      <textarea
        id={id}
        // The dialog was opened, or the button was pressed, to write here.
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        rows={4}
        dir="auto"
        maxLength={4000}
        className="w-full rounded-md border border-line bg-page p-2.5 text-sm"
        value={text}
        aria-invalid={error !== null}
        aria-describedby={error === null ? undefined : problem}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey))
            event.currentTarget.form?.requestSubmit();
        }}
      />
      {error !== null && (
        <p id={problem} role="alert" className="mt-1 text-table text-poor">
          Not saved: {error.message}
          {error instanceof RequestError && error.code !== null && (
            <>
              {" "}
              (<code className="font-mono text-xs">{error.code}</code>)
            </>
          )}
          . The text is still here.
        </p>
      )}
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <button type="submit" className="btn-primary" disabled={isEmpty || isSaving}>
          {isSaving ? "Saving" : submit}
        </button>
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
        <span className="text-xs text-ink-soft">
          Ctrl+Enter saves. Everybody who may see the session reads it.
        </span>
      </div>
    </form>
  );
}
