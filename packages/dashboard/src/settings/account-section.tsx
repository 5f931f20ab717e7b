import { useQuery } from "@tanstack/react-query";
import type { ApiTokenList, ApiTokenView, CreatedApiToken } from "@peerscope/schema/api";
import { useState } from "react";
import { meQuery, type Role } from "../access/me.ts";
import { LogOutButton } from "../access/who-am-i.tsx";
import { useNow } from "../frame/clock.ts";
import { useZone } from "../frame/zone.ts";
import { sendJson } from "../queries/fetch-json.ts";
import { ago, day } from "../words/time.ts";
import {
  Block,
  BlockSkeleton,
  cell,
  ConfirmDialog,
  control,
  CopyBox,
  Field,
  Problem,
  Table,
} from "./parts.tsx";
import { resource, useChange } from "./queries.ts";
import { RoleSelect, roleWords } from "./role-select.tsx";
import type { SectionProps } from "./settings-page.tsx";

/** One's own password, and tokens for programs. */
export function AccountSection({ project }: SectionProps): React.ReactNode {
  const me = useQuery(meQuery());
  const principal = me.data?.principal ?? null;
  return (
    <>
      {principal?.kind === "user" && (
        <Block title="Login" about={`You are logged in as ${principal.name}.`} actions={<LogOutButton />} />
      )}
      {principal?.kind === "user" && <PasswordForm name={principal.name} />}
      {principal?.kind === "local" && (
        <p className="card mb-4 p-5 text-table">
          Nobody has to log in: only this machine can reach the server. There is no password to change.
        </p>
      )}
      <Tokens project={project} />
    </>
  );
}

function PasswordForm({ name }: { readonly name: string }): React.ReactNode {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useChange<null>();
  return (
    <Block title="Password" about={`Of ${name}. Changing it ends your logins in other browsers.`}>
      <form
        className="grid max-w-md gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(
            {
              run: () => sendJson<null>("POST", "/api/me/password", { current, next }),
              said: "Password changed",
            },
            {
              onSuccess() {
                setCurrent("");
                setNext("");
              },
            },
          );
        }}
      >
        <Field label="Current password">
          {(ids) => (
            <input
              {...ids}
              type="password"
              required
              maxLength={256}
              autoComplete="current-password"
              className={`${control} w-full`}
              value={current}
              onChange={(event) => setCurrent(event.target.value)}
            />
          )}
        </Field>
        <Field label="New password" hint="12 to 256 characters.">
          {(ids) => (
            <input
              {...ids}
              type="password"
              required
              minLength={12}
              maxLength={256}
              autoComplete="new-password"
              className={`${control} w-full`}
              value={next}
              onChange={(event) => setNext(event.target.value)}
            />
          )}
        </Field>
        <div>
          <button type="submit" className="btn-primary" disabled={change.isPending}>
            Change the password
          </button>
        </div>
      </form>
      <Problem error={change.error} />
    </Block>
  );
}

