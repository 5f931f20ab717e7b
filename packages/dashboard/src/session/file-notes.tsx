import { describePlace, describeSkipped } from "@peerscope/interop";
import type { FileFacts } from "../worker/messages.ts";
import { plural } from "../words/numbers.ts";

/** What the source of a file cannot show, and what of it could not be read. Nothing for a whole session log. */
export function FileNotes({ facts }: { readonly facts: FileFacts }): React.ReactNode {
  const { limits, skipped } = facts;
  if (limits.length === 0 && skipped.total === 0) return null;
  return (
    <div className="mb-3 grid gap-2 text-table" data-testid="file-notes">
      {limits.length > 0 && (
        <details className="rounded-md border border-line px-3 py-1.5">
          <summary className="min-h-6">
            This kind of file does not hold everything: {plural(limits.length, "thing")} it cannot show
          </summary>
          <ul className="mt-1 list-disc pl-5 text-xs text-ink-soft">
            {limits.map((limit) => (
              <li key={limit}>{limit}</li>
            ))}
          </ul>
        </details>
      )}
      {skipped.total > 0 && (
        <details className="rounded-md border border-fair-mark px-3 py-1.5">
          <summary className="min-h-6">{describeSkipped(skipped).join("; ")}. The rest is shown.</summary>
          <ul className="mt-1 list-disc pl-5 text-xs text-ink-soft">
            {skipped.examples.map((one, index) => {
              const place = describePlace(one);
              return (
                // Several parts of one line can be skipped; the list never changes.
                // oxlint-disable-next-line react/no-array-index-key
                <li key={index}>
                  {place === null ? "" : `${place.charAt(0).toUpperCase()}${place.slice(1)}: `}
                  {one.reason}
                </li>
              );
            })}
            {skipped.total > skipped.examples.length && (
              <li>and {plural(skipped.total - skipped.examples.length, "more", "more")}</li>
            )}
          </ul>
        </details>
      )}
    </div>
  );
}
