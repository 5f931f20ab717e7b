import { TriangleAlert } from "lucide-react";
import { differences } from "./draft.ts";
import { Problem } from "./parts.tsx";
import type { DraftUse } from "./use-draft.ts";

interface Props<Value> {
  readonly draft: DraftUse<Value>;
  readonly saved: Value;
  readonly isBusy: boolean;
  readonly error: Error | null;
  readonly onSave: () => void;
}

/** Says that something is not saved, saves it, and shows both versions when somebody else saved meanwhile. */
export function SaveBar<Value>({ draft, saved, isBusy, error, onSave }: Props<Value>): React.ReactNode {
  if (draft.state === "clean") return <Problem error={error} />;
  if (draft.state === "conflict")
    return (
      <div role="alert" className="mt-4 rounded-md border border-fair-mark p-3 text-table">
        <p className="flex items-center gap-1.5 font-medium">
          <TriangleAlert className="size-4 shrink-0 text-fair" aria-hidden />
          Somebody else saved something different meanwhile
        </p>
        <table className="mt-2 w-full text-left">
          <thead>
            <tr>
              <th scope="col" className="eyebrow pr-4">
                Setting
              </th>
              <th scope="col" className="eyebrow pr-4">
                Saved now
              </th>
              <th scope="col" className="eyebrow">
                Yours
              </th>
            </tr>
          </thead>
          <tbody>
            {differences(draft.value, saved).map(({ path, mine, theirs }) => (
              <tr key={path}>
                <td className="pr-4 font-mono text-xs break-all">{path}</td>
                <td className="pr-4 break-all">{theirs}</td>
                <td className="break-all">{mine}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <div className="mt-3 flex gap-2">
          <button type="button" className="btn" onClick={draft.drop}>
            Keep what is saved
          </button>
          <button type="button" className="btn" onClick={draft.keep}>
            Go on with mine
          </button>
        </div>
      </div>
    );
  return (
    <div className="mt-4 border-t border-line pt-3">
      <div className="flex flex-wrap items-center gap-2">
        <button type="button" className="btn-primary" disabled={isBusy} onClick={onSave}>
          {isBusy ? "Saving" : "Save"}
        </button>
        <button type="button" className="btn" onClick={draft.drop}>
          Discard
        </button>
        <span className="text-xs text-ink-soft">Not saved yet. It stays here when you look elsewhere.</span>
      </div>
      <Problem error={error} />
    </div>
  );
}
