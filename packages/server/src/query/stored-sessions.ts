import type { SessionSummary } from "@peerscope/schema/api";
import type { SessionFilter } from "./session-filter.ts";

/** Sessions whose present state is not in the store: live ones and those whose last rows are on their way. */
export type MemoryOfProject = (projectId: string) => readonly SessionSummary[];

/** Ids in one question. A bound list has to fit into a URL; beyond it counts are a little high for a second. */
const maxHidden = 100;

/** Which rows of the store count: finished sessions that match, without those that are newer in memory. */
export function storedConditions(
  projectId: string,
  filter: SessionFilter,
  memory: readonly SessionSummary[],
): { readonly where: string; readonly parameters: Record<string, unknown> & { readonly projectId: string } } {
  const conditions = ["projectId = {projectId:String}", "finished = 1", ...filter.conditions];
  const hidden = memory.slice(0, maxHidden).map(({ sessionId }) => sessionId);
  if (hidden.length > 0) conditions.push("sessionId NOT IN {hidden:Array(String)}");
  return {
    where: conditions.join(" AND "),
    parameters: { ...filter.parameters, projectId, ...(hidden.length > 0 && { hidden }) },
  };
}
