import { closeSync, openSync, readSync } from "node:fs";
import {
  createFrameDecoder,
  createSessionLogReader,
  createStateBytes,
  type EventRecord,
  type FrameDecoder,
  type SessionAnalysis,
} from "@peerscope/schema";
import type { SessionSummary, SessionTraits } from "@peerscope/schema/api";
import { createSessionObserver, type SessionObserver, type Thresholds } from "@peerscope/observer";
import type { LogReference } from "../ingest/session-registry.ts";
import {
  maxEventRows,
  tableNames,
  toEventRow,
  toJsonLine,
  toRows,
  type Row,
  type TableName,
} from "./rows.ts";
import type { SessionRows, TableRows } from "./messages.ts";
import { createRowChanges, nextRowChanges, type RowChanges } from "./row-changes.ts";
import { createSessionNames, noteNames, type SessionNames } from "./session-names.ts";
import { toSessionSummary } from "./session-summary.ts";
import { createMediaTraits, type MediaTraits, noteMedia, toTraits } from "./session-traits.ts";

/** Most that is read from a log at once, in bytes: between two pieces other sessions get their turn. Ours. */
const pieceBytes = 1 << 20;
const encoder = new TextEncoder();

/** What is remembered of the log while it is worked on. */
interface Awake {
  readonly isAwake: true;
  readonly decoder: FrameDecoder;
  readonly observer: SessionObserver;
  readonly kept: Kept;
}

/** The part of it that is plain data. */
interface Kept {
  readonly names: SessionNames;
  readonly media: MediaTraits;
  readonly changes: RowChanges;
  /** Those whose rows were not given out yet. */
  events: { readonly event: EventRecord; readonly index: number }[];
  eventCount: number;
}

/** All of it as bytes, while other sessions are worked on. */
interface Rested {
  readonly isAwake: false;
  readonly bytes: Uint8Array;
}

const stateBytes = createStateBytes({});
/** What is in these bytes. */
type Parts = readonly [decoder: Uint8Array, observer: Uint8Array, kept: Kept];

/**
 * The analysis of one log, as far as it was read. The worker never gets frames, only the length of the log that is
 * safe on disk, and reads from where it stopped: live, late and after a restart are the same thing, and a log that
 * is ahead of its analysis costs no memory.
 */
export interface LogAnalysis {
  readonly log: LogReference;
  /** Follows the log to a new length. */
  advance(log: LogReference): void;
  /** Reads the next piece; true while there is more. */
  read(): boolean;
  /** Bytes on disk that were not read. */
  readonly unreadBytes: number;
  /** Everything known so far; final when the log is finished. */
  result(): SessionAnalysis;
  /** The same as JSON. That of a finished log is made once, unless it rests. */
  json(): string;
  /** Its row in lists. */
  summary(): SessionSummary;
  /** Rows that differ from those given out before; all of them the first time. */
  rows(version: number): SessionRows;
  /** Codes of frames that could not be decoded since the last call. */
  takeRefused(): string[];
  /** Nothing is asked for a while: all that is remembered is kept as bytes until then. */
  rest(): void;
}

