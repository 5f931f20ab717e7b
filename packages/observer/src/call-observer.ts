import type { CallAnalysis, SessionAnalysis } from "@peerscope/schema";

/** Joins the analyses of the sessions of one call. Their order does not matter. */
export type AnalyseCall = (sessions: readonly SessionAnalysis[]) => CallAnalysis;
