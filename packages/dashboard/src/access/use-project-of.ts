import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { useCurrentProject } from "./me.ts";

/** Makes the project of what is shown the current one: a link to a session does not have to name it. */
export function useProjectOf(projectId: string | undefined): void {
  const current = useCurrentProject();
  const navigate = useNavigate();
  const isOther = projectId !== undefined && current !== null && current.projectId !== projectId;
  useEffect(() => {
    if (isOther)
      void navigate({ to: ".", search: (before) => ({ ...before, project: projectId }), replace: true });
  }, [isOther, projectId, navigate]);
}
