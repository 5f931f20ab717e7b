import type { EventRow } from "../worker/messages.ts";

/** What to call each peer connection where there are several: the name the app gave it, else its place. Empty with one. */
export function connectionNames(events: readonly EventRow[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { connectionId, name, data } of events) {
    if (connectionId === null) continue;
    const given = name === "connection-created" ? data?.["name"] : undefined;
    if (!names.has(connectionId)) names.set(connectionId, `connection ${names.size + 1}`);
    if (typeof given === "string" && given !== "") names.set(connectionId, given);
  }
  return names.size < 2 ? new Map<string, string>() : names;
}
