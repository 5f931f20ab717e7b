import { CopyBox } from "./parts.tsx";
import { snippetsFor } from "./snippets.ts";

interface Props {
  readonly token: string;
  readonly framework: string;
  readonly onFramework: (id: string) => void;
}

/** The lines to paste, for one of several frameworks. */
export function SnippetBox({ token, framework, onFramework }: Props): React.ReactNode {
  const all = snippetsFor(location.origin, token);
  const shown = all.find(({ id }) => id === framework) ?? all[0];
  if (shown === undefined) return null;
  return (
    <div>
      <fieldset className="mb-2 flex flex-wrap gap-1.5">
        <legend className="sr-only">Framework</legend>
        {all.map(({ id, name }) => (
          <button
            key={id}
            type="button"
            className="btn"
            aria-pressed={id === shown.id}
            onClick={() => onFramework(id)}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <p className="mb-2 text-table text-ink-soft">{shown.where}</p>
      <CopyBox text={shown.code} what="Snippet" label={`Code for ${shown.name}`} />
    </div>
  );
}
