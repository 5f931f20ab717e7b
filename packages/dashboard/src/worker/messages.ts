import type { RecordingFormat, SkippedTally } from "@peerscope/interop";
import type {
  CallAnalysis,
  JsonObject,
  MetricPoint,
  MetricSubject,
  SessionAnalysis,
  SessionReport,
  StatsObject,
} from "@peerscope/schema";
import type { MemberColumns, StatsMember } from "./member-history.ts";
import type { RecordRow, WholeRecord } from "./record-rows.ts";
import type { RecordCounts, RecordFilter } from "./record-search.ts";

/** What the page asks of the analysis worker. */
export type ToWorker =
  | { readonly type: "open-session"; readonly sessionId: string; readonly origin: string }
  /** `choice` is the place of the session in the file; null takes the one with the most records. */
  | { readonly type: "open-file"; readonly file: File; readonly choice: number | null }
  /** Which stats objects were the latest at an instant (Unix ms)? */
  | { readonly type: "stats-at"; readonly request: number; readonly at: number }
  /** How did these members go over the whole session? */
  | { readonly type: "history"; readonly request: number; readonly members: readonly StatsMember[] }
  | ToRecords;

/** What the page asks about the recording itself. */
export type ToRecords =
  /** Looks from a place on; a later search ends it. */
  | {
      readonly type: "search-records";
      readonly request: number;
      readonly filter: RecordFilter;
      readonly from: number;
    }
  | { readonly type: "read-rows"; readonly request: number; readonly places: readonly number[] }
  | { readonly type: "read-record"; readonly request: number; readonly place: number }
  /** These records as a file; null for all. */
  | { readonly type: "pack-records"; readonly request: number; readonly places: Uint32Array | null };

/** New points of one series. The columns are transferred, not copied. */
export interface SeriesChunk {
  readonly key: string;
  readonly name: MetricPoint["name"];
  readonly subject: MetricSubject;
  /** Unix ms. */
  readonly times: Float64Array;
  /** NaN where the browser reported nothing. */
  readonly values: Float32Array;
}

/** An event of the log, as the lanes and the table need it. */
export interface EventRow {
  readonly at: number;
  readonly name: string;
  readonly connectionId: string | null;
  readonly data: JsonObject | null;
}

/** Something that could not be read. The rest is shown all the same. */
export interface ReadProblem {
  readonly code: string;
  readonly message: string;
  /** Unix ms of the last record before it; null when there was none. */
  readonly after: number | null;
}

/** A session found in a file. */
export interface FileSession {
  /** What its people call it: participant, user or id. */
  readonly name: string;
  readonly records: number;
}

/** What a file turned out to be. */
export interface FileFacts {
  readonly format: RecordingFormat;
  readonly sessions: readonly FileSession[];
  /** Place of the session that is shown. */
  readonly chosen: number;
  readonly skipped: SkippedTally;
  /** What the source cannot show, in words. */
  readonly limits: readonly string[];
}

/** The sessions of a file together, when they are one call. */
export interface FileCall {
  readonly call: CallAnalysis;
  /** In the order of the file. */
  readonly sessions: readonly SessionReport[];
}

/** Latest report of one peer connection at the asked instant. */
export interface StatsSnapshot {
  readonly connectionId: string;
  readonly at: number;
  readonly stats: readonly StatsObject[];
}

/** What the worker tells the page. */
export type FromWorker =
  | {
      readonly type: "update";
      /** Null while nothing could be analysed. */
      readonly analysis: SessionAnalysis | null;
      readonly series: readonly SeriesChunk[];
      readonly events: readonly EventRow[];
      /** Unix ms of the newest sample; null before the first. */
      readonly newestSampleAt: number | null;
      readonly bytes: number;
      readonly totalBytes: number | null;
      readonly phase: "loading" | "live" | "done";
      /** The server does not answer at the moment; the worker goes on trying. */
      readonly connectionLost: boolean;
    }
  | { readonly type: "problem"; readonly problem: ReadProblem }
  /** How far a file is read, before anything of it is analysed. */
  | { readonly type: "reading"; readonly bytes: number; readonly totalBytes: number }
  | { readonly type: "file"; readonly facts: FileFacts }
  | { readonly type: "file-call"; readonly together: FileCall }
  | { readonly type: "stats"; readonly request: number; readonly snapshots: readonly StatsSnapshot[] }
  | { readonly type: "history"; readonly request: number; readonly columns: readonly MemberColumns[] }
  | FromRecords
  | { readonly type: "failed"; readonly code: string; readonly message: string };

/** What the worker says about the recording itself. */
export type FromRecords =
  | {
      readonly type: "records-found";
      readonly request: number;
      /** Places of records and their instants (Unix ms): what follows the pieces before. */
      readonly places: Uint32Array;
      readonly times: Float64Array;
      readonly searched: number;
      readonly isOver: boolean;
      /** Told once everything was looked at. */
      readonly counts: RecordCounts | null;
    }
  | { readonly type: "rows"; readonly request: number; readonly rows: readonly RecordRow[] }
  | { readonly type: "record"; readonly request: number; readonly whole: WholeRecord }
  | { readonly type: "records-packed"; readonly request: number; readonly file: Blob };
