import { useQuery } from "@tanstack/react-query";
import type { CallAnalysis, SessionAnalysis } from "@peerscope/schema";
import { useMemo } from "react";
import { isCallAnalysis } from "../call/call-analysis.ts";
import { useProject } from "../frame/project.ts";
import { callOfSessionQuery, siblingsQuery } from "../queries/sessions.ts";
import { callSideOf, type CallSide } from "./call-side.ts";
import { useSnapshot } from "./context.tsx";
import type { SessionStore } from "./session-store.ts";

/** Larger calls are looked at on their own page: reading all their sessions for one would be slow. Ours. */
const largestCall = 12;

const nobody: ReadonlyMap<string, string | null> = new Map();
const empty: CallSide = { told: null, microphones: [] };

/** What lies with the others of the call, of a server's session or of a file. */
export function useCallSide(store: SessionStore, analysis: SessionAnalysis | null): CallSide {
  const { together } = useSnapshot(store);
  const isServed = store.from === "server";
  const project = useProject();
  const callId = isServed ? (analysis?.callId ?? null) : null;
  const siblings = useQuery(siblingsQuery(callId, project));
  const count = siblings.data?.total ?? 0;
  const query = useQuery(callOfSessionQuery(count > 1 && count <= largestCall ? callId : null, project));
  const { data } = query;
  return useMemo(() => {
    if (analysis === null) return empty;
    const ofServer: CallAnalysis | null = isCallAnalysis(data?.analysis) ? data.analysis : null;
    const names =
      data === undefined
        ? nobody
        : new Map(data.sessions.map(({ sessionId, userId }) => [sessionId, userId]));
    return callSideOf(analysis, isServed ? ofServer : (together?.call ?? null), names);
  }, [analysis, isServed, data, together]);
}
