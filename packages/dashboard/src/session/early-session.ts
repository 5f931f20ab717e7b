import { openSession, type SessionSource, type SessionStore } from "./session-store.ts";

/** A session whose page is still on its way. */
interface EarlySession {
  readonly sessionId: string;
  readonly store: SessionStore;
}

/** Nobody came for it within this time: the page was left before it was there. Ours. */
const longestWaitMs = 15_000;

let early: EarlySession | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Begins to read a session of the server while the code of its page comes. The page takes it; what nobody takes is closed. */
export function openEarly(sessionId: string): void {
  closeEarly();
  early = { sessionId, store: openSession({ from: "server", sessionId }) };
  timer = setTimeout(closeEarly, longestWaitMs);
}

/** Opens a session, or takes the one that is being read already. Whoever has it closes it. */
export function takeSession(source: SessionSource): SessionStore {
  if (source.from === "file" || early?.sessionId !== source.sessionId) return openSession(source);
  const { store } = early;
  early = null;
  clearTimeout(timer);
  return store;
}

function closeEarly(): void {
  clearTimeout(timer);
  early?.store.close();
  early = null;
}
