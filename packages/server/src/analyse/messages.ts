import type { JsonObject } from "@peerscope/schema";
import type { SessionSummary } from "@peerscope/schema/api";
import type { LogReference } from "../ingest/session-registry.ts";
import type { SessionNow } from "../query/live-session.ts";
import type { TableName } from "./table-columns.ts";

/** Rows of one table as the store takes them. */
export interface TableRows {
  readonly count: number;
  /** As `toRowBinary` makes them: the main thread only hands them on. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Rows of one session by table. */
export interface SessionRows {
  readonly sessionId: string;
  readonly summary: SessionSummary;
  /** Versions of the observation catalogue and of the score that they were made with. */
  readonly catalogVersion: string;
  readonly scoreVersion: string;
  /** Tables of which these are all rows of the session, as opposed to those that changed since they were last asked for. */
  readonly complete: readonly TableName[];
  /** The log was finished when these were made. */
  readonly finished: boolean;
  /** Length of the log that they tell of: a session that came back meanwhile has more. */
  readonly bytes: number;
  readonly tables: Readonly<Partial<Record<TableName, TableRows>>>;
}

/** Answers of the worker that somebody waits for. */
export interface AnalysisAnswers {
  /** SessionAnalysis as JSON. */
  analysis: string;
  /** CallAnalysis as JSON. */
  call: string;
  rows: readonly SessionRows[];
}

export type AnalysisRequest =
  | { readonly kind: "analysis"; readonly log: LogReference }
  /** `members`: analyses of other sessions of the call, as `toCallMember` makes them, as JSON. */
  | {
      readonly kind: "call";
      readonly callId: string;
      readonly logs: readonly LogReference[];
      readonly members: readonly string[];
    }
  | {
      readonly kind: "rows";
      readonly version: number;
      readonly sessions: readonly { readonly log: LogReference; readonly complete: boolean }[];
    };

/** What a worker knows when it starts. */
export interface WorkerStart {
  /** Folder for the file in which sessions that rest wait. */
  readonly restingFolder: string;
  /** Memory of its `WorkMark`. */
  readonly mark: SharedArrayBuffer;
}

/** From the main thread to a worker. */
export type WorkerInput =
  /** A session that the worker does not know, or one that was finished or opened again. `handle` stands for it from here on. */
  | { readonly type: "log"; readonly handle: number; readonly log: LogReference }
  /** More of some logs is on disk: handles and lengths in turn. Answered by "taken" when it was noted. */
  | { readonly type: "grown"; readonly sizes: Float64Array }
  | { readonly type: "forget"; readonly sessionId: string }
  /** Somebody looks at what is happening now: sessions are to be read soon, for a while. */
  | { readonly type: "attention" }
  /** Clients of these sessions went away: what is left of them is to be read at once. */
  | { readonly type: "hurry"; readonly handles: readonly number[] }
  /** What a project has instead of the catalogue's thresholds, as `parseThresholds` reads it. */
  | { readonly type: "thresholds"; readonly projectId: string; readonly thresholds: JsonObject }
  | { readonly type: "request"; readonly id: number; readonly request: AnalysisRequest };

/** How far a worker is behind the logs. */
export interface AnalysisLag {
  /** Bytes of logs that are on disk and not analysed. */
  readonly bytes: number;
  /** How long the oldest of them have been waiting since it was their turn, in ms. */
  readonly ageMs: number;
  /** Sessions that it follows. */
  readonly sessions: number;
}

/** From a worker to the main thread. */
export type WorkerOutput =
  | {
      readonly type: "summary";
      readonly summary: SessionSummary;
      /** How it is at this moment. */
      readonly now: SessionNow;
      readonly finished: boolean;
      readonly bytes: number;
    }
  | { readonly type: "taken" }
  | { readonly type: "lag"; readonly lag: AnalysisLag }
  /** The thresholds of a project cannot be used; the catalogue's count. */
  | { readonly type: "thresholds-refused"; readonly projectId: string; readonly message: string }
  /** Frames that could not be decoded; they stay in the log and the analysis goes on at the next keyframe. */
  | { readonly type: "frames-refused"; readonly sessionId: string; readonly codes: readonly string[] }
  /** The analysis threw: a defect. Other sessions go on, and this one is tried again when it is opened again. */
  | { readonly type: "analysis-failed"; readonly sessionId: string; readonly message: string }
  | { readonly type: "answer"; readonly id: number; readonly value: AnalysisAnswers[keyof AnalysisAnswers] }
  | { readonly type: "failure"; readonly id: number; readonly message: string };
