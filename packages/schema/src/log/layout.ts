import { maxFrameBytes } from "../wire/frame.ts";
import { utf8Bytes, utf8Text } from "./text.ts";
import { crc32c } from "./crc32c.ts";
import type { SessionLogError, SessionLogErrorCode, SessionLogHeader } from "./session-log.ts";

/** Version of the session log written by this release. A reader refuses any other. */
export const sessionLogVersion = 1;

/** Largest JSON of a header, in bytes. */
const maxHeaderBytes = 65_536;

/** Magic, version, length and checksum before the JSON of the header. */
const headerPrefixBytes = 13;

/** Length and checksum before the bytes of a frame. */
const entryPrefixBytes = 8;

const magic: readonly number[] = [0x50, 0x53, 0x4c, 0x47];

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** First bytes of a log: "PSLG", version, length and CRC32C of the JSON (little endian, 32 bits each), JSON. */
export const encodeSessionLogHeader = (header: SessionLogHeader): Uint8Array => {
  const json = utf8Bytes(JSON.stringify(header));
  const bytes = new Uint8Array(headerPrefixBytes + json.length);
  bytes.set(magic);
  bytes[4] = sessionLogVersion;
  viewOf(bytes).setUint32(5, json.length, true);
  viewOf(bytes).setUint32(9, crc32c(json), true);
  bytes.set(json, headerPrefixBytes);
  return bytes;
};

/** One frame in a log: length and CRC32C (little endian, 32 bits each), then the bytes as they were received. */
export const encodeSessionLogEntry = (frame: Uint8Array): Uint8Array =>
  encodeSessionLogEntryIn((bytes) => new Uint8Array(bytes), frame);

/**
 * The same where an array of its own for each frame costs too much.
 * @param allocate gives so many bytes, whatever is in them.
 */
export const encodeSessionLogEntryIn = (
  allocate: (bytes: number) => Uint8Array,
  frame: Uint8Array,
): Uint8Array => {
  const bytes = allocate(entryPrefixBytes + frame.length);
  const view = viewOf(bytes);
  view.setUint32(0, frame.length, true);
  view.setUint32(4, crc32c(frame), true);
  bytes.set(frame, entryPrefixBytes);
  return bytes;
};

/** What starts at an offset: something whole, something that is wrong, or less than the whole of it. */
export type LogPiece<T> =
  | { readonly kind: "whole"; readonly value: T; readonly end: number }
  | {
      readonly kind: "wrong";
      readonly error: SessionLogError;
      /** Where it would end; null when that is not known. */ readonly end: number | null;
    }
  | { readonly kind: "partial" };

const wrong = (
  code: SessionLogErrorCode,
  message: string,
  offset: number,
  end: number | null = null,
): LogPiece<never> => ({
  kind: "wrong",
  error: { code, message, offset },
  end,
});

const isHeader = (value: unknown): value is SessionLogHeader => {
  if (typeof value !== "object" || value === null) return false;
  const header = value as { readonly [member in keyof SessionLogHeader]?: unknown };
  return (
    typeof header.sessionId === "string" &&
    typeof header.projectId === "string" &&
    typeof header.createdAt === "number" &&
    (header.country === undefined ||
      (typeof header.country === "string" && /^[A-Z]{2}$/.test(header.country)))
  );
};

/** Reads the header at the start of `bytes`. */
export const readLogHeader = (bytes: Uint8Array): LogPiece<SessionLogHeader> => {
  const isMagic = magic.every((byte, i) => i >= bytes.length || bytes[i] === byte);
  if (!isMagic) return wrong("log-not-peerscope", "does not start with the bytes of a session log", 0);
  const version = bytes[4];
  if (version !== undefined && version !== sessionLogVersion) {
    return wrong("log-version-unsupported", `version ${version}, this reader knows ${sessionLogVersion}`, 4);
  }
  if (bytes.length < headerPrefixBytes) return { kind: "partial" };
  const length = viewOf(bytes).getUint32(5, true);
  if (length > maxHeaderBytes) return wrong("log-header-corrupt", `header of ${length} bytes`, 5);
  const end = headerPrefixBytes + length;
  if (bytes.length < end) return { kind: "partial" };
  const json = bytes.subarray(headerPrefixBytes, end);
  if (crc32c(json) !== viewOf(bytes).getUint32(9, true)) {
    return wrong("log-header-corrupt", "the checksum of the header is wrong", 9, end);
  }
  try {
    const header: unknown = JSON.parse(utf8Text(json));
    if (isHeader(header)) return { kind: "whole", value: header, end };
  } catch {
    // Answered below: bytes with a right checksum that are not a header.
  }
  return wrong(
    "log-header-corrupt",
    "the header lacks sessionId, projectId or createdAt",
    headerPrefixBytes,
    end,
  );
};

/** Reads the entry at `start` of `bytes`, which begin at `offset` of the log. The frame is a view of `bytes`. */
export const readLogEntry = (bytes: Uint8Array, start: number, offset: number): LogPiece<Uint8Array> => {
  if (bytes.length < start + entryPrefixBytes) return { kind: "partial" };
  const length = viewOf(bytes).getUint32(start, true);
  if (length === 0 || length > maxFrameBytes) {
    return wrong("log-entry-corrupt", `entry of ${length} bytes`, offset);
  }
  const end = start + entryPrefixBytes + length;
  if (bytes.length < end) return { kind: "partial" };
  const frame = bytes.subarray(start + entryPrefixBytes, end);
  if (crc32c(frame) !== viewOf(bytes).getUint32(start + 4, true)) {
    return wrong("log-entry-corrupt", "the checksum of the entry is wrong", offset, end);
  }
  return { kind: "whole", value: frame, end };
};
