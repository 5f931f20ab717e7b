import type { SessionAnalysis } from "@peerscope/schema";
import type { SessionSnapshot } from "./session-store.ts";

/**
 * The analysis to show. The server has looked at the whole recording; what this browser computes knows only the part
 * that it has read. It takes over when it knows as much: a long log must not tell half of a story first.
 */
export function whichAnalysis(
  { phase, analysis }: Pick<SessionSnapshot, "phase" | "analysis">,
  ofServer: SessionAnalysis | null,
): SessionAnalysis | null {
  if (analysis === null || ofServer === null) return analysis ?? ofServer;
  const isPart = phase === "loading" || phase === "failed";
  return isPart && analysis.end < ofServer.end ? ofServer : analysis;
}
