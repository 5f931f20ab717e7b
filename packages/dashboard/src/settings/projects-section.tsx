import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { ProjectList, ProjectView } from "@peerscope/schema/api";
import { useState } from "react";
import { includesRole, meQuery } from "../access/me.ts";
import { useNow } from "../frame/clock.ts";
import { useZone } from "../frame/zone.ts";
import { sendJson } from "../queries/fetch-json.ts";
import { day } from "../words/time.ts";
import { Block, BlockSkeleton, cell, ConfirmDialog, control, Field, Problem, Table } from "./parts.tsx";
import { projectPath, resource, useChange } from "./queries.ts";
import type { SectionProps } from "./settings-page.tsx";

/** Applications and environments; each has its keys, rules and sessions to itself. */
export function ProjectsSection({ project }: SectionProps): React.ReactNode {
  const me = useQuery(meQuery());
  const list = useQuery(resource<ProjectList>("/api/projects"));
  const isServerAdmin = me.data?.principal?.isServerAdmin === true;
  const [deleting, setDeleting] = useState<ProjectView | null>(null);
  const remove = useChange<null>();
  if (list.data === undefined) return list.isError ? <Problem error={list.error} /> : <BlockSkeleton />;
  return (
    <>
      <Block title="Projects" about="One for each application and environment.">
        <Table label="Projects" head={["Name", "Id", "Your role", "Created", ""]}>
          {list.data.projects.map((one) => (
            <ProjectRow
              key={one.projectId}
              project={one}
              isCurrent={one.projectId === project.projectId}
              onDelete={isServerAdmin ? () => setDeleting(one) : null}
            />
          ))}
        </Table>
      </Block>
      {isServerAdmin && <NewProject />}
      {deleting !== null && (
        <ConfirmDialog
          title={`Delete “${deleting.name}”`}
          typed={deleting.projectId}
          action="Delete the project"
          isBusy={remove.isPending}
          error={remove.error}
          onClose={() => {
            remove.reset();
            setDeleting(null);
          }}
          onConfirm={() =>
            remove.mutate(
              {
                run: () =>
                  sendJson<null>("DELETE", projectPath(deleting.projectId), {
                    projectId: deleting.projectId,
                  }),
                said: `${deleting.name} is deleted`,
              },
              { onSuccess: () => setDeleting(null) },
            )
          }
        >
          <p>
            Its keys, views, notes and roles go with it. A project that still has sessions is not deleted:
            erase them first.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}

interface RowProps {
  readonly project: ProjectView;
  readonly isCurrent: boolean;
  readonly onDelete: (() => void) | null;
}

function ProjectRow({ project, isCurrent, onDelete }: RowProps): React.ReactNode {
  const { projectId, name, role, createdAt } = project;
  const now = useNow(60_000);
  const zone = useZone();
  const rename = useChange<ProjectView>();
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <tr data-project={projectId}>
      <td className={cell}>
        {typed === null ? (
          <Link
            to="/sessions"
            search={{ project: projectId }}
            className="link inline-flex min-h-6 items-center"
          >
            {name}
          </Link>
        ) : (
          <form
            className="flex gap-2"
            onSubmit={(event) => {
              event.preventDefault();
              rename.mutate(
                {
                  run: () => sendJson<ProjectView>("PATCH", projectPath(projectId), { name: typed }),
                  said: "Renamed",
                },
                { onSuccess: () => setTyped(null) },
              );
            }}
          >
            <input
              aria-label={`Name of ${projectId}`}
              required
              maxLength={100}
              className={`${control} w-48`}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
            <button type="submit" className="btn">
              Save
            </button>
            <button type="button" className="btn" onClick={() => setTyped(null)}>
              Cancel
            </button>
          </form>
        )}
        {isCurrent && <span className="block text-xs text-ink-soft">The one you look at</span>}
        <Problem error={rename.error} />
      </td>
      <td className={`${cell} font-mono text-xs`}>{projectId}</td>
      <td className={cell}>{role}</td>
      <td className={`${cell} whitespace-nowrap`}>{day(createdAt, now, zone)}</td>
      <td className={cell}>
        <span className="flex gap-2">
          {includesRole(role, "admin") && typed === null && (
            <button type="button" className="btn" onClick={() => setTyped(name)}>
              Rename<span className="sr-only"> {name}</span>
            </button>
          )}
          {onDelete !== null && (
            <button type="button" className="btn border-poor-mark text-poor" onClick={onDelete}>
              Delete<span className="sr-only"> {name}</span>
            </button>
          )}
        </span>
      </td>
    </tr>
  );
}

function NewProject(): React.ReactNode {
  const [form, setForm] = useState({ projectId: "", name: "" });
  const create = useChange<ProjectView>();
  const navigate = useNavigate();
  return (
    <Block title="New project" about="It gets a first public key.">
      <form
        className="flex flex-wrap items-start gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate(
            { run: () => sendJson<ProjectView>("POST", "/api/projects", form), said: "Project created" },
            {
              onSuccess: ({ projectId }) =>
                void navigate({
                  to: "/settings/$section",
                  params: { section: "keys" },
                  search: ({ tz }) => ({ tz, project: projectId }),
                }),
            },
          );
        }}
      >
        <Field label="Name">
          {(ids) => (
            <input
              {...ids}
              required
              maxLength={100}
              autoComplete="off"
              className={`${control} w-56`}
              value={form.name}
              onChange={(event) => setForm({ ...form, name: event.target.value })}
            />
          )}
        </Field>
        <Field label="Id" hint="1 to 40 of a-z, 0-9 and -. It cannot be changed.">
          {(ids) => (
            <input
              {...ids}
              required
              pattern="[a-z0-9\-]{1,40}"
              maxLength={40}
              autoComplete="off"
              spellCheck={false}
              className={`${control} w-56 font-mono`}
              value={form.projectId}
              onChange={(event) => setForm({ ...form, projectId: event.target.value })}
            />
          )}
        </Field>
        <button type="submit" className="btn-primary mt-6" disabled={create.isPending}>
          Create the project
        </button>
      </form>
      <Problem error={create.error} />
    </Block>
  );
}