function Tokens({ project }: SectionProps): React.ReactNode {
  const list = useQuery(resource<ApiTokenList>("/api/tokens"));
  const [made, setMade] = useState<CreatedApiToken | null>(null);
  const [revoking, setRevoking] = useState<ApiTokenView | null>(null);
  const revoke = useChange<null>();
  if (list.data === undefined) return list.isError ? <Problem error={list.error} /> : <BlockSkeleton />;
  const good = list.data.tokens.filter(({ revokedAt }) => revokedAt === null);
  return (
    <>
      <Block
        title="API tokens"
        about="For programs that ask this server. A token never may more than the one who made it may at that moment."
      >
        {made !== null && (
          <div role="alert" className="mb-4 rounded-md border border-accent p-3 text-table">
            <p className="mb-2">
              <strong>The token “{made.view.label}”.</strong> It is shown this once; the server keeps a hash
              of it only.
            </p>
            <CopyBox text={made.token} what="Token" label="API token" />
            <button type="button" className="btn mt-2" onClick={() => setMade(null)}>
              I have kept it
            </button>
          </div>
        )}
        {good.length === 0 ? (
          <p className="text-table">There is no token.</p>
        ) : (
          <Table label="API tokens" head={["Name", "May", "Ends", "Last used", ""]}>
            {good.map((token) => (
              <TokenRow key={token.tokenId} token={token} onRevoke={() => setRevoking(token)} />
            ))}
          </Table>
        )}
      </Block>
      {project.projectId !== "" && <NewToken project={project} onMade={setMade} />}
      {revoking !== null && (
        <ConfirmDialog
          title={`Revoke “${revoking.label}”`}
          typed={revoking.label}
          action="Revoke the token"
          isBusy={revoke.isPending}
          error={revoke.error}
          onClose={() => {
            revoke.reset();
            setRevoking(null);
          }}
          onConfirm={() =>
            revoke.mutate(
              {
                run: () => sendJson<null>("DELETE", `/api/tokens/${encodeURIComponent(revoking.tokenId)}`),
                said: `${revoking.label} is revoked`,
              },
              { onSuccess: () => setRevoking(null) },
            )
          }
        >
          <p>Programs that use it are refused from now on.</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function TokenRow({
  token,
  onRevoke,
}: {
  readonly token: ApiTokenView;
  readonly onRevoke: () => void;
}): React.ReactNode {
  const now = useNow(60_000);
  const zone = useZone();
  const { label, isServerAdmin, roles, expiresAt, lastUsedAt } = token;
  const may = isServerAdmin
    ? "everything"
    : Object.entries(roles)
        .map(([projectId, role]) => `${projectId}: ${role}`)
        .join(", ");
  return (
    <tr>
      <td className={`${cell} font-medium break-all`}>{label}</td>
      <td className={cell}>{may}</td>
      <td className={`${cell} whitespace-nowrap`}>
        {expiresAt === null ? "never" : expiresAt < now ? "has ended" : day(expiresAt, now, zone)}
      </td>
      <td className={`${cell} whitespace-nowrap`}>{lastUsedAt === null ? "never" : ago(lastUsedAt, now)}</td>
      <td className={cell}>
        <button type="button" className="btn" onClick={onRevoke}>
          Revoke<span className="sr-only"> {label}</span>
        </button>
      </td>
    </tr>
  );
}

interface NewTokenProps extends SectionProps {
  readonly onMade: (made: CreatedApiToken) => void;
}

function NewToken({ project, onMade }: NewTokenProps): React.ReactNode {
  const [label, setLabel] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [days, setDays] = useState("90");
  const create = useChange<CreatedApiToken>();
  return (
    <Block
      title="New API token"
      about={`For ${project.name}. It ${roleWords.find((one) => one.role === role)?.may ?? ""}`}
    >
      <form
        className="flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate(
            {
              run: () =>
                sendJson<CreatedApiToken>("POST", "/api/tokens", {
                  label: label.trim(),
                  roles: { [project.projectId]: role },
                  expiresInDays: days === "" ? null : Number(days),
                }),
              said: "Token created",
            },
            {
              onSuccess(made) {
                setLabel("");
                onMade(made);
              },
            },
          );
        }}
      >
        <Field label="Name of the token">
          {(ids) => (
            <input
              {...ids}
              required
              maxLength={100}
              autoComplete="off"
              className={`${control} w-64`}
              value={label}
              onChange={(event) => setLabel(event.target.value)}
            />
          )}
        </Field>
        <RoleSelect label="Role of the token" isShown value={role} onRole={setRole} />
        <Field label="Ends">
          {(ids) => (
            <select
              {...ids}
              className={control}
              value={days}
              onChange={(event) => setDays(event.target.value)}
            >
              <option value="7">after 7 days</option>
              <option value="90">after 90 days</option>
              <option value="365">after a year</option>
              <option value="">never</option>
            </select>
          )}
        </Field>
        <button type="submit" className="btn-primary" disabled={create.isPending}>
          Create the token
        </button>
      </form>
      <Problem error={create.error} />
    </Block>
  );
}
