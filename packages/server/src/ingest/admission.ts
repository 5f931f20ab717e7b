import { maxFrameBytes, readFrameHeader } from "@peerscope/schema";
import type { IngestErrorCode } from "../errors.ts";
import type { SessionEntry } from "./session-entry.ts";
import type { SessionRegistry } from "./session-registry.ts";

/** What became of a frame. Not new: the session has it already, or it is on its way to the disk. */
export type Admission =
  | {
      readonly ok: true;
      readonly sequence: number;
      readonly isNew: boolean;
      /** What the session has to pay for it: its bytes, or more when looking into it took more. */
      readonly cost: number;
    }
  | { readonly ok: false; readonly code: IngestErrorCode; readonly detail?: string };

/**
 * Appends a frame that is next in its session, whatever way it came. Decodes no more of it than its header, unless the privacy rules ask
 * for it.
 */
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
  let cost = bytes.byteLength;
  if (isNew) {
    const passed = registry.privacy.pass(entry, bytes, read.header);
    if (!passed.ok) return passed;
    cost = Math.max(cost, passed.work);
    registry.append(entry, sequence, passed.frame);
  }
  return { ok: true, sequence, isNew, cost };
}
