import type { IngestKeyCreation, IngestKeyView } from "@peerscope/schema/api";
import { useState } from "react";
import { sendJson } from "../queries/fetch-json.ts";
import { readOrigins } from "./origins.ts";
import { Block, control, CopyBox, Field, Problem } from "./parts.tsx";
import { projectPath, useChange } from "./queries.ts";
import { keyCommand } from "./snippets.ts";

type Kind = "public" | "HS256" | "ES256" | "EdDSA";

const kinds: readonly { readonly kind: Kind; readonly name: string }[] = [
  { kind: "public", name: "Public key: stands in the page" },
  { kind: "HS256", name: "Tokens of your backend: HS256, a shared secret" },
  { kind: "ES256", name: "Tokens of your backend: ES256, a key pair" },
  { kind: "EdDSA", name: "Tokens of your backend: EdDSA, a key pair" },
];

const empty = { label: "", origins: "", key: "", audience: "" };

/** Makes a key. A secret is on the screen once, and nowhere else afterwards. */
export function KeyCreation({ projectId }: { readonly projectId: string }): React.ReactNode {
  const [kind, setKind] = useState<Kind>("public");
  const [form, setForm] = useState(empty);
  const [secret, setSecret] = useState<string | null>(null);
  const create = useChange<IngestKeyView>();
  const put = (change: Partial<typeof empty>): void => setForm({ ...form, ...change });
  const command = kind === "public" ? null : keyCommand(kind);
  const submit = (): void => {
    const label = form.label.trim();
    const made = kind === "HS256" ? newSecret() : null;
    const body: IngestKeyCreation =
      kind === "public"
        ? { kind: "public", label, allowedOrigins: readOrigins(form.origins) }
        : {
            kind: "jwt",
            label,
            algorithm: kind,
            key: made ?? form.key,
            audience: form.audience.trim() === "" ? null : form.audience.trim(),
          };
    create.mutate(
      {
        run: () => sendJson<IngestKeyView>("POST", projectPath(projectId, "/keys"), body),
        said: "Key created",
      },
      {
        onSuccess() {
          setForm(empty);
          setSecret(made);
        },
      },
    );
  };
  return (
    <Block
      title="New key"
      about="Several can be good at the same time, so that one can take over from another."
    >
      {secret !== null && (
        <div role="alert" className="mb-4 rounded-md border border-accent p-3 text-table">
          <p className="mb-2">
            <strong>The secret, for PEERSCOPE_KEY of your backend.</strong> It is shown this once. Whoever has
            it can send as any client.
          </p>
          <CopyBox text={secret} what="Secret" label="Secret" />
          <button type="button" className="btn mt-2" onClick={() => setSecret(null)}>
            I have kept it
          </button>
        </div>
      )}
      <form
        className="grid max-w-xl gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Field label="Name of the key" hint="Where it is used: “web app”, “staging”.">
          {(ids) => (
            <input
              {...ids}
              required
              maxLength={100}
              autoComplete="off"
              className={`${control} w-full`}
              value={form.label}
              onChange={(event) => put({ label: event.target.value })}
            />
          )}
        </Field>
        <Field label="Kind">
          {(ids) => (
            <select
              {...ids}
              className={`${control} w-full`}
              value={kind}
              onChange={(event) =>
                setKind(kinds.find((one) => one.kind === event.target.value)?.kind ?? "public")
              }
            >
              {kinds.map((one) => (
                <option key={one.kind} value={one.kind}>
                  {one.name}
                </option>
              ))}
            </select>
          )}
        </Field>
        {kind === "public" ? (
          <Field label="Allowed origins of the new key" hint="One a line. Empty: pages of any origin.">
            {(ids) => (
              <textarea
                {...ids}
                rows={2}
                spellCheck={false}
                placeholder="https://app.example"
                className={`${control} w-full font-mono`}
                value={form.origins}
                onChange={(event) => put({ origins: event.target.value })}
              />
            )}
          </Field>
        ) : (
          <>
            {kind === "HS256" ? (
              <p className="text-table text-ink-soft">
                The secret is made in this browser: 256 random bits, shown once when the key is created.
              </p>
            ) : (
              <>
                {command !== null && (
                  <CopyBox text={command} what="Commands" label="Commands that make a key pair" />
                )}
                <Field
                  label="Public key"
                  hint="PEM, as in peerscope-public.pem. The private key stays with your backend."
                >
                  {(ids) => (
                    <textarea
                      {...ids}
                      required
                      rows={4}
                      spellCheck={false}
                      placeholder="-----BEGIN PUBLIC KEY-----"
                      className={`${control} w-full font-mono`}
                      value={form.key}
                      onChange={(event) => put({ key: event.target.value })}
                    />
                  )}
                </Field>
              </>
            )}
            <Field label="Audience" hint="Tokens need it as aud. Empty: they need none.">
              {(ids) => (
                <input
                  {...ids}
                  maxLength={100}
                  autoComplete="off"
                  className={`${control} w-full`}
                  value={form.audience}
                  onChange={(event) => put({ audience: event.target.value })}
                />
              )}
            </Field>
          </>
        )}
        <div>
          <button type="submit" className="btn-primary" disabled={create.isPending}>
            Create the key
          </button>
        </div>
      </form>
      <Problem error={create.error} />
    </Block>
  );
}

/** 256 random bits in base64url. */
function newSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}
