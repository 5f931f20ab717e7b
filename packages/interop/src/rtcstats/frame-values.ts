import type { JsonObject, JsonValue, SessionContext } from "@peerscope/schema";
import { arrayOf, numberOf, objectOf } from "../json.ts";
import type { MethodFrame } from "./method-frame.ts";

/** Characters of a name that is taken over. Ours. */
export const maxNameCharacters = 512;

/** The correlation id, which is the first text behind the value; where calls have none, what can only wait once. */
export function keyOf({ extra, connectionId }: MethodFrame, method: string): string {
  const hasNoId = method === "addTrack" || method === "addTransceiver";
  const id = hasNoId ? undefined : extra.find((part) => typeof part === "string");
  return `${connectionId ?? ""} ${method} ${typeof id === "string" ? id.slice(0, maxNameCharacters) : ""}`;
}

export function endOf(method: string): "local" | "remote" | null {
  if (method === "setLocalDescription") return "local";
  return method === "setRemoteDescription" ? "remote" : null;
}

const awaited: ReadonlySet<string> = new Set([
  "createOffer",
  "createAnswer",
  "setLocalDescription",
  "setRemoteDescription",
  "addIceCandidate",
  "addTrack",
  "addTransceiver",
  "getUserMedia",
  "getDisplayMedia",
]);

export function isAwaited(method: string): boolean {
  return awaited.has(method);
}

/** `[kind, trackId, label, …]`; clients write some of them as `[kind, label, trackId]`, and those have the id second as well. */
export function readTrack(
  value: JsonValue | undefined,
): { readonly trackId: string; readonly kind: "audio" | "video" } | null {
  const [kind, trackId] = arrayOf(value);
  if ((kind !== "audio" && kind !== "video") || !isName(trackId) || trackId === "") return null;
  return { trackId, kind };
}

/** What a sender or transceiver is called by: the track of its receiver. */
export function transceiverOf(extra: readonly JsonValue[]): JsonObject {
  return { receiverTrackId: nameOf(extra.find((part) => typeof part === "string")) };
}

export function isName(value: JsonValue | undefined): value is string {
  return typeof value === "string" && value.length <= maxNameCharacters;
}

export function nameOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value.slice(0, maxNameCharacters) : "";
}

/** What the page says of its machine. */
export function pageContext(page: JsonObject): SessionContext {
  const screen = objectOf(page["screen"]);
  const hints = objectOf(page["userAgentData"]);
  const facts = {
    hardwareConcurrency: numberOf(page["hardwareConcurrency"]),
    deviceMemoryGb: numberOf(page["deviceMemory"]),
    screenWidth: numberOf(screen["width"]),
    screenHeight: numberOf(screen["height"]),
    devicePixelRatio: numberOf(screen["devicePixelRatio"]),
    reloadCount: numberOf(page["reloadCount"]),
    mobile: typeof hints["mobile"] === "boolean" ? hints["mobile"] : null,
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null));
}
