import type { SessionSummary } from "@peerscope/schema/api";
import type { LogReference } from "../ingest/session-registry.ts";
import type { TableName } from "./rows.ts";

/** JSONEachRow lines of one session by table. */
export interface SessionRows {
  readonly sessionId: string;
  readonly summary: SessionSummary;
  /** All rows of the session, as opposed to those that changed since they were last asked for. */
  readonly complete: boolean;
  /** The log was finished when these were made. */
  readonly finished: boolean;
  readonly lines: Readonly<Partial<Record<TableName, readonly string[]>>>;
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
  | { readonly kind: "call"; readonly callId: string; readonly logs: readonly LogReference[] }
  | {
      readonly kind: "rows";
      readonly version: number;
      readonly sessions: readonly { readonly log: LogReference; readonly complete: boolean }[];
    };

/** From the main thread to the worker. */
export type WorkerInput =
  /** More of the log is on disk, or it was finished or opened again. */
  | { readonly type: "log"; readonly log: LogReference }
  | { readonly type: "forget"; readonly sessionId: string }
  | { readonly type: "request"; readonly id: number; readonly request: AnalysisRequest };

/** From the worker to the main thread. */
export type WorkerOutput =
  | {
      readonly type: "summary";
      readonly summary: SessionSummary;
      readonly finished: boolean;
      readonly bytes: number;
    }
  /** Frames that could not be decoded; they stay in the log and the analysis goes on at the next keyframe. */
  | { readonly type: "frames-refused"; readonly sessionId: string; readonly codes: readonly string[] }
  /** The analysis threw: a defect. Other sessions go on, and this one is tried again when it is opened again. */
  | { readonly type: "analysis-failed"; readonly sessionId: string; readonly message: string }
  | { readonly type: "answer"; readonly id: number; readonly value: AnalysisAnswers[keyof AnalysisAnswers] }
  | { readonly type: "failure"; readonly id: number; readonly message: string };
