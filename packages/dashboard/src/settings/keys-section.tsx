import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { IngestKeyList, IngestKeyView } from "@peerscope/schema/api";
import { useState } from "react";
import { useNow } from "../frame/clock.ts";
import { copyText } from "../frame/announce.tsx";
import { useZone } from "../frame/zone.ts";
import { RefusalList } from "../first-run/refusal-list.tsx";
import { sendJson } from "../queries/fetch-json.ts";
import { omit } from "../url/search.ts";
import { ago, day } from "../words/time.ts";
import { KeyCreation } from "./key-creation.tsx";
import { KeyOrigins } from "./key-origins.tsx";
import { Block, BlockSkeleton, ConfirmDialog, CopyBox, Problem } from "./parts.tsx";
import { firstSampleQuery, projectPath, resource, useChange } from "./queries.ts";
import type { SectionProps } from "./settings-page.tsx";
import { SnippetBox } from "./snippet-box.tsx";
import { tokenRecipe } from "./snippets.ts";

/** What clients show to be let in, and the lines that use it. */
export function KeysSection({ project }: SectionProps): React.ReactNode {
  const { projectId } = project;
  const list = useQuery(resource<IngestKeyList>(projectPath(projectId, "/keys")));
  if (list.data === undefined) return list.isError ? <Problem error={list.error} /> : <BlockSkeleton />;
  const { keys } = list.data;
  return (
    <>
      <Arriving projectId={projectId} />
      {keys.length === 0 && (
        <p className="card mb-4 p-5 text-table">
          No key is good any more: nobody can send anything to this project. Create one below.
        </p>
      )}
      {keys.map((key) => (
        <KeyBlock key={key.keyId} ingestKey={key} />
      ))}
      <KeyCreation projectId={projectId} />
    </>
  );
}

function Arriving({ projectId }: { readonly projectId: string }): React.ReactNode {
  const first = useQuery(firstSampleQuery(projectId, 4_000));
  if (first.data === undefined) return null;
  const { hasOwn, newestAt, openSessions, refusals, now } = first.data;
  return (
    <section className="card mb-4 p-4 text-table" aria-label="What arrives">
      <p role="status">
        {newestAt !== null ? (
          <>
            <strong>Last sample received {ago(newestAt, now)}</strong>
            {openSessions > 0 && `, ${openSessions} open ${openSessions === 1 ? "session" : "sessions"}`}.
          </>
        ) : hasOwn === null ? (
          "The store does not answer, so it is not known when the last sample came."
        ) : (
          <strong>No sample yet.</strong>
        )}
      </p>
      {refusals.length > 0 && (
        <details className="mt-2">
          <summary className="min-h-6 text-fair">
            Refused within the last ten minutes: {refusals.length}
          </summary>
          <div className="mt-2">
            <RefusalList refusals={refusals} now={now} />
          </div>
        </details>
      )}
    </section>
  );
}

function KeyBlock({ ingestKey }: { readonly ingestKey: IngestKeyView }): React.ReactNode {
  const { keyId, label, kind, createdAt, projectId } = ingestKey;
  const search = useSearch({ from: "/settings/$section" });
  const navigate = useNavigate();
  const now = useNow(60_000);
  const zone = useZone();
  const [isRevoking, setRevoking] = useState(false);
  const revoke = useChange<IngestKeyView>();
  const isOpen = search.open === keyId;
  return (
    <Block
      title={label}
      about={
        kind === "public"
          ? `Public key, created ${day(createdAt, now, zone)}. It stands in the page; it is no secret.`
          : `Tokens signed with ${ingestKey.algorithm}, created ${day(createdAt, now, zone)}${
              ingestKey.audience === null ? "" : `, for “${ingestKey.audience}”`
            }.`
      }
      actions={
        <div className="flex flex-wrap gap-2">
          <button
            type="button"
            className="btn"
            aria-expanded={isOpen}
            onClick={() =>
              void navigate({
                to: ".",
                search: (before) => (isOpen ? omit(before, "open") : { ...before, open: keyId }),
                replace: true,
                resetScroll: false,
              })
            }
          >
            {kind === "public" ? "Snippet" : "Token recipe"}
          </button>
          <button type="button" className="btn border-poor-mark text-poor" onClick={() => setRevoking(true)}>
            Revoke<span className="sr-only"> {label}</span>
          </button>
        </div>
      }
    >
      <div className="flex flex-wrap items-center gap-2">
        <code className="rounded bg-sunken px-2 py-1 font-mono text-xs break-all" data-testid="key-id">
          {keyId}
        </code>
        <button type="button" className="btn-quiet" onClick={() => void copyText(keyId, "Key")}>
          Copy<span className="sr-only"> the key {label}</span>
        </button>
      </div>
      {kind === "public" && <KeyOrigins ingestKey={ingestKey} />}
      {isOpen && kind === "public" && (
        <div className="mt-4">
          <SnippetBox
            token={keyId}
            framework={search.with ?? "script"}
            onFramework={(id) =>
              void navigate({
                to: ".",
                search: (before) => ({ ...before, with: id }),
                replace: true,
                resetScroll: false,
              })
            }
          />
        </div>
      )}
      {isOpen && kind === "jwt" && <Recipe ingestKey={ingestKey} />}
      {isRevoking && (
        <ConfirmDialog
          title={`Revoke “${label}”`}
          typed={label}
          action="Revoke the key"
          isBusy={revoke.isPending}
          error={revoke.error}
          onClose={() => setRevoking(false)}
          onConfirm={() =>
            revoke.mutate({
              run: () =>
                sendJson<IngestKeyView>(
                  "DELETE",
                  projectPath(projectId, `/keys/${encodeURIComponent(keyId)}`),
                ),
              said: `${label} is revoked`,
            })
          }
        >
          <p>
            Clients that use it are sent away within seconds, and nobody gets in with it again. It cannot be
            made good again. What was recorded stays.
          </p>
        </ConfirmDialog>
      )}
    </Block>
  );
}

function Recipe({
  ingestKey,
}: {
  readonly ingestKey: Extract<IngestKeyView, { readonly kind: "jwt" }>;
}): React.ReactNode {
  const recipe = tokenRecipe(location.origin, ingestKey);
  return (
    <div className="mt-4 grid gap-3 text-table">
      <p>
        Your backend signs a token for each client, with the{" "}
        {ingestKey.algorithm === "HS256" ? "secret" : "private key"} in{" "}
        <code className="font-mono">PEERSCOPE_KEY</code> and <code className="font-mono">jose</code> from npm:
      </p>
      <CopyBox text={recipe.sign} what="Recipe" label="Code of the backend" />
      <p>The page fetches it whenever it connects:</p>
      <CopyBox text={recipe.use} what="Recipe" label="Code of the page" />
      <p className="text-ink-soft">
        To rotate: create a second key, let the backend sign with it, then revoke this one.
      </p>
    </div>
  );
}