export function createLogAnalysis(start: LogReference, thresholds?: Thresholds): LogAnalysis {
  const { sessionId, projectId } = start;
  const columns = { projectId, sessionId, leg: 0 };
  const observerOptions = { sessionId, ...(thresholds !== undefined && { thresholds }) };
  const reader = createSessionLogReader();
  let log = start;
  let offset = 0;
  let damaged = false;
  /** Of a session that goes on, for those who ask in a row: kept for longer it would take a third of its memory. */
  let result: WeakRef<SessionAnalysis> | null = null;
  /** The same of one that is finished, until it rests. */
  let final: SessionAnalysis | null = null;
  let finalJson: string | null = null;
  let refused: string[] = [];
  let state: Awake | Rested = {
    isAwake: true,
    decoder: createFrameDecoder(),
    observer: createSessionObserver(observerOptions),
    kept: {
      names: createSessionNames(),
      media: createMediaTraits(),
      changes: createRowChanges(),
      events: [],
      eventCount: 0,
    },
  };

  function awake(): Awake {
    if (state.isAwake) return state;
    const [decoder, observer, kept] = stateBytes.take(state.bytes) as Parts;
    state = {
      isAwake: true,
      decoder: createFrameDecoder(decoder),
      observer: createSessionObserver(observerOptions, observer),
      kept,
    };
    return state;
  }

  function take(bytes: Uint8Array): void {
    const chunk = reader.push(bytes);
    const { decoder, observer, kept } = awake();
    for (const frame of chunk.frames) {
      const decoded = decoder.decode(frame);
      if (!decoded.ok) {
        refused.push(decoded.error.code);
        continue;
      }
      for (const record of decoded.frame.records) {
        observer.push(record);
        if (record.kind === "context") noteNames(kept.names, record.context);
        if (record.kind === "sample") noteMedia(kept.media, record);
        if (record.kind !== "event") continue;
        if (kept.eventCount < maxEventRows) kept.events.push({ event: record, index: kept.eventCount });
        kept.eventCount += 1;
      }
      result = null;
    }
    if (chunk.error !== null) {
      damaged = true;
      refused.push(chunk.error.code);
    }
  }

  function current(): SessionAnalysis {
    if (log.finished) return (final ??= awake().observer.finish());
    const known = result?.deref();
    if (known !== undefined) return known;
    const made = awake().observer.analysis();
    result = new WeakRef(made);
    return made;
  }

  function json(): string {
    const analysis = current();
    if (!log.finished) return JSON.stringify(analysis);
    return (finalJson ??= JSON.stringify(analysis));
  }

  const traits = (): SessionTraits => toTraits(current(), awake().kept.media, reader.header?.country ?? null);

  return {
    get log() {
      return log;
    },
    advance(next) {
      log = next;
    },
    read() {
      if (damaged || offset >= log.bytes) return false;
      const piece = readPiece(log.path, offset, Math.min(pieceBytes, log.bytes - offset));
      offset += piece.byteLength;
      take(piece);
      return !damaged && piece.byteLength > 0 && offset < log.bytes;
    },
    get unreadBytes() {
      return damaged ? 0 : Math.max(0, log.bytes - offset);
    },
    result: current,
    json,
    summary: () => toSessionSummary(current(), log, traits()),
    rows(version) {
      const lines: Partial<Record<TableName, string[]>> = {};
      const add = (row: Row, isDeleted = false): void => {
        (lines[row.table] ??= []).push(toJsonLine(row, version, isDeleted));
      };
      const analysis = current();
      const { kept } = awake();
      const { names, changes } = kept;
      const isFinal = log.finished;
      const since = isFinal ? Number.NEGATIVE_INFINITY : changes.settledUntil;
      const rows = toRows(analysis, log, names, traits(), since, json);
      const found = nextRowChanges(changes, rows, { at: analysis.end, isFinal, columns });
      for (const { row, isDeleted } of found.changes) add(row, isDeleted);
      for (const { event, index } of kept.events) add(toEventRow(event, index, log));
      kept.events = [];
      return {
        sessionId: log.sessionId,
        summary: toSessionSummary(analysis, log, traits()),
        complete: found.complete === "all" ? tableNames : found.complete === "windows" ? ["windows"] : [],
        finished: log.finished,
        bytes: log.bytes,
        tables: Object.fromEntries(
          Object.entries(lines).map(([table, own]): [string, TableRows] => [
            table,
            { count: own.length, json: encoder.encode(`${own.join("\n")}\n`) },
          ]),
        ),
      };
    },
    takeRefused() {
      const codes = refused;
      refused = [];
      return codes;
    },
    rest() {
      if (!state.isAwake) return;
      const { decoder, observer, kept } = state;
      const parts: Parts = [decoder.rest(), observer.rest(), kept];
      state = { isAwake: false, bytes: stateBytes.put(parts) };
      result = null;
      final = null;
      finalJson = null;
    },
  };
}

function readPiece(path: string, offset: number, length: number): Uint8Array {
  const descriptor = openSync(path, "r");
  try {
    const piece = new Uint8Array(length);
    const read = readSync(descriptor, piece, 0, length, offset);
    return piece.subarray(0, read);
  } finally {
    closeSync(descriptor);
  }
}
