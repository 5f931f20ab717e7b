import {
  createFrameDecoder,
  createSessionLogReader,
  encodeSessionLogEntry,
  maxFrameBytes,
  readFrameHeader,
  type SessionLogHeader,
  type SessionRecord,
} from "@peerscope/schema";
import type { InputWarning } from "./read-input.ts";

/** One entry of a session log. */
export interface LogFrame {
  /** Where the entry begins, in bytes. */
  readonly offset: number;
  /** Size of the frame in it. */
  readonly bytes: number;
  /** null for a frame that could not be decoded. */
  readonly sequence: number | null;
  readonly keyframe: boolean;
  readonly records: readonly SessionRecord[];
}

/** A session log taken apart. */
export interface LogFrames {
  /** null when the bytes are not a session log. */
  readonly header: SessionLogHeader | null;
  readonly frames: readonly LogFrame[];
  /** What could not be read: code, byte offset and reason. */
  readonly damage: readonly InputWarning[];
}

/** Damaged entries after which reading stops; ours: a log with more has nothing to tell by its frames. */
const maxDamagedEntries = 100;

/** Length and checksum of an entry: see docs/reference/wire.md. */
const entryPrefixBytes = encodeSessionLogEntry(new Uint8Array(0)).byteLength;

/** Takes a session log apart into frames with their places, and goes on behind damage. Never throws. */
export function readLogFrames(bytes: Uint8Array): LogFrames {
  const damage: InputWarning[] = [];
  const frames: LogFrame[] = [];
  const decoder = createFrameDecoder();
  let header: SessionLogHeader | null = null;
  /** Bytes of the log that were cut out of `rest`: damaged entries and what stood before them. */
  let cut = 0;
  let rest = bytes;
  let lastSequence = -1;
  const tell = (code: string, offset: number, message: string): void => {
    damage.push({ code, message: `at byte ${offset}: ${message}` });
  };
  for (;;) {
    const reader = createSessionLogReader();
    const chunk = reader.push(rest);
    header ??= reader.header;
    const sizes = chunk.frames.map((frame) => entryPrefixBytes + frame.byteLength);
    const headerEnd = chunk.validBytes - sizes.reduce((sum, size) => sum + size, 0);
    let place = headerEnd;
    for (const frame of chunk.frames) {
      const offset = place + cut;
      place += entryPrefixBytes + frame.byteLength;
      const peek = readFrameHeader(frame);
      if (peek.ok && peek.header.sequence <= lastSequence) {
        // Sent again after a reconnect: its records were read already.
        frames.push({ offset, bytes: frame.byteLength, ...peek.header, records: [] });
        continue;
      }
      const result = decoder.decode(frame);
      if (!result.ok) tell(result.error.code, offset, result.error.message);
      if (result.ok) lastSequence = result.frame.sequence;
      const decoded = result.ok ? result.frame : { sequence: null, keyframe: false, records: [] };
      frames.push({ offset, bytes: frame.byteLength, ...decoded });
    }
    if (chunk.error === null) {
      if (reader.pendingBytes > 0)
        tell(
          "log-truncated",
          chunk.validBytes + cut,
          `the last ${reader.pendingBytes} bytes are not a whole entry`,
        );
      break;
    }
    tell(chunk.error.code, chunk.error.offset + cut, chunk.error.message);
    const next = header === null ? null : entryEnd(rest, chunk.validBytes);
    if (next === null || damage.length >= maxDamagedEntries) break;
    cut += next - headerEnd;
    rest = Buffer.concat([rest.subarray(0, headerEnd), rest.subarray(next)]);
  }
  return { header, frames, damage };
}

/** Where a damaged entry ends by its own length; null when that cannot be trusted. */
function entryEnd(bytes: Uint8Array, start: number): number | null {
  if (start + entryPrefixBytes > bytes.byteLength) return null;
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(start, true);
  const end = start + entryPrefixBytes + length;
  return length === 0 || length > maxFrameBytes || end > bytes.byteLength ? null : end;
}
