import { useQuery } from "@tanstack/react-query";
import { Link, Navigate } from "@tanstack/react-router";
import { useState } from "react";
import { meQuery, useCurrentProject } from "../access/me.ts";
import { PanelBoundary } from "../frame/panel-boundary.tsx";
import { firstSampleQuery } from "../settings/queries.ts";
import { FirstRun } from "./first-run.tsx";

/** The start page: the guide while a project has no session of its own, the list afterwards. */
export function HomePage(): React.ReactNode {
  const me = useQuery(meQuery());
  const project = useCurrentProject();
  const first = useQuery({
    ...firstSampleQuery(project?.projectId ?? "", 2_000),
    enabled: project !== null,
  });
  // Whoever waited for the first sample wants to see that it came.
  const [isGuide, setGuide] = useState(false);
  const hasNone = first.data?.hasOwn === false;
  if (hasNone && !isGuide) setGuide(true);

  if (me.data?.principal === null) return <Navigate to="/login" replace />;
  if (project === null && me.data !== undefined)
    return (
      <div className="mx-auto mt-16 max-w-lg p-6 text-center">
        <h1 className="text-lg font-semibold">No project to show</h1>
        <p className="mt-2 text-ink-soft">
          {me.data.projects.length === 0
            ? "You are logged in, but nobody gave you a role in a project yet. Ask an admin for one."
            : "There is no such project, or you have no role in it."}
        </p>
        {me.data.projects.length > 0 && (
          <Link to="/sessions" search={{ project: undefined }} className="btn mt-4">
            All sessions
          </Link>
        )}
      </div>
    );
  if (me.isError || first.isError) return <Navigate to="/sessions" replace />;
  if (first.data === undefined || project === null) return null;
  if (!hasNone && !isGuide) return <Navigate to="/sessions" replace />;
  return (
    <div className="px-4 py-4 md:px-6">
      <PanelBoundary what="The guide">
        <FirstRun project={project} />
      </PanelBoundary>
    </div>
  );
}
