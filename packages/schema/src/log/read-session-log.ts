import type { SessionRecord } from "../records.ts";
import { createFrameDecoder, readFrameHeader } from "../wire/decoder.ts";
import type { FrameError } from "../wire/frame.ts";
import { readLogEntry, readLogHeader } from "./layout.ts";
import type { SessionLogError, SessionLogHeader } from "./session-log.ts";

/** A frame of a log that could not be decoded, or that was missing before it. */
export interface SessionLogFrameError extends FrameError {
  /** Which entry of the log, counted from 0. */
  readonly frameIndex: number;
}

/** Everything that is intact in a session log, and everything that is not. */
export interface SessionLogContent {
  /** Null when the bytes are not a log; then there are no records. */
  readonly header: SessionLogHeader | null;
  readonly records: SessionRecord[];
  readonly errors: (SessionLogError | SessionLogFrameError)[];
  /** Sequence of the last frame that was decoded, −1 when there is none. */
  readonly lastSequence: number;
}

/**
 * Reads a whole session log. Never throws and never guesses: a damaged entry is reported and skipped, a frame that
 * cannot be decoded is reported, and so are those after it up to the next keyframe. A frame whose sequence was read
 * already is the same frame stored twice and is skipped. A keyframe that does not follow the last frame is read, and
 * the missing ones are reported as `frame-gap`.
 */
export const readSessionLog = (bytes: Uint8Array): SessionLogContent => {
  const records: SessionRecord[] = [];
  const errors: (SessionLogError | SessionLogFrameError)[] = [];
  let lastSequence = -1;
  const truncated = (offset: number): SessionLogError => ({
    code: "log-truncated",
    message: `the last ${bytes.length - offset} bytes are not a whole entry`,
    offset,
  });
  const head = readLogHeader(bytes);
  if (head.kind !== "whole") {
    errors.push(head.kind === "wrong" ? head.error : truncated(0));
    return { header: null, records, errors, lastSequence };
  }
  const decoder = createFrameDecoder();
  let frameIndex = -1;
  for (let offset = head.end; offset < bytes.length;) {
    const entry = readLogEntry(bytes, offset, offset);
    frameIndex++;
    if (entry.kind === "partial") {
      errors.push(truncated(offset));
      break;
    }
    if (entry.kind === "wrong") {
      errors.push(entry.error);
      if (entry.end === null) break;
      offset = entry.end;
      continue;
    }
    offset = entry.end;
    const peek = readFrameHeader(entry.value);
    if (peek.ok && peek.header.sequence <= lastSequence) continue;
    const result = decoder.decode(entry.value);
    if (!result.ok) {
      errors.push({ ...result.error, frameIndex });
      continue;
    }
    const { sequence, refusedRecords = 0 } = result.frame;
    if (lastSequence >= 0 && sequence > lastSequence + 1) {
      const missing = sequence - lastSequence - 1;
      errors.push({
        code: "frame-gap",
        message: `${missing} frames are missing before frame ${sequence}`,
        frameIndex,
      });
    }
    if (refusedRecords > 0) {
      const message = `${refusedRecords} records lack what their kind needs`;
      errors.push({ code: "frame-corrupt", message, frameIndex });
    }
    lastSequence = sequence;
    for (const record of result.frame.records) records.push(record);
  }
  return { header: head.value, records, errors, lastSequence };
};
