import { closeSync, openSync, readSync } from "node:fs";
import {
  createFrameDecoder,
  createSessionLogReader,
  type EventRecord,
  type SessionAnalysis,
} from "@peerscope/schema";
import type { SessionSummary, SessionTraits } from "@peerscope/schema/api";
import { createSessionObserver, type Thresholds } from "@peerscope/observer";
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
import { createRowChanges } from "./row-changes.ts";
import { createSessionNames } from "./session-names.ts";
import { toSessionSummary } from "./session-summary.ts";
import { createMediaTraits, toTraits } from "./session-traits.ts";

/** Most that is read from a log at once, in bytes: between two pieces other sessions get their turn. Ours. */
const pieceBytes = 1 << 20;
const encoder = new TextEncoder();

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
  /** The same as JSON. That of a finished log is made once. */
  json(): string;
  /** Its row in lists. */
  summary(): SessionSummary;
  /** Rows that differ from those given out before; all of them the first time. */
  rows(version: number): SessionRows;
  /** Codes of frames that could not be decoded since the last call. */
  takeRefused(): string[];
}

export function createLogAnalysis(start: LogReference, thresholds?: Thresholds): LogAnalysis {
  const { sessionId, projectId } = start;
  const reader = createSessionLogReader();
  const decoder = createFrameDecoder();
  const observer = createSessionObserver({ sessionId, ...(thresholds !== undefined && { thresholds }) });
  let log = start;
  let offset = 0;
  let damaged = false;
  /** Of a session that goes on, for those who ask in a row: kept for longer it would take a third of its memory. */
  let result: WeakRef<SessionAnalysis> | null = null;
  let final: SessionAnalysis | null = null;
  let finalJson: string | null = null;
  let refused: string[] = [];
  let events: { readonly event: EventRecord; readonly index: number }[] = [];
  let eventCount = 0;
  const names = createSessionNames();
  const media = createMediaTraits();
  const changes = createRowChanges({ projectId, sessionId, leg: 0 });

  function take(bytes: Uint8Array): void {
    const chunk = reader.push(bytes);
    for (const frame of chunk.frames) {
      const decoded = decoder.decode(frame);
      if (!decoded.ok) {
        refused.push(decoded.error.code);
        continue;
      }
      for (const record of decoded.frame.records) {
        observer.push(record);
        if (record.kind === "context") names.add(record.context);
        if (record.kind === "sample") media.add(record);
        if (record.kind !== "event") continue;
        if (eventCount < maxEventRows) events.push({ event: record, index: eventCount });
        eventCount += 1;
      }
      result = null;
    }
    if (chunk.error !== null) {
      damaged = true;
      refused.push(chunk.error.code);
    }
  }

  function current(): SessionAnalysis {
    if (log.finished) final ??= observer.finish();
    const known = final ?? result?.deref();
    if (known !== undefined) return known;
    const made = observer.analysis();
    result = new WeakRef(made);
    return made;
  }

  function json(): string {
    const analysis = current();
    if (final === null) return JSON.stringify(analysis);
    finalJson ??= JSON.stringify(final);
    return finalJson;
  }

  function traits(): SessionTraits {
    return toTraits(current(), media, reader.header?.country ?? null);
  }

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
      const isMore = !damaged && piece.byteLength > 0 && offset < log.bytes;
      if (!isMore) decoder.rest();
      return isMore;
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
      const isFinal = final !== null;
      const since = isFinal ? Number.NEGATIVE_INFINITY : changes.settledUntil;
      const found = changes.next(toRows(analysis, log, names, traits(), since, json), analysis.end, isFinal);
      for (const { row, isDeleted } of found.changes) add(row, isDeleted);
      for (const { event, index } of events) add(toEventRow(event, index, log));
      events = [];
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
