import { useQuery } from "@tanstack/react-query";
import type { MemberList } from "@peerscope/schema/api";
import { useState } from "react";
import type { Role } from "../access/me.ts";
import { sendJson } from "../queries/fetch-json.ts";
import { Block, BlockSkeleton, cell, ConfirmDialog, control, Field, Problem, Table } from "./parts.tsx";
import { projectPath, resource, useChange } from "./queries.ts";
import { RoleSelect, roleWords } from "./role-select.tsx";
import type { SectionProps } from "./settings-page.tsx";

/** Who may do what in the project. */
export function MembersSection({ project }: SectionProps): React.ReactNode {
  const { projectId } = project;
  const path = projectPath(projectId, "/members");
  const list = useQuery(resource<MemberList>(path));
  const give = useChange<MemberList>();
  const [form, setForm] = useState<{ readonly email: string; readonly role: Role }>({
    email: "",
    role: "viewer",
  });
  const [leaving, setLeaving] = useState<string | null>(null);
  if (list.data === undefined) return list.isError ? <Problem error={list.error} /> : <BlockSkeleton />;
  const { members } = list.data;
  const put = (email: string, role: Role | null, done?: () => void): void =>
    give.mutate(
      {
        run: () => sendJson<MemberList>("PUT", path, { email, role }),
        said: role === null ? `${email} has no role any more` : `${email} is ${role} now`,
      },
      { onSuccess: () => done?.() },
    );
  return (
    <>
      <Block
        title={`Members of ${project.name}`}
        about="Admins of the server may do everything in every project and are not listed here."
      >
        {members.length === 0 ? (
          <p className="text-table">Nobody has a role in this project.</p>
        ) : (
          <Table label="Members" head={["Person", "Role", ""]}>
            {members.map((member) => (
              <tr key={member.userId}>
                <td className={cell}>
                  <span className="font-medium">{member.name}</span>
                  <span className="block text-xs break-all text-ink-soft">
                    {member.email}
                    {member.disabled && ", disabled"}
                  </span>
                </td>
                <td className={cell}>
                  <RoleSelect
                    label={`Role of ${member.email}`}
                    value={member.role}
                    onRole={(role) => put(member.email, role)}
                  />
                </td>
                <td className={cell}>
                  <button type="button" className="btn" onClick={() => setLeaving(member.email)}>
                    Remove<span className="sr-only"> {member.email}</span>
                  </button>
                </td>
              </tr>
            ))}
          </Table>
        )}
        {leaving === null && <Problem error={give.error} />}
      </Block>
      <Block title="Give somebody a role" about="They have to be a user of this server already.">
        <form
          className="flex flex-wrap items-end gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            put(form.email.trim(), form.role, () => setForm({ ...form, email: "" }));
          }}
        >
          <Field label="E-mail address">
            {(ids) => (
              <input
                {...ids}
                type="email"
                required
                maxLength={254}
                autoComplete="off"
                className={`${control} w-72 max-w-full`}
                value={form.email}
                onChange={(event) => setForm({ ...form, email: event.target.value })}
              />
            )}
          </Field>
          <RoleSelect label="Role" isShown value={form.role} onRole={(role) => setForm({ ...form, role })} />
          <button type="submit" className="btn-primary" disabled={give.isPending}>
            Give the role
          </button>
        </form>
        <dl className="mt-4 grid gap-1 text-xs text-ink-soft">
          {roleWords.map(({ role, name, may }) => (
            <div key={role}>
              <dt className="inline font-semibold">{name}: </dt>
              <dd className="inline">{may}</dd>
            </div>
          ))}
        </dl>
      </Block>
      {leaving !== null && (
        <ConfirmDialog
          title="Take the role away"
          typed={leaving}
          action="Take it away"
          isBusy={give.isPending}
          error={give.error}
          onClose={() => {
            give.reset();
            setLeaving(null);
          }}
          onConfirm={() => put(leaving, null, () => setLeaving(null))}
        >
          <p>They see nothing of this project any more. Their notes stay.</p>
        </ConfirmDialog>
      )}
    </>
  );
}
