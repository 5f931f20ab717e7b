import type { SessionContext } from "@peerscope/schema";

/** Everybody and every call that a session named, in the order in which it did. */
export interface SessionNames {
  readonly userIds: readonly string[];
  readonly callIds: readonly string[];
  add(context: SessionContext): void;
}

/** Of each. Ours: a shift on a contact centre's telephone has some hundred calls. */
const maxNames = 1_000;
/** Of all of them together. Ours. */
const maxCharacters = 65_536;

export function createSessionNames(): SessionNames {
  const userIds: string[] = [];
  const callIds: string[] = [];
  let characters = 0;

  function keep(names: string[], name: string | null | undefined): void {
    if (typeof name !== "string" || names.at(-1) === name || names.includes(name)) return;
    if (names.length >= maxNames || characters + name.length > maxCharacters) return;
    characters += name.length;
    names.push(name);
  }

  return {
    userIds,
    callIds,
    add({ userId, callId }) {
      keep(userIds, userId);
      keep(callIds, callId);
    },
  };
}
