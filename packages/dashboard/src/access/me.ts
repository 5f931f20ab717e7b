import { queryOptions, useQuery, type UseQueryOptions } from "@tanstack/react-query";
import type { Me } from "@peerscope/schema/api";
import { useProject } from "../frame/project.ts";
import { fetchJson } from "../queries/fetch-json.ts";

export type Role = Me["projects"][number]["role"];

/** Who is in front of the screen, and what they may see. */
export function meQuery(): UseQueryOptions<Me, Error, Me, readonly ["me"]> {
  return queryOptions({
    queryKey: ["me"] as const,
    queryFn: ({ signal }) => fetchJson<Me>("/api/me", signal),
    staleTime: 60_000,
  });
}

export interface CurrentProject {
  readonly projectId: string;
  readonly name: string;
  readonly role: Role;
}

/** The project that the URL names, or the first that one may see; null when there is none such. */
export function currentProject(me: Me | undefined, asked: string | undefined): CurrentProject | null {
  if (me === undefined) return null;
  const found =
    asked === undefined ? me.projects[0] : me.projects.find(({ projectId }) => projectId === asked);
  return found ?? null;
}

export function useCurrentProject(): CurrentProject | null {
  return currentProject(useQuery(meQuery()).data, useProject());
}

const ranks: readonly Role[] = ["viewer", "analyst", "admin"];

/** True when `role` includes what `needed` may do. The server refuses anyway; this hides what would be refused. */
export function includesRole(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && ranks.indexOf(role) >= ranks.indexOf(needed);
}
