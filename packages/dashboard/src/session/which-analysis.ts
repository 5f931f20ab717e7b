import type { SessionAnalysis } from "@peerscope/schema";
import type { SessionSnapshot } from "./session-store.ts";

/** The server's analysis, `asked` while its answer is on the way, or null when there will be none. */
export type AnalysisOfServer = SessionAnalysis | "asked" | null;

/** What a query of the server's analysis knows of it. */
export const analysisOfServer = (query: {
  readonly data: SessionAnalysis | undefined;
  readonly isPending: boolean;
}): AnalysisOfServer => query.data ?? (query.isPending ? "asked" : null);

/**
 * The analysis to show. The server has looked at the whole recording; what this browser computes knows only the part
 * that it has read. It takes over when it knows as much: a long log must not tell half of a story first, so while it is
 * read nothing is told before the server has answered.
 */
export function whichAnalysis(
  { phase, analysis }: Pick<SessionSnapshot, "phase" | "analysis">,
  ofServer: AnalysisOfServer,
): SessionAnalysis | null {
  if (ofServer === "asked") return phase === "loading" ? null : analysis;
  if (analysis === null || ofServer === null) return analysis ?? ofServer;
  const isPart = phase === "loading" || phase === "failed";
  return isPart && analysis.end < ofServer.end ? ofServer : analysis;
}
