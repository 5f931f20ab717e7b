/** The longest id of a session, in bytes; one more says how long it is. See `isSessionId`. */
const longestId = 64;

/**
 * Which session a worker is at work on, in memory that outlives it: a thread whose heap is full, or that never comes
 * back, cannot tell any more.
 */
export interface WorkMark {
  /** Given to the thread. */
  readonly memory: SharedArrayBuffer;
  set(sessionId: string | null): void;
  /** Null when the worker is at work on no session. */
  readonly sessionId: string | null;
}

/** `memory`: of a mark that another thread made. */
export function createWorkMark(memory: SharedArrayBuffer = new SharedArrayBuffer(1 + longestId)): WorkMark {
  const bytes = Buffer.from(memory);
  return {
    memory,
    set(sessionId) {
      bytes[0] = sessionId === null ? 0 : bytes.write(sessionId, 1, "latin1");
    },
    get sessionId() {
      const length = bytes[0] ?? 0;
      return length === 0 ? null : bytes.toString("latin1", 1, 1 + length);
    },
  };
}
