import type { SessionAnalysis } from "@peerscope/schema";

/** Longest part of a name that fits into a sentence. Ours. */
const longestName = 20;

function nameOf({ peer, userId, sessionId }: SessionAnalysis): string {
  const name = (userId ?? peer ?? "").trim();
  if (name === "") return `session ${sessionId.slice(0, 8)}`;
  const letters = Array.from(name);
  return letters.length > longestName ? `${letters.slice(0, longestName - 1).join("")}…` : name;
}

/** The name of a session in its call; whoever is there twice is told apart by the session. */
export function nameIn(session: SessionAnalysis, sessions: readonly SessionAnalysis[]): string {
  const name = nameOf(session);
  const shared = sessions.some((other) => other !== session && nameOf(other) === name);
  return shared ? `${name} (${session.sessionId.slice(0, 8)})` : name;
}

/** The other one of two; nobody when there are more, or when only one was recorded. */
export function otherName(session: SessionAnalysis, sessions: readonly SessionAnalysis[]): string | null {
  const others = sessions.filter((candidate) => candidate !== session);
  return others.length === 1 && others[0] !== undefined ? nameIn(others[0], sessions) : null;
}
