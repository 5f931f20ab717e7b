import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { meQuery, useCurrentProject } from "./me.ts";

/** Whose sessions one looks at. A choice only for those who may see several. */
export function ProjectChooser(): React.ReactNode {
  const me = useQuery(meQuery());
  const current = useCurrentProject();
  const navigate = useNavigate();
  const staysHere = useLocation({ select: ({ pathname }) => /^\/(settings|live)/.test(pathname) });
  const projects = me.data?.projects ?? [];
  if (projects.length < 2)
    return (
      <>
        <div className="eyebrow">Project</div>
        <div className="truncate text-ink" title={current?.name}>
          {current?.name ?? "–"}
        </div>
      </>
    );
  return (
    <label className="block">
      <span className="eyebrow">Project</span>
      <select
        className="mt-1 h-8 w-full rounded-md border border-line-strong bg-surface px-1.5 text-table text-ink"
        value={current?.projectId ?? ""}
        onChange={(event) => {
          const project = event.target.value;
          if (staysHere) void navigate({ to: ".", search: (before) => ({ ...before, project }) });
          else void navigate({ to: "/sessions", search: ({ tz }) => ({ tz, project }) });
        }}
      >
        {current === null && <option value="">Choose a project</option>}
        {projects.map(({ projectId, name }) => (
          <option key={projectId} value={projectId}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
