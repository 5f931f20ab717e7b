import { Dialog } from "@base-ui-components/react/dialog";
import { Copy, TriangleAlert } from "lucide-react";
import { useId, useState } from "react";
import { copyText } from "../frame/announce.tsx";
import { RequestError } from "../queries/fetch-json.ts";

/** Look of everything that one types into or chooses from. */
export const control =
  "min-h-8 rounded-md border border-line-strong bg-surface px-2.5 py-1 text-table text-ink disabled:opacity-60";

interface BlockProps {
  readonly title: string;
  readonly about?: React.ReactNode;
  readonly actions?: React.ReactNode;
  readonly children?: React.ReactNode;
}

/** A part of a page of the settings. */
export function Block({ title, about, actions, children }: BlockProps): React.ReactNode {
  const id = useId();
  return (
    <section className="card mb-4 p-5" aria-labelledby={id}>
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-60 flex-1">
          <h2 id={id} className="text-base font-semibold">
            {title}
          </h2>
          {about !== undefined && <p className="mt-0.5 max-w-prose text-table text-ink-soft">{about}</p>}
        </div>
        {actions}
      </div>
      {children !== undefined && <div className="mt-4">{children}</div>}
    </section>
  );
}

interface FieldProps {
  readonly label: string;
  readonly hint?: React.ReactNode;
  readonly children: (ids: { readonly id: string; readonly "aria-describedby"?: string }) => React.ReactNode;
}

/** A name, what belongs below it, and what it means. */
export function Field({ label, hint, children }: FieldProps): React.ReactNode {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="mb-1 block text-table font-medium">
        {label}
      </label>
      {children({ id, ...(hint === undefined ? {} : { "aria-describedby": hintId }) })}
      {hint !== undefined && (
        <p id={hintId} className="mt-1 max-w-prose text-xs text-ink-soft">
          {hint}
        </p>
      )}
    </div>
  );
}

/** What went wrong, in the words of the server, with the code to look up. */
export function Problem({ error }: { readonly error: Error | null }): React.ReactNode {
  if (error === null) return null;
  const code = error instanceof RequestError ? error.code : null;
  return (
    <p role="alert" className="mt-3 flex items-start gap-1.5 text-table text-poor">
      <TriangleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
      <span>
        {error.message}
        {code !== null && (
          <>
            {" "}
            <code className="font-mono text-xs">{code}</code>
          </>
        )}
      </span>
    </p>
  );
}

/** Text to copy as it is. */
export function CopyBox({
  text,
  what,
  label,
}: {
  readonly text: string;
  /** For the note that it was copied: "Snippet". */
  readonly what: string;
  readonly label: string;
}): React.ReactNode {
  return (
    <div className="relative">
      <pre
        tabIndex={0}
        role="region"
        aria-label={label}
        className="overflow-x-auto rounded-md border border-line bg-sunken p-4 pr-24 font-mono text-xs leading-relaxed"
      >
        {text}
      </pre>
      <button
        type="button"
        className="btn absolute top-2 right-2"
        aria-label={`Copy ${label}`}
        onClick={() => void copyText(text, what)}
      >
        <Copy className="size-3.5" aria-hidden />
        Copy
      </button>
    </div>
  );
}

interface ConfirmProps {
  readonly title: string;
  readonly children: React.ReactNode;
  /** What has to be typed before it goes on; the name of the thing. */
  readonly typed: string;
  readonly action: string;
  readonly isBusy: boolean;
  readonly error: Error | null;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something is done that cannot be undone: by typing its name. */
export function ConfirmDialog(props: ConfirmProps): React.ReactNode {
  const [text, setText] = useState("");
  const { typed } = props;
  const isRight = text.trim() === typed.trim();
  return (
    <Dialog.Root open onOpenChange={(open) => (open ? undefined : props.onClose())}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Popup className="card fixed top-1/2 left-1/2 z-50 max-h-[90dvh] w-[min(32rem,94vw)] -translate-x-1/2 -translate-y-1/2 overflow-auto p-6">
          <Dialog.Title className="text-base font-semibold">{props.title}</Dialog.Title>
          <Dialog.Description render={<div />} className="mt-2 text-table text-ink-soft">
            {props.children}
          </Dialog.Description>
          <form
            className="mt-4"
            onSubmit={(event) => {
              event.preventDefault();
              if (isRight && !props.isBusy) props.onConfirm();
            }}
          >
            <label className="block text-table">
              Type <strong className="font-mono break-all">{typed}</strong> to go on
              <input
                className={`${control} mt-1 w-full font-mono`}
                autoComplete="off"
                spellCheck={false}
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            </label>
            <Problem error={props.error} />
            <div className="mt-5 flex justify-end gap-2">
              <button type="button" className="btn" onClick={props.onClose}>
                Cancel
              </button>
              <button
                type="submit"
                className="btn border-poor-mark text-poor"
                disabled={!isRight || props.isBusy}
              >
                {props.isBusy ? "Working" : props.action}
              </button>
            </div>
          </form>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Placeholder in the size of a block while it is loaded. */
export function BlockSkeleton(): React.ReactNode {
  return (
    <div className="card mb-4 p-5" role="status" aria-label="Loading">
      <div className="skeleton h-5 w-48 max-w-full" />
      <div className="skeleton mt-3 h-4 w-full max-w-xl" />
      <div className="skeleton mt-4 h-24 w-full" />
    </div>
  );
}

/** A table that scrolls in its own region. */
export function Table({
  label,
  head,
  children,
}: {
  readonly label: string;
  readonly head: readonly string[];
  readonly children: React.ReactNode;
}): React.ReactNode {
  return (
    <div className="overflow-x-auto" role="region" aria-label={label} tabIndex={0}>
      <table className="w-full border-collapse text-left text-table">
        <thead>
          <tr className="border-b border-line">
            {head.map((name) => (
              <th key={name} scope="col" className="eyebrow py-1.5 pr-4 whitespace-nowrap">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

export const cell = "border-b border-line py-2 pr-4 align-top";
