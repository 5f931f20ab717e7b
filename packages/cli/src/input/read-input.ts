import type { ReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { constants, createGunzip, gunzipSync } from "node:zlib";
import {
  createRecordingReader,
  type Recording,
  type RecordedSession,
  type RecordingFormat,
  type RecordingReader,
} from "@peerscope/interop";
import { CliError } from "../errors.ts";

/** Most bytes of one file, packed or not. Ours: an eight-hour session is some ten megabytes. */
const maxInputBytes = 512 * 1024 * 1024;
/** Pieces in which bytes that are in memory go to a reader. */
const pieceBytes = 1 << 20;

/** Pieces in which gzip is unpacked: of what ends in damage, the last piece is lost. */
const unpackedPieceBytes = 1 << 16;

/** Something in a file that could not be used. */
export interface InputWarning {
  /** One of `cliErrors`, or a code of the session log or the frame codec. */
  readonly code: string;
  /** Where and why. */
  readonly message: string;
}

/** What a file holds. */
export interface Input extends Omit<Recording, "format" | "damage"> {
  readonly name: string;
  readonly format: RecordingFormat;
  /** One at least, each with a record at least. */
  readonly sessions: readonly RecordedSession[];
  readonly warnings: readonly InputWarning[];
}

/**
 * Reads a session log or a recording of another tool, plain or gzip: told by the content, never by the name.
 * What is damaged is left out and reported in `warnings`.
 * @throws CliError when nothing can be read at all.
 */
export function readInput(bytes: Uint8Array, name: string): Input {
  const warnings: InputWarning[] = [];
  const content = unpack(bytes, name, warnings);
  const reader = createRecordingReader(name);
  for (let start = 0; start < content.byteLength; start += pieceBytes)
    reader.push(content.subarray(start, start + pieceBytes));
  return toInput(name, content.byteLength, reader, warnings);
}

/**
 * Reads a file in pieces, so that no more of it is in memory than its records. `name` is what its sessions are named by.
 * @throws CliError when nothing can be read at all.
 */
export async function readInputFile(path: string, name: string): Promise<Input> {
  const warnings: InputWarning[] = [];
  const reader = createRecordingReader(name);
  const size = await readPieces(path, (piece) => reader.push(piece), warnings);
  return toInput(name, size, reader, warnings);
}

function toInput(name: string, size: number, reader: RecordingReader, warnings: InputWarning[]): Input {
  if (size === 0) throw new CliError("file-empty", name);
  const { format, sessions, damage, skipped, limits } = reader.end();
  if (format === null) throw new CliError("format-unknown", name);
  if (format === "session-log") {
    const [first] = damage;
    // A header that is ours, but damaged, cut off or of another version: say so rather than "unknown".
    if (sessions.length === 0)
      throw new CliError(
        "log-no-records",
        first === undefined ? name : `${name}: ${first.code} (${first.message})`,
      );
    return { name, format, sessions, skipped, limits, warnings: [...warnings, ...damage] };
  }
  if (sessions.length === 0) throw new CliError("recording-empty", `${name} (${format})`);
  // Participants are named within their recording only.
  const named = sessions.map((session) =>
    session.peer === null ? session : { ...session, sessionId: `${name}#${session.peer}` },
  );
  return { name, format, sessions: named, skipped, limits, warnings };
}

/** Hands over the bytes of the file, unpacked; resolves with their number. */
async function readPieces(
  path: string,
  onPiece: (piece: Uint8Array) => void,
  warnings: InputWarning[],
): Promise<number> {
  let size = 0;
  const take = (piece: Uint8Array): void => {
    size += piece.byteLength;
    if (size > maxInputBytes) throw new CliError("file-too-large", path);
    onPiece(piece);
  };
  try {
    const file = await open(path);
    try {
      if ((await file.stat()).size > maxInputBytes) throw new CliError("file-too-large", path);
      const magic = (await file.read(new Uint8Array(2), 0, 2, 0)).buffer;
      const source = file.createReadStream({ start: 0, highWaterMark: pieceBytes, autoClose: false });
      await (isGzip(magic) ? gunzipTo(source, take) : copyTo(source, take));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (hasCode(error, "Z_BUF_ERROR")) warnings.push(cutOff);
    else if (!isZlibError(error) || size === 0) throw readError(error, path);
    else warnings.push({ code: "gzip-corrupt", message: `damaged after ${size} unpacked bytes` });
  }
  return size;
}

async function copyTo(source: ReadStream, take: (piece: Uint8Array) => void): Promise<void> {
  for await (const piece of source as AsyncIterable<Buffer>) take(piece);
}

/** What comes before damage is handed over: a pipeline would drop what it holds when it fails. */
function gunzipTo(source: ReadStream, take: (piece: Uint8Array) => void): Promise<void> {
  const gunzip = createGunzip({ chunkSize: unpackedPieceBytes });
  return new Promise<void>((resolve, reject) => {
    gunzip.on("data", (piece: Buffer) => {
      try {
        take(piece);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
        source.destroy();
        gunzip.destroy();
      }
    });
    gunzip.once("end", resolve).once("error", reject);
    source.once("error", reject);
    source.pipe(gunzip);
  }).finally(() => {
    source.destroy();
    gunzip.destroy();
  });
}

const cutOff: InputWarning = { code: "gzip-truncated", message: "the compressed file ends early" };

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("Z_");
}

function readError(error: unknown, path: string): CliError {
  if (error instanceof CliError) return error;
  if (isZlibError(error)) return new CliError("gzip-corrupt", path);
  if (hasCode(error, "ENOENT")) return new CliError("file-not-found", path);
  return new CliError(
    "file-unreadable",
    `${path}: ${error instanceof Error ? error.message : String(error)}`,
  );
}

/** The content of a gzip file, as much of it as there is; other bytes as they are. */
export function unpack(bytes: Uint8Array, name: string, warnings: InputWarning[]): Uint8Array {
  if (bytes.byteLength > maxInputBytes) throw new CliError("file-too-large", name);
  if (!isGzip(bytes)) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: maxInputBytes });
  } catch (error) {
    if (hasCode(error, "ERR_BUFFER_TOO_LARGE")) throw new CliError("file-too-large", name);
    if (!hasCode(error, "Z_BUF_ERROR")) throw new CliError("gzip-corrupt", name);
  }
  // The end is missing: take what is there.
  warnings.push(cutOff);
  return gunzipSync(bytes, { maxOutputLength: maxInputBytes, finishFlush: constants.Z_SYNC_FLUSH });
}

/** True for a system or zlib error with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
