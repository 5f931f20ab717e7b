import { createHash, timingSafeEqual } from "node:crypto";
import { isSessionId, maxFrameBytes, readFrameHeader, type HelloMessage } from "@peerscope/schema";
import type { IngestErrorCode } from "../errors.ts";
import type { SessionEntry, SessionRegistry } from "./session-registry.ts";

/** Why a hello is refused, else null. The version was checked when it was read. */
export function refusalOfHello(
  { sessionId, token }: HelloMessage,
  ingestKey: string,
): IngestErrorCode | null {
  if (!sameSecret(token, ingestKey)) return "token-invalid";
  return isSessionId(sessionId) ? null : "session-id-invalid";
}

/** What became of a frame. Not new: the session has it already, or it is on its way to the disk. */
export type Admission =
  | { readonly ok: true; readonly sequence: number; readonly isNew: boolean }
  | { readonly ok: false; readonly code: IngestErrorCode; readonly detail?: string };

/** Appends a frame that is next in its session, whatever way it came. Decodes no more of it than its header. */
export function admitFrame(registry: SessionRegistry, entry: SessionEntry, bytes: Uint8Array): Admission {
  if (bytes.byteLength > maxFrameBytes)
    return { ok: false, code: "frame-too-large", detail: `It has ${bytes.byteLength} bytes.` };
  const read = readFrameHeader(bytes);
  if (!read.ok) return { ok: false, code: read.error.code, detail: read.error.message };
  const { sequence } = read.header;
  const expected = (entry.log?.acceptedSequence ?? entry.lastSequence) + 1;
  if (sequence > expected)
    return { ok: false, code: "sequence-gap", detail: `Expected ${expected}, got ${sequence}.` };
  const isNew = sequence === expected;
  if (isNew) registry.append(entry, sequence, bytes);
  return { ok: true, sequence, isNew };
}

/** Compares in a time that does not depend on where the two differ. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
