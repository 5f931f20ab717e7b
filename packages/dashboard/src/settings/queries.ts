import {
  queryOptions,
  useMutation,
  useQueryClient,
  type UseMutationResult,
  type UseQueryOptions,
} from "@tanstack/react-query";
import type { FirstSample, ProjectChange, ProjectView } from "@peerscope/schema/api";
import { announce } from "../frame/announce.tsx";
import { fetchJson, sendJson } from "../queries/fetch-json.ts";
import { isSame } from "./draft.ts";

/** Address below a project. */
export function projectPath(projectId: string, rest = ""): string {
  return `/api/projects/${encodeURIComponent(projectId)}${rest}`;
}

type ResourceKey = readonly ["settings", string];

/** Anything that the settings read by GET. */
export function resource<T>(path: string): UseQueryOptions<T, Error, T, ResourceKey> {
  return queryOptions({
    queryKey: ["settings", path] as const,
    queryFn: ({ signal }) => fetchJson<T>(path, signal),
  });
}

export function firstSampleQuery(
  projectId: string,
  everyMs: number,
): UseQueryOptions<FirstSample, Error, FirstSample, readonly ["first-sample", string]> {
  return queryOptions({
    queryKey: ["first-sample", projectId] as const,
    queryFn: ({ signal }) => fetchJson<FirstSample>(projectPath(projectId, "/first-sample"), signal),
    refetchInterval: everyMs,
  });
}

interface Change<T> {
  readonly run: () => Promise<T>;
  /** What is announced when it worked. */
  readonly said: string;
}

/** Changes something at the server, then reads again what is shown of the settings. */
export function useChange<T>(): UseMutationResult<T, Error, Change<T>> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ run }: Change<T>) => run(),
    async onSuccess(_answer, { said }) {
      announce(said);
      await client.invalidateQueries({ queryKey: ["settings"] });
      // A key that was created or revoked is in the snippets, and in what is imported.
      await client.invalidateQueries({ queryKey: ["project"] });
      await client.invalidateQueries({ queryKey: ["me"] });
    },
  });
}

interface ProjectSave {
  readonly change: ProjectChange;
  /** The members that the change was made from: nothing is saved when somebody else changed them meanwhile. */
  readonly base: (project: ProjectView) => unknown;
  readonly from: unknown;
}

/** Saves members of a project, unless somebody else saved them meanwhile: then the form shows both. */
export function useProjectSave(projectId: string): UseMutationResult<ProjectView | null, Error, ProjectSave> {
  const client = useQueryClient();
  const path = projectPath(projectId);
  return useMutation({
    async mutationFn({ change, base, from }: ProjectSave) {
      const now = await client.fetchQuery({ ...resource<ProjectView>(path), staleTime: 0 });
      if (!isSame(base(now), from)) return null;
      return await sendJson<ProjectView>("PATCH", path, change);
    },
    async onSuccess(project) {
      if (project === null) return;
      client.setQueryData(["settings", path], project);
      announce("Saved");
      await client.invalidateQueries({ queryKey: ["me"] });
    },
  });
}
