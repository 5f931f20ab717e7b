import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { UserChange, UserList, UserView } from "@peerscope/schema/api";
import { useState } from "react";
import { meQuery, type Role } from "../access/me.ts";
import { sendJson } from "../queries/fetch-json.ts";
import { omit } from "../url/search.ts";
import { count, plural } from "../words/numbers.ts";
import { Block, BlockSkeleton, cell, ConfirmDialog, control, Field, Problem, Table } from "./parts.tsx";
import { resource, useChange } from "./queries.ts";
import { RoleSelect } from "./role-select.tsx";
import type { SectionProps } from "./settings-page.tsx";

/** More are found by typing; a page of ten thousand rows would help nobody. Ours. */
const mostShown = 200;

/** People who can log in. */
export function UsersSection({ project }: SectionProps): React.ReactNode {
  const search = useSearch({ from: "/settings/$section" });
  const navigate = useNavigate();
  const list = useQuery(resource<UserList>("/api/users"));
  const me = useQuery(meQuery());
  const [deleting, setDeleting] = useState<UserView | null>(null);
  const remove = useChange<null>();
  if (list.data === undefined) return list.isError ? <Problem error={list.error} /> : <BlockSkeleton />;
  const find = (search.find ?? "").toLowerCase();
  const found = list.data.users.filter(({ email, name }) => `${email} ${name}`.toLowerCase().includes(find));
  return (
    <>
      {list.data.users.length === 0 && (
        <p className="card mb-4 p-5 text-table">
          <strong>Nobody has to log in.</strong> Only this machine can reach the server, and whoever sits at
          it may do everything. The first user that you make ends that, and has to be an admin of the server.
        </p>
      )}
      {list.data.users.length > 0 && (
        <Block title={plural(list.data.users.length, "user")}>
          <Field label="Find a user">
            {(ids) => (
              <input
                {...ids}
                type="search"
                className={`${control} mb-3 w-full max-w-sm`}
                value={search.find ?? ""}
                onChange={({ target }) =>
                  void navigate({
                    to: ".",
                    search: (before) => ({
                      ...omit(before, "find"),
                      ...(target.value === "" ? {} : { find: target.value }),
                    }),
                    replace: true,
                    resetScroll: false,
                  })
                }
              />
            )}
          </Field>
          <Table label="Users" head={["Person", "Roles", "Login", ""]}>
            {found.slice(0, mostShown).map((user) => (
              <UserRow
                key={user.userId}
                user={user}
                isSelf={me.data?.principal?.id === user.userId}
                onDelete={() => setDeleting(user)}
              />
            ))}
          </Table>
          {found.length > mostShown && (
            <p className="mt-2 text-xs text-ink-soft">
              {mostShown} of {count(found.length)}. Type more of the name to see the others.
            </p>
          )}
          {found.length === 0 && (
            <p className="mt-2 text-table">No user has “{search.find}” in their name.</p>
          )}
        </Block>
      )}
      <NewUserForm
        projectId={project.projectId}
        projectName={project.name}
        isFirst={list.data.users.length === 0}
      />
      {deleting !== null && (
        <ConfirmDialog
          title={`Delete ${deleting.name}`}
          typed={deleting.email}
          action="Delete the user"
          isBusy={remove.isPending}
          error={remove.error}
          onClose={() => {
            remove.reset();
            setDeleting(null);
          }}
          onConfirm={() =>
            remove.mutate(
              {
                run: () => sendJson<null>("DELETE", `/api/users/${encodeURIComponent(deleting.userId)}`),
                said: `${deleting.email} is deleted`,
              },
              { onSuccess: () => setDeleting(null) },
            )
          }
        >
          <p>
            They are logged out, and their API tokens do nothing any more. Disabling keeps both for later.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}

interface RowProps {
  readonly user: UserView;
  readonly isSelf: boolean;
  readonly onDelete: () => void;
}

function UserRow({ user, isSelf, onDelete }: RowProps): React.ReactNode {
  const { userId, email, name, hasPassword, isServerAdmin, roles, disabledAt } = user;
  const change = useChange<UserView>();
  const [password, setPassword] = useState<string | null>(null);
  const put = (body: UserChange, said: string): void =>
    change.mutate(
      { run: () => sendJson<UserView>("PATCH", `/api/users/${encodeURIComponent(userId)}`, body), said },
      { onSuccess: () => setPassword(null) },
    );
  const isDisabled = disabledAt !== null;
  return (
    <tr data-user={email}>
      <td className={cell}>
        <span className="font-medium">{name}</span>
        {isSelf && <span className="text-xs text-ink-soft"> (you)</span>}
        <span className="block text-xs break-all text-ink-soft">{email}</span>
      </td>
      <td className={cell}>
        {isServerAdmin && <span className="block">Admin of the server</span>}
        {Object.entries(roles).map(([projectId, role]) => (
          <span key={projectId} className="block text-xs">
            {projectId}: {role}
          </span>
        ))}
        {!isServerAdmin && Object.keys(roles).length === 0 && <span className="text-ink-soft">none</span>}
      </td>
      <td className={cell}>
        {isDisabled ? "disabled" : hasPassword ? "password" : "identity provider only"}
      </td>
      <td className={cell}>
        <div className="flex flex-wrap gap-2">
          <button
            type="button"
            className="btn"
            onClick={() => put({ isServerAdmin: !isServerAdmin }, `${email} was changed`)}
          >
            {isServerAdmin ? "Take server admin away" : "Make server admin"}
            <span className="sr-only"> {email}</span>
          </button>
          <button
            type="button"
            className="btn"
            onClick={() => put({ disabled: !isDisabled }, `${email} was changed`)}
          >
            {isDisabled ? "Enable" : "Disable"}
            <span className="sr-only"> {email}</span>
          </button>
          <button type="button" className="btn" onClick={() => setPassword(password === null ? "" : null)}>
            New password<span className="sr-only"> for {email}</span>
          </button>
          <button type="button" className="btn border-poor-mark text-poor" onClick={onDelete}>
            Delete<span className="sr-only"> {email}</span>
          </button>
        </div>
        {password !== null && (
          <form
            className="mt-2 flex flex-wrap gap-2"
            onSubmit={(event) => {
              event.preventDefault();
              put({ password }, "Password changed; they have to log in again");
            }}
          >
            <input
              type="password"
              aria-label={`New password for ${email}`}
              autoComplete="new-password"
              required
              minLength={12}
              maxLength={256}
              className={`${control} w-56`}
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
            <button type="submit" className="btn" disabled={change.isPending}>
              Set it
            </button>
          </form>
        )}
        <Problem error={change.error} />
      </td>
    </tr>
  );
}

interface FormProps {
  readonly projectId: string;
  readonly projectName: string;
  readonly isFirst: boolean;
}

interface NewUserState {
  readonly email: string;
  readonly name: string;
  readonly password: string;
  readonly role: Role;
  readonly isServerAdmin: boolean;
}

const blank: NewUserState = { email: "", name: "", password: "", role: "viewer", isServerAdmin: false };

function NewUserForm({ projectId, projectName, isFirst }: FormProps): React.ReactNode {
  const [form, setForm] = useState<NewUserState>({ ...blank, isServerAdmin: isFirst });
  const create = useChange<UserView>();
  const put = (change: Partial<NewUserState>): void => setForm({ ...form, ...change });
  const { email, name, password, role, isServerAdmin } = form;
  return (
    <Block title="New user" about="Tell them the password by a safe way; they can change it under Account.">
      <form
        className="grid max-w-2xl gap-4 sm:grid-cols-2"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate(
            {
              run: () =>
                sendJson<UserView>("POST", "/api/users", {
                  email: email.trim(),
                  name: name.trim(),
                  isServerAdmin,
                  ...(password === "" ? {} : { password }),
                  ...(isServerAdmin || projectId === "" ? {} : { roles: { [projectId]: role } }),
                }),
              said: `${email.trim()} can log in now`,
            },
            { onSuccess: () => setForm(blank) },
          );
        }}
      >
        <Field label="E-mail address of the user">
          {(ids) => (
            <input
              {...ids}
              type="email"
              required
              maxLength={254}
              autoComplete="off"
              className={`${control} w-full`}
              value={email}
              onChange={(event) => put({ email: event.target.value })}
            />
          )}
        </Field>
        <Field label="Name">
          {(ids) => (
            <input
              {...ids}
              required
              maxLength={100}
              autoComplete="off"
              className={`${control} w-full`}
              value={name}
              onChange={(event) => put({ name: event.target.value })}
            />
          )}
        </Field>
        <Field
          label="Password"
          hint="12 to 256 characters. Empty: they log in through the identity provider only."
        >
          {(ids) => (
            <input
              {...ids}
              type="password"
              minLength={12}
              maxLength={256}
              autoComplete="new-password"
              className={`${control} w-full`}
              value={password}
              onChange={(event) => put({ password: event.target.value })}
            />
          )}
        </Field>
        <div>
          {!isServerAdmin && (
            <RoleSelect
              label={`Role in ${projectName}`}
              isShown
              value={role}
              onRole={(next) => put({ role: next })}
            />
          )}
          <label className="mt-2 flex min-h-6 items-center gap-2 text-table">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={isServerAdmin}
              onChange={(event) => put({ isServerAdmin: event.target.checked })}
            />
            Admin of the server: everything in every project
          </label>
        </div>
        <div>
          <button type="submit" className="btn-primary" disabled={create.isPending}>
            Create the user
          </button>
        </div>
      </form>
      <Problem error={create.error} />
    </Block>
  );
}
