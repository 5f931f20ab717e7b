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
import {
  createSessionObserver,
  type SessionObserver,
  type SessionOutline,
  type Thresholds,
} from "@peerscope/observer";
import type { LogReference } from "../ingest/session-registry.ts";
import { maxEventRows, toEventRow, toRows } from "./rows.ts";
import { toRowBinary } from "./row-binary.ts";
import { tableNames, type TableName } from "./table-columns.ts";
import type { SessionRows, TableRows } from "./messages.ts";
import type { RestingFile, RestingPlace } from "./resting-file.ts";
import { createRowChanges, nextRowChanges, type RowChange, type RowChanges } from "./row-changes.ts";
import { createSessionNames, noteNames, type SessionNames } from "./session-names.ts";
import { toSessionSummary } from "./session-summary.ts";
import { createMediaTraits, type MediaTraits, noteMedia, toTraits } from "./session-traits.ts";

/** Most that is read from a log at once, in bytes: between two pieces other sessions get their turn. Ours. */
const pieceBytes = 1 << 20;

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

/** All of it as bytes, while other sessions are worked on: in a file, or in memory where there is none that takes them. */
interface Rested {
  readonly isAwake: false;
  /** Null: nowhere any more. */
  readonly at: RestingPlace | Uint8Array | null;
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
  /** What lists say of it: hardly more work for a session of eight hours than for one of minutes. */
  outline(): SessionOutline;
  /** Its row in lists, of an outline that is at hand or of a new one. */
  summary(outline?: SessionOutline): SessionSummary;
  /** Rows that differ from those given out before; all of them the first time. */
  rows(version: number): SessionRows;
  /** Codes of frames that could not be decoded since the last call. */
  takeRefused(): string[];
  /** Nothing is asked for a while: all that is remembered is kept as bytes until then. */
  rest(): void;
  /** Nothing is asked any more: where it rests others have room. */
  close(): void;
}

export interface LogAnalysisOptions {
  readonly thresholds?: Thresholds;
  /** Where its state waits while it rests. Default: in memory. */
  readonly restingFile?: RestingFile;
}

export function createLogAnalysis(start: LogReference, options: LogAnalysisOptions = {}): LogAnalysis {
  return new Analysis(start, options);
}

/** A class, so that thousands of sessions share its functions. */
class Analysis implements LogAnalysis {
  log: LogReference;
  private readonly options: LogAnalysisOptions;
  private reader = createSessionLogReader();
  private offset = 0;
  private isDamaged = false;
  /** Of a session that goes on, for those who ask in a row: kept for longer it would take a third of its memory. */
  private known: WeakRef<SessionAnalysis> | null = null;
  /** The same of one that is finished, until it rests. */
  private final: SessionAnalysis | null = null;
  private finalJson: string | null = null;
  private refused = nothingRefused;
  private state: Awake | Rested;

  constructor(start: LogReference, options: LogAnalysisOptions) {
    this.log = start;
    this.options = options;
    this.state = this.unread();
  }

  /** Before the first record. */
  private unread(): Awake {
    return {
      isAwake: true,
      decoder: createFrameDecoder(),
      observer: this.createObserver(),
      kept: {
        names: createSessionNames(),
        media: createMediaTraits(),
        changes: createRowChanges(),
        events: [],
        eventCount: 0,
      },
    };
  }

  private createObserver(rested?: Uint8Array): SessionObserver {
    const { thresholds } = this.options;
    const { sessionId } = this.log;
    return createSessionObserver({ sessionId, ...(thresholds !== undefined && { thresholds }) }, rested);
  }

  private awake(): Awake {
    if (this.state.isAwake) return this.state;
    const { at } = this.state;
    const isInMemory = at === null || at instanceof Uint8Array;
    const bytes = isInMemory ? at : (this.options.restingFile?.take(at) ?? null);
    if (bytes === null) return this.readAgain();
    const [decoder, observer, kept] = stateBytes.take(bytes) as Parts;
    this.state = {
      isAwake: true,
      decoder: createFrameDecoder(decoder),
      observer: this.createObserver(observer),
      kept,
    };
    return this.state;
  }

  /** The disk does not give what was put to rest: all of it is in the log. Its rows are given out once more. */
  private readAgain(): Awake {
    const until = this.offset;
    const state = this.unread();
    this.state = state;
    this.reader = createSessionLogReader();
    this.refused = nothingRefused;
    this.isDamaged = false;
    this.offset = 0;
    while (this.offset < until && this.readPiece(until));
    return state;
  }

