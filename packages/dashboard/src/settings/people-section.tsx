import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ErasureReceipt } from "@peerscope/schema/api";
import { Download } from "lucide-react";
import { useState } from "react";
import { announce } from "../frame/announce.tsx";
import { useZone } from "../frame/zone.ts";
import { useNow } from "../frame/clock.ts";
import { sendJson } from "../queries/fetch-json.ts";
import { byteSize, count, plural } from "../words/numbers.ts";
import { when } from "../words/time.ts";
import { Block, ConfirmDialog, control, CopyBox, Field, Problem } from "./parts.tsx";
import { projectPath, resource } from "./queries.ts";
import type { SectionProps } from "./settings-page.tsx";

type Kind = ErasureReceipt["selector"]["kind"];

const kinds: readonly { readonly kind: Kind; readonly name: string; readonly hint: string }[] = [
  {
    kind: "user",
    name: "A person, by user id",
    hint: "Every session that named this user at any time, also where ids are kept as pseudonyms.",
  },
  { kind: "session", name: "One session, by its id", hint: "This session only." },
  {
    kind: "call",
    name: "A call, by its id",
    hint: "Every session that was in it, whole, also what it recorded before and after.",
  },
];

interface Asked {
  readonly kind: Kind;
  readonly id: string;
}

/** Erases or hands over what is kept of somebody. */
export function PeopleSection({ project }: SectionProps): React.ReactNode {
  const { projectId } = project;
  const client = useQueryClient();
  const [asked, setAsked] = useState<Asked>({ kind: "user", id: "" });
  const [isConfirming, setConfirming] = useState(false);
  const address = (rest = ""): string =>
    projectPath(projectId, `/data?${asked.kind}=${encodeURIComponent(asked.id.trim())}${rest}`);
  const preview = useMutation({
    mutationFn: () => sendJson<ErasureReceipt>("DELETE", address("&dryRun=true")),
  });
  const erase = useMutation({
    mutationFn: () => sendJson<ErasureReceipt>("DELETE", address()),
    onSuccess(receipt) {
      setConfirming(false);
      preview.reset();
      setAsked({ ...asked, id: "" });
      announce(receipt.finishedAt === null ? "Erased, except for what could not be reached yet" : "Erased");
      void client.invalidateQueries();
    },
  });
  const change = (next: Asked): void => {
    preview.reset();
    setAsked(next);
  };
  const kind = kinds.find((one) => one.kind === asked.kind);
  const hasId = asked.id.trim() !== "";
  return (
    <>
      <Block
        title="Whose data"
        about="Session logs, the archive, rows of all tables, and notes. The audit log says that it was done, and of whom it does not say."
      >
        <form
          className="grid max-w-xl gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            erase.reset();
            preview.mutate();
          }}
        >
          <Field label="What to look for" hint={kind?.hint}>
            {(ids) => (
              <select
                {...ids}
                className={`${control} w-full`}
                value={asked.kind}
                onChange={(event) =>
                  change({
                    ...asked,
                    kind: kinds.find((one) => one.kind === event.target.value)?.kind ?? "user",
                  })
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
          <Field label="Id">
            {(ids) => (
              <input
                {...ids}
                required
                maxLength={1_000}
                autoComplete="off"
                spellCheck={false}
                className={`${control} w-full font-mono`}
                value={asked.id}
                onChange={(event) => change({ ...asked, id: event.target.value })}
              />
            )}
          </Field>
          <div className="flex flex-wrap gap-2">
            <button type="submit" className="btn-primary" disabled={!hasId || preview.isPending}>
              {preview.isPending ? "Looking" : "See what there is"}
            </button>
            {hasId && (
              <a className="btn min-h-8" href={address()} download>
                <Download className="size-3.5" aria-hidden />
                Export everything
              </a>
            )}
          </div>
        </form>
        <Problem error={preview.error} />
      </Block>
      {preview.data !== undefined && (
        <Block
          title={
            preview.data.sessions === 0
              ? "Nothing is kept under this id"
              : `${plural(preview.data.sessions, "session")} would go`
          }
          about={
            preview.data.sessions === 0
              ? "Ids are compared letter by letter. It may be spelled differently, or belong to another project."
              : "Nothing is erased yet."
          }
          actions={
            preview.data.sessions === 0 ? undefined : (
              <button
                type="button"
                className="btn border-poor-mark text-poor"
                onClick={() => {
                  erase.reset();
                  setConfirming(true);
                }}
              >
                Erase
              </button>
            )
          }
        >
          <Counts receipt={preview.data} />
        </Block>
      )}
      {isConfirming && preview.data !== undefined && (
        <ConfirmDialog
          title={`Erase ${plural(preview.data.sessions, "session")}`}
          typed={asked.id.trim()}
          action="Erase for good"
          isBusy={erase.isPending}
          error={erase.error}
          onClose={() => setConfirming(false)}
          onConfirm={() => erase.mutate()}
        >
          <p>
            It goes from the disk, the archive and the store, and cannot be brought back. Sessions that are
            open are ended. Export it first if somebody may ask for it.
          </p>
        </ConfirmDialog>
      )}
      {erase.data !== undefined && <Receipt first={erase.data} />}
      <OldReceipt projectId={projectId} />
    </>
  );
}

/** A receipt that is read again until nothing is left to do. */
function Receipt({ first }: { readonly first: ErasureReceipt }): React.ReactNode {
  const { projectId, erasureId } = first;
  const path = projectPath(projectId, `/erasures/${encodeURIComponent(erasureId ?? "")}`);
  const later = useQuery({
    ...resource<ErasureReceipt>(path),
    enabled: erasureId !== null && first.finishedAt === null,
    refetchInterval: (query) => (query.state.data?.finishedAt == null ? 5_000 : false),
  });
  const receipt = later.data ?? first;
  const now = useNow(60_000);
  const zone = useZone();
  return (
    <Block
      title="Receipt"
      about={
        receipt.finishedAt === null
          ? "Something could not be reached yet. The server tries again every minute, also after a restart."
          : `Everything was gone ${when(receipt.finishedAt, now, zone)}.`
      }
    >
      <Counts receipt={receipt} />
      <div className="mt-4">
        <CopyBox text={JSON.stringify(receipt, null, 2)} what="Receipt" label="Receipt as JSON" />
      </div>
      <p className="mt-2 text-xs text-ink-soft">
        It names nobody. Whoever knows the id can check that it is about it: SHA-256 of the receipt’s id, a
        line feed and what was asked for.
      </p>
    </Block>
  );
}

function OldReceipt({ projectId }: { readonly projectId: string }): React.ReactNode {
  const [id, setId] = useState("");
  const read = useMutation({
    mutationFn: async () => {
      const path = projectPath(projectId, `/erasures/${encodeURIComponent(id.trim())}`);
      const answer = await fetch(path, { headers: { accept: "application/json" } });
      if (answer.status === 404) throw new Error("The project has no erasure with this id.");
      if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
      return (await answer.json()) as ErasureReceipt;
    },
  });
  return (
    <>
      <Block title="A receipt of before" about="By its id, which is in the audit log.">
        <form
          className="flex flex-wrap items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            read.mutate();
          }}
        >
          <Field label="Id of the receipt">
            {(ids) => (
              <input
                {...ids}
                required
                maxLength={100}
                autoComplete="off"
                spellCheck={false}
                className={`${control} w-80 max-w-full font-mono`}
                value={id}
                onChange={(event) => setId(event.target.value)}
              />
            )}
          </Field>
          <button type="submit" className="btn min-h-8" disabled={read.isPending}>
            Show it
          </button>
        </form>
        <Problem error={read.error} />
      </Block>
      {read.data !== undefined && <Receipt key={read.data.erasureId} first={read.data} />}
    </>
  );
}

const places = {
  search: "finding the sessions",
  logs: "logs on the disk of the server",
  notes: "notes",
  archive: "the archive",
  rows: "rows of the store",
} as const;

function Counts({ receipt }: { readonly receipt: ErasureReceipt }): React.ReactNode {
  const figures: readonly (readonly [string, string])[] = [
    ["Sessions", count(receipt.sessions)],
    ["Logs on the disk", byteSize(receipt.logBytes)],
    ["In the archive", byteSize(receipt.archiveBytes)],
    ["Rows", count(receipt.rows)],
    ["Notes", count(receipt.notes)],
  ];
  return (
    <>
      <dl className="flex flex-wrap gap-x-8 gap-y-2">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt className="eyebrow">{name}</dt>
            <dd className="tnum text-base">{value}</dd>
          </div>
        ))}
      </dl>
      {receipt.unreached.length > 0 && (
        <ul className="mt-3 grid gap-1 text-table text-fair">
          {receipt.unreached.map(({ what, sessions, reason }) => (
            <li key={what}>
              Not reached: {places[what]}
              {sessions !== null && `, of ${plural(sessions, "session")}`}. {reason}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
