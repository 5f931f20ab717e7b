import type { JsonObject, JsonValue } from "@peerscope/schema";
import type { EventRow } from "../worker/messages.ts";

/** What joins an "api-called" with its "api-settled". */
export function callKey({ data }: Pick<EventRow, "data">): string {
  return `${textOf(data?.["callId"])} ${textOf(data?.["method"])}`;
}

/** "NotFoundError: no such device": what a call was rejected with; empty when it was not. */
export function errorText(data: JsonObject): string {
  const { name, message } = objectOf(data["error"]);
  return [name, message].map(textOf).filter(Boolean).join(": ");
}

/** A member that is a text or a number; empty when it is neither. */
export function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** A member that is an object; an empty one when it is not. */
export function objectOf(value: JsonValue | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
