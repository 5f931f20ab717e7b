import { Dialog } from "@base-ui-components/react/dialog";
import { X } from "lucide-react";
import { enableSingleKeys, useSingleKeys } from "./keys.ts";

const groups: readonly { readonly title: string; readonly keys: readonly (readonly [string, string])[] }[] = [
  {
    title: "Everywhere",
    keys: [
      ["/", "Search"],
      ["?", "This help"],
    ],
  },
  {
    title: "List of sessions",
    keys: [
      ["j  k", "Next, previous session"],
      ["Enter", "Open it"],
      ["x", "Mark it to compare, or take the mark away"],
      ["f", "Show or hide the facets"],
    ],
  },
  {
    title: "A session",
    keys: [
      ["n  p", "Next, previous observation"],
      ["←  →", "Cursor one second; with Shift the window"],
      ["+  -  0", "Zoom in, out, whole session"],
      ["[  ]", "Start, end of the zoom at the cursor"],
      ["Space", "Hold the cursor"],
      ["t", "Time since start, or clock time"],
      ["y", "Copy the link to this view"],
      ["c", "Copy a summary for a ticket"],
      ["m", "Write a note on the moment of the cursor"],
    ],
  },
];

interface Props {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

export function HelpDialog({ open, onOpenChange }: Props): React.ReactNode {
  const single = useSingleKeys();
  return (
    <Dialog.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Popup className="card fixed top-1/2 left-1/2 z-50 max-h-[90dvh] w-[min(40rem,94vw)] -translate-x-1/2 -translate-y-1/2 overflow-auto p-6">
          <div className="flex items-start justify-between">
            <Dialog.Title className="text-lg font-semibold">Keyboard</Dialog.Title>
            <Dialog.Close className="btn-quiet" aria-label="Close">
              <X className="size-4" aria-hidden />
            </Dialog.Close>
          </div>
          <div className="mt-4 grid gap-6 sm:grid-cols-2 sm:grid-rows-[auto_1fr]">
            {groups.map((group) => (
              <section
                key={group.title}
                className="sm:last:col-start-2 sm:last:row-start-1 sm:last:row-span-2"
              >
                <h3 className="eyebrow mb-2">{group.title}</h3>
                <dl className="grid grid-cols-[5.500rem_1fr] gap-y-1.5 text-table">
                  {group.keys.map(([keys, what]) => (
                    <div key={keys} className="contents">
                      <dt className="flex items-start gap-1">
                        {keys.split("  ").map((key) => (
                          <kbd
                            key={key}
                            className="rounded border border-line bg-sunken px-1.5 font-sans text-xs"
                          >
                            {key}
                          </kbd>
                        ))}
                      </dt>
                      <dd>{what}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
          <label className="mt-6 flex min-h-6 items-center gap-2 border-t border-line pt-4 text-table">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={single}
              onChange={(event) => enableSingleKeys(event.target.checked)}
            />
            Single-letter shortcuts
          </label>
          <p className="mt-3 text-xs text-ink-soft">
            In the search box: <code>user:</code> <code>call:</code> <code>tag:key=value</code>{" "}
            <code>score:poor</code> <code>is:live</code>
          </p>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
