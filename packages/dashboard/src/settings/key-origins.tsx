import type { IngestKeyView } from "@peerscope/schema/api";
import { useState } from "react";
import { sendJson } from "../queries/fetch-json.ts";
import { readOrigins } from "./origins.ts";
import { control, Field, Problem } from "./parts.tsx";
import { projectPath, useChange } from "./queries.ts";

/** Pages that may use a public key. */
export function KeyOrigins({
  ingestKey,
}: {
  readonly ingestKey: Extract<IngestKeyView, { readonly kind: "public" }>;
}): React.ReactNode {
  const { keyId, projectId, allowedOrigins, label } = ingestKey;
  const [text, setText] = useState<string | null>(null);
  const save = useChange<IngestKeyView>();
  if (text === null)
    return (
      <p className="mt-3 text-table">
        <span className="font-medium">Allowed origins: </span>
        {allowedOrigins.length === 0 ? "pages of any origin" : allowedOrigins.join(", ")}{" "}
        <button
          type="button"
          className="link min-h-6"
          onClick={() => {
            save.reset();
            setText(allowedOrigins.join("\n"));
          }}
        >
          Change<span className="sr-only"> the origins of {label}</span>
        </button>
      </p>
    );
  return (
    <form
      className="mt-3"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(
          {
            run: () =>
              sendJson<IngestKeyView>("PATCH", projectPath(projectId, `/keys/${encodeURIComponent(keyId)}`), {
                allowedOrigins: readOrigins(text),
              }),
            said: "Origins saved",
          },
          { onSuccess: () => setText(null) },
        );
      }}
    >
      <Field
        label="Allowed origins"
        hint="One a line: https://app.example, or https://*.example for all names below it. Empty: pages of any origin. Programs that are no browsers say none and are refused when there are some."
      >
        {(ids) => (
          <textarea
            {...ids}
            rows={4}
            spellCheck={false}
            className={`${control} w-full max-w-xl font-mono`}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <div className="mt-2 flex gap-2">
        <button type="submit" className="btn-primary" disabled={save.isPending}>
          Save the origins
        </button>
        <button type="button" className="btn" onClick={() => setText(null)}>
          Cancel
        </button>
      </div>
      <Problem error={save.error} />
    </form>
  );
}
