import type { LogReference } from "../ingest/session-registry.ts";
import type { AnalysisRequest } from "./messages.ts";

/**
 * So many workers may end while they work on the same session before it is left alone. Ours: one can be an accident that had
 * nothing to do with it, and the store's rows of all others wait for those that are tried again.
 */
const mostEnds = 3;

/** The analysis of this session ended its worker again and again. */
export class SessionSetAside extends Error {
  constructor(sessionId: string) {
    super(`${mostEnds} workers ended while they worked on session ${sessionId}`);
  }
}

/**
 * Sessions that no worker is given any more, because workers ended while they worked on them: what a full heap or an endless
 * loop takes away, no session can take from the others more than so often. Their logs are intact, and the next start
 * of the server tries them again.
 */
export interface SetAside {
  has(sessionId: string): boolean;
  /** A worker ended while it worked on the session; true when it is left alone from here on. */
  ended(sessionId: string): boolean;
  /**
   * What is left of a request.
   *
   * @throws SessionSetAside when it was for a session, or a call, of which nothing is left.
   */
  without(request: AnalysisRequest): AnalysisRequest;
  forget(sessionId: string): void;
}

export function createSetAside(): SetAside {
  const ends = new Map<string, number>();
  const has = (sessionId: string): boolean => (ends.get(sessionId) ?? 0) >= mostEnds;
  const isLeft = ({ sessionId }: LogReference): boolean => !has(sessionId);
  return {
    has,
    ended(sessionId) {
      ends.set(sessionId, (ends.get(sessionId) ?? 0) + 1);
      return has(sessionId);
    },
    without(request) {
      switch (request.kind) {
        case "analysis":
          if (!isLeft(request.log)) throw new SessionSetAside(request.log.sessionId);
          return request;
        case "call": {
          const logs = request.logs.filter(isLeft);
          const [first] = request.logs;
          if (first !== undefined && logs.length + request.members.length === 0)
            throw new SessionSetAside(first.sessionId);
          return { ...request, logs };
        }
        case "rows":
          return { ...request, sessions: request.sessions.filter(({ log }) => isLeft(log)) };
      }
    },
    forget: (sessionId) => void ends.delete(sessionId),
  };
}
