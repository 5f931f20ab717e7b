import type { EventRecord } from "@peerscope/schema";
import type { ConnectionInterval } from "../derive/interval.ts";
import type { Connection } from "../model/connection.ts";
import type { KeptReport } from "../model/kept-report.ts";
import type { Report } from "../model/report.ts";
import type { SessionModel } from "../model/session.ts";
import type { Board } from "./board.ts";
import type { CaptureCall } from "./capture-calls.ts";
import type { ObservationDefinition } from "./definition.ts";

/** What a detector sees of one connection: an interval, and everything known up to its end. */
export interface View {
  readonly model: SessionModel;
  readonly connection: Connection;
  readonly interval: ConnectionInterval;
  readonly board: Board;
}

/** What a detector sees between intervals: time has passed, or a state changed. */
export interface Moment {
  readonly model: SessionModel;
  readonly connection: Connection;
  readonly at: number;
  readonly board: Board;
}

/** Two samples of a connection that are further apart than usual. What is too far apart is not compared (guard G8). */
export interface Gap {
  readonly model: SessionModel;
  readonly connection: Connection;
  readonly before: KeptReport;
  readonly after: Report;
  /** Usual time between two samples, ms. */
  readonly usualMs: number;
  readonly board: Board;
}

/** An event of the page, before it is applied to the model. */
export interface Occurrence {
  readonly model: SessionModel;
  readonly event: EventRecord;
  /** The settled capture call, when the event is one. */
  readonly call: CaptureCall | null;
  readonly board: Board;
}

/**
 * One observation: its definition as data and how it is recognised. A detector keeps no state of its own: the model and the
 * board have it, so that the same records in any batching give the same findings.
 */
export interface Detector {
  readonly definition: ObservationDefinition;
  /** Every evaluation step (2 s, or the sampling interval if that is longer). */
  onStep?(view: View): void;
  /** Every interval between two samples: for findings that must be seen within a second or two. */
  onSample?(view: View): void;
  /** Every interval that is longer than usual, before it is compared or passed over. */
  onGap?(gap: Gap): void;
  /** Before every record, with its time: states that last. */
  onTime?(moment: Moment): void;
  /** Every event, before the model takes it over. */
  onEvent?(occurrence: Occurrence): void;
  /** The session is over. */
  onEnd?(moment: Moment): void;
}
