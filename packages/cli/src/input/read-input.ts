import { constants, gunzipSync } from "node:zlib";
import { isGetStatsLines, readGetStatsLines } from "@peerscope/interop";
import { readSessionLog, type SessionRecord } from "@peerscope/schema";
import { CliError } from "../errors.ts";

/** Most bytes of one file, packed or not. Ours: an eight-hour session is some ten megabytes. */
const maxInputBytes = 512 * 1024 * 1024;

/** One session out of a file. */
interface InputSession {
  readonly sessionId: string;
  /** Participant of a recording; null for a session log. */
  readonly peer: string | null;
  readonly records: readonly SessionRecord[];
}

/** Something in a file that could not be used. */
export interface InputWarning {
  /** One of `cliErrors`, or a code of the session log or the frame codec. */
  readonly code: string;
  /** Where and why. */
  readonly message: string;
}

/** What a file holds. */
export interface Input {
  readonly name: string;
  readonly format: "session-log" | "getstats-lines";
  readonly sessions: readonly InputSession[];
  readonly warnings: readonly InputWarning[];
}

/**
 * Reads a session log or raw getStats lines, plain or gzip: told by the content, never by the name.
 * What is damaged is left out and reported in `warnings`.
 * @throws CliError when nothing can be read at all.
 */
export function readInput(bytes: Uint8Array, name: string): Input {
  const warnings: InputWarning[] = [];
  const content = unpack(bytes, name, warnings);
  if (content.byteLength === 0) throw new CliError("file-empty", name);
  const log = readSessionLog(content);
  if (log.header !== null) {
    for (const error of log.errors) {
      const where = "offset" in error ? `at byte ${error.offset}` : `in frame ${error.frameIndex}`;
      warnings.push({ code: error.code, message: `${where}: ${error.message}` });
    }
    if (log.records.length === 0) throw new CliError("log-no-records", name);
    const { sessionId } = log.header;
    return {
      name,
      format: "session-log",
      sessions: [{ sessionId, peer: null, records: log.records }],
      warnings,
    };
  }
  const text = new TextDecoder().decode(content);
  if (isGetStatsLines(text)) return readLines(text, name, warnings);
  // A header that is ours, but damaged, cut off or of another version: say so rather than "unknown".
  const logError = log.errors.find(({ code }) => code !== "log-not-peerscope");
  if (logError !== undefined)
    throw new CliError("log-no-records", `${name}: ${logError.code} (${logError.message})`);
  throw new CliError("format-unknown", name);
}

function readLines(text: string, name: string, warnings: InputWarning[]): Input {
  const { sessions, skippedLines } = readGetStatsLines(text);
  for (const { line, reason } of skippedLines)
    warnings.push({ code: "line-skipped", message: `line ${line}: ${reason}` });
  return {
    name,
    format: "getstats-lines",
    sessions: sessions.map(({ peer, records }) => ({ sessionId: `${name}#${peer}`, peer, records })),
    warnings,
  };
}

/** The content of a gzip file, as much of it as there is; other bytes as they are. */
export function unpack(bytes: Uint8Array, name: string, warnings: InputWarning[]): Uint8Array {
  if (bytes.byteLength > maxInputBytes) throw new CliError("file-too-large", name);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: maxInputBytes });
  } catch (error) {
    if (hasCode(error, "ERR_BUFFER_TOO_LARGE")) throw new CliError("file-too-large", name);
    if (!hasCode(error, "Z_BUF_ERROR")) throw new CliError("gzip-corrupt", name);
  }
  // The end is missing: take what is there.
  warnings.push({ code: "gzip-truncated", message: "the compressed file ends early" });
  return gunzipSync(bytes, { maxOutputLength: maxInputBytes, finishFlush: constants.Z_SYNC_FLUSH });
}

/** True for a system or zlib error with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
