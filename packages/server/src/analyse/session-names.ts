import type { SessionContext } from "@peerscope/schema";

/** Everybody and every call that a session named, in the order in which it did. */
export interface SessionNames {
  readonly userIds: string[];
  readonly callIds: string[];
  /** Of all of them. */
  characters: number;
}

/** Of each. Ours: a shift on a contact centre's telephone has some hundred calls. */
const maxNames = 1_000;
/** Of all of them together. Ours. */
const maxCharacters = 65_536;

export function createSessionNames(): SessionNames {
  return { userIds: [], callIds: [], characters: 0 };
}

/** Notes who and which call the session says it is. */
export function noteNames(names: SessionNames, { userId, callId }: SessionContext): void {
  note(names, names.userIds, userId);
  note(names, names.callIds, callId);
}

function note(names: SessionNames, list: string[], name: string | null | undefined): void {
  if (typeof name !== "string" || list.at(-1) === name || list.includes(name)) return;
  if (list.length >= maxNames || names.characters + name.length > maxCharacters) return;
  names.characters += name.length;
  list.push(name);
}
