import { z } from "zod";
import { wireVersion, type ClientMessage, type ServerMessage } from "@peerscope/schema";
import { ingestError, type IngestErrorCode } from "../errors.ts";

/** Longest text message; a hello has some 200 bytes, and room for a token that is too long to be told so. Ours. */
export const maxTextBytes = 8_192;

const helloSchema = z.object({
  type: z.literal("hello"),
  wireVersion: z.number(),
  sessionId: z.string(),
  token: z.string(),
  // A word that only a newer client knows is not trusted.
  privacy: z.enum(["reduced", "whole"]).catch("whole").exactOptional(),
});
const byeSchema = z.object({ type: z.literal("bye") });
const messageSchema = z.discriminatedUnion("type", [helloSchema, byeSchema]);

export type ParsedMessage =
  | { readonly ok: true; readonly message: ClientMessage }
  | { readonly ok: false; readonly code: IngestErrorCode };

/** Parses a text message of a client. Unknown members are ignored: newer clients may send more. */
export function parseClientMessage(text: string): ParsedMessage {
  if (text.length > maxTextBytes) return { ok: false, code: "message-invalid" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, code: "message-invalid" };
  }
  const parsed = messageSchema.safeParse(value);
  if (!parsed.success) return { ok: false, code: "message-invalid" };
  if (parsed.data.type === "hello" && parsed.data.wireVersion !== wireVersion) {
    return { ok: false, code: "wire-version-unsupported" };
  }
  return { ok: true, message: parsed.data };
}

/** The error message for a code, as it goes over the wire. */
export function toErrorMessage(code: IngestErrorCode, detail?: string): ServerMessage {
  const { message, retry, renew } = ingestError(code);
  const text = detail === undefined ? message : `${message} ${detail}`;
  return { type: "error", code, message: text, retry, ...(renew && { renew }) };
}
