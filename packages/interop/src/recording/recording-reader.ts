import { createSessionLogReader, readSessionLog, type SessionRecord } from "@peerscope/schema";
import { detectFormat } from "../detect-format.ts";
import { createForeignReader } from "../foreign-reader.ts";
import type { ForeignFormat, ForeignReader, ForeignSession } from "../reader.ts";
import { createSkippedCounter, nothingSkipped, type SkippedTally } from "./skipped-tally.ts";

/** What a file can be: a session log of Peerscope, or a recording of another tool. */
export type RecordingFormat = "session-log" | ForeignFormat;

/** One session of a recording. */
export interface RecordedSession extends ForeignSession {
  /** In the order of time. */
  readonly records: readonly SessionRecord[];
}

/** A place of a session log that could not be read. */
export interface LogDamage {
  /** Code of the session log or of the codec. */
  readonly code: string;
  /** Where and why. */
  readonly message: string;
}

/** All of a recording. */
export interface Recording {
  /** Null when the bytes are nothing that is read here. */
  readonly format: RecordingFormat | null;
  /** In the order in which the source names them; those without a record are left out. */
  readonly sessions: readonly RecordedSession[];
  /** Of a session log. */
  readonly damage: readonly LogDamage[];
  /** Of a recording of another tool. */
  readonly skipped: SkippedTally;
  /** What the source cannot show, in words. */
  readonly limits: readonly string[];
}

/** Takes a recording in pieces and tells its format by the content. The bytes are plain: who has gzip unpacks it, with a bound. */
export interface RecordingReader {
  push(chunk: Uint8Array): void;
  end(): Recording;
}

/** By so many bytes a format is told. */
const headBytes = 65_536;

/** `name` is the name of the file, for ids of sessions that have none. */
export function createRecordingReader(name: string): RecordingReader {
  const skipped = createSkippedCounter();
  const sessions = new Map<string, { readonly session: ForeignSession; readonly records: SessionRecord[] }>();
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let target: ForeignReader | "session-log" | "unknown" | null = null;
  let isGuess = false;

  function hold(chunk: Uint8Array): void {
    // A copy: slice() of a Node buffer would be none.
    held.push(new Uint8Array(chunk));
    heldBytes += chunk.length;
  }

  function begin(): void {
    const head = joined(held);
    if (isSessionLog(head)) {
      target = "session-log";
      return;
    }
    held = [];
    const found = detect(head.subarray(0, headBytes));
    if (found === null) {
      target = "unknown";
      return;
    }
    const { format } = found;
    isGuess = found.isGuess;
    const reader = createForeignReader(
      format,
      {
        session: (session) => void sessions.set(session.sessionId, { session, records: [] }),
        record: (sessionId, record) => void sessions.get(sessionId)?.records.push(record),
        skipped: (what) => skipped.add(what),
      },
      { name },
    );
    reader.push(head);
    target = reader;
  }

  return {
    push(chunk) {
      if (target === null || target === "session-log") hold(chunk);
      else if (target !== "unknown") target.push(chunk);
      if (target === null && heldBytes >= headBytes) begin();
    },
    end() {
      if (target === null) begin();
      if (target === "session-log") return sessionLogOf(joined(held));
      if (target === null || target === "unknown") return { ...empty, format: null };
      const { format, limits } = target.end();
      const found = [...sessions.values()]
        .filter(({ records }) => records.length > 0)
        .map(({ session, records }) => ({ ...session, records: records.sort((a, b) => a.at - b.at) }));
      if (isGuess && found.length === 0) return { ...empty, format: null };
      return { ...empty, format, sessions: found, skipped: skipped.tally(), limits };
    },
  };
}

const empty: Omit<Recording, "format"> = { sessions: [], damage: [], skipped: nothingSkipped, limits: [] };

/** Do the bytes begin like a session log? A damaged one or one of another version does too. */
export function isSessionLog(head: Uint8Array): boolean {
  if (head.length === 0) return false;
  return createSessionLogReader().push(head.subarray(0, headBytes)).error?.code !== "log-not-peerscope";
}

/** Lines at the beginning that may be damaged. Ours. */
const maxDamagedLines = 20;

interface Detected {
  readonly format: ForeignFormat;
  /** Other files can look so: without a record in it, it is none. */
  readonly isGuess: boolean;
}

/** The format by the beginning or, when that is damaged, by one of the next lines. */
function detect(head: Uint8Array): Detected | null {
  let rest = head;
  for (let line = 0; line <= maxDamagedLines; line += 1) {
    const format = detectFormat(rest);
    if (format !== null) return { format, isGuess: line > 0 || format === "observertc-protobuf" };
    const newline = rest.indexOf(0x0a);
    if (newline < 0) break;
    rest = rest.subarray(newline + 1);
  }
  return null;
}

function sessionLogOf(bytes: Uint8Array): Recording {
  const { header, records, errors } = readSessionLog(bytes);
  const damage = errors.map((error) => ({
    code: error.code,
    message: `${"offset" in error ? `at byte ${error.offset}` : `in frame ${error.frameIndex}`}: ${error.message}`,
  }));
  const session = { sessionId: header?.sessionId ?? "", peer: null, userId: null, callId: null, records };
  const sessions = header === null || records.length === 0 ? [] : [session];
  return { ...empty, format: "session-log", sessions, damage };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
