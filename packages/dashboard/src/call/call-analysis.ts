import type { CallAnalysis } from "@peerscope/schema";

/** The server sends it as it made it; null while no session of the call is analysed. */
export function isCallAnalysis(value: unknown): value is CallAnalysis {
  return typeof value === "object" && value !== null && "verdict" in value && "score" in value;
}