  private take(bytes: Uint8Array): void {
    const chunk = this.reader.push(bytes);
    const { decoder, observer, kept } = this.awake();
    for (const frame of chunk.frames) {
      const decoded = decoder.decode(frame);
      if (!decoded.ok) {
        this.refuse(decoded.error.code);
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
      this.known = null;
    }
    if (chunk.error !== null) {
      this.isDamaged = true;
      this.refuse(chunk.error.code);
    }
  }

  private refuse(code: string): void {
    if (this.refused === nothingRefused) this.refused = [code];
    else this.refused.push(code);
  }

  result(): SessionAnalysis {
    if (this.log.finished) return (this.final ??= this.awake().observer.finish());
    const known = this.known?.deref();
    if (known !== undefined) return known;
    const made = this.awake().observer.analysis();
    this.known = new WeakRef(made);
    return made;
  }

  json(): string {
    const analysis = this.result();
    if (!this.log.finished) return JSON.stringify(analysis);
    return (this.finalJson ??= JSON.stringify(analysis));
  }

  outline(): SessionOutline {
    if (this.log.finished) return this.result();
    return this.known?.deref() ?? this.awake().observer.outline();
  }

  private traits({ context }: SessionOutline): SessionTraits {
    return toTraits(context, this.awake().kept.media, this.reader.header?.country ?? null);
  }

  advance(next: LogReference): void {
    this.log = next;
  }

  read(): boolean {
    const { bytes } = this.log;
    if (this.isDamaged || this.offset >= bytes) return false;
    this.awake();
    return this.readPiece(bytes) && this.offset < bytes;
  }

  /** False when the log has nothing more to give. */
  private readPiece(until: number): boolean {
    const piece = readPiece(this.log.path, this.offset, Math.min(pieceBytes, until - this.offset));
    this.offset += piece.byteLength;
    this.take(piece);
    return !this.isDamaged && piece.byteLength > 0;
  }

  get unreadBytes(): number {
    return this.isDamaged ? 0 : Math.max(0, this.log.bytes - this.offset);
  }

  summary(outline: SessionOutline = this.outline()): SessionSummary {
    return toSessionSummary(outline, this.log, this.traits(outline));
  }

  rows(version: number): SessionRows {
    const { log } = this;
    const { projectId, sessionId, finished: isFinal } = log;
    const analysis = this.result();
    const traits = this.traits(analysis);
    const { kept } = this.awake();
    const { names, changes } = kept;
    const since = isFinal ? Number.NEGATIVE_INFINITY : changes.settledUntil;
    const rows = toRows(analysis, log, names, traits, since, () => this.json());
    const columns = { projectId, sessionId, leg: 0 };
    const found = nextRowChanges(changes, rows, { at: analysis.end, isFinal, columns });
    const events = kept.events.map(({ event, index }) => toEventRow(event, index, log));
    kept.events = [];
    return {
      sessionId,
      summary: toSessionSummary(analysis, log, traits),
      catalogVersion: analysis.catalogVersion,
      scoreVersion: analysis.scoreVersion,
      complete: found.complete === "all" ? tableNames : found.complete === "windows" ? ["windows"] : [],
      finished: isFinal,
      bytes: log.bytes,
      tables: toTables([...events.map((row) => ({ row, isDeleted: false })), ...found.changes], version),
    };
  }

  takeRefused(): string[] {
    const codes = this.refused;
    this.refused = nothingRefused;
    return codes;
  }

  rest(): void {
    if (!this.state.isAwake) return;
    const { decoder, observer, kept } = this.state;
    // What could fail comes first: a decoder that rests is not used any more.
    const observed = observer.rest();
    const parts: Parts = [decoder.rest(), observed, kept];
    const bytes = stateBytes.put(parts);
    this.state = { isAwake: false, at: this.options.restingFile?.put(bytes) ?? bytes };
    this.known = null;
    this.final = null;
    this.finalJson = null;
  }

  close(): void {
    if (this.state.isAwake) return;
    const { at } = this.state;
    if (at !== null && !(at instanceof Uint8Array)) this.options.restingFile?.free(at);
    this.state = { isAwake: false, at: null };
  }
}

/** Nobody adds to it: of most sessions nothing ever is. */
const nothingRefused: string[] = [];

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

function toTables(changes: readonly RowChange[], version: number): SessionRows["tables"] {
  const byTable: Partial<Record<TableName, RowChange[]>> = {};
  for (const change of changes) (byTable[change.row.table] ??= []).push(change);
  const tables: Partial<Record<TableName, TableRows>> = {};
  for (const table of tableNames) {
    const own = byTable[table];
    if (own !== undefined) tables[table] = { count: own.length, bytes: toRowBinary(own, version) };
  }
  return tables;
}
