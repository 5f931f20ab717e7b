import type { SessionSummary } from "@peerscope/schema/api";
import type { FinishedLog } from "../log/finished-catalogue.ts";
import { logPath } from "../log/log-path.ts";
import type { SessionLogFile } from "../log/session-log-file.ts";

/** The one connection that may add to a session. */
export interface SessionOwner {
  /** Everything up to `sequence` is on disk. */
  acknowledge(sequence: number): void;
  /** Another connection took the session over. */
  replaced(): void;
  /** The log cannot be written; nothing after the last acknowledgement is kept. */
  writeFailed(code: "log-write-failed" | "disk-full"): void;
  /** Somebody erased the session: nothing more of it is taken. */
  erased(): void;
}

/** One session as the main thread knows it. */
export interface SessionEntry {
  readonly sessionId: string;
  /** Whose it is, from its first hello on. */
  readonly projectId: string;
  readonly createdAt: number;
  /** Path below the logs folder. */
  readonly file: string;
  readonly sample: boolean;
  /** Where its client first came from; null when that is not known or not kept. */
  country: string | null;
  finished: boolean;
  /** Set while frames may come: from the first frame (or reopening) to the finish. */
  log: SessionLogFile | null;
  bytes: number;
  lastSequence: number;
  /** Unix ms of the last frame; of the hello while there is none. */
  lastHeardAt: number;
  owner: SessionOwner | null;
  /** What the analysis says last; null before it said anything and for finished sessions whose rows are written. */
  summary: SessionSummary | null;
  /** The store may hold rows of it that an analysis from the start of the log does not replace by itself. */
  stored: boolean;
}

/** A session counts as live for so long after its last frame even without a connection, in milliseconds. Ours. */
export const liveGraceMs = 30_000;

/** True while a client is connected or was heard a moment ago. */
export function isLive(entry: SessionEntry, now: number): boolean {
  return !entry.finished && (entry.owner !== null || now - entry.lastHeardAt < liveGraceMs);
}

/** Of a session that appears now. `createdAt`: Unix ms. */
export function entryOfNew(
  projectId: string,
  sessionId: string,
  createdAt: number,
  sample: boolean,
): SessionEntry {
  return {
    sessionId,
    projectId,
    createdAt,
    file: logPath(projectId, sessionId, createdAt, sample),
    sample,
    country: null,
    finished: false,
    log: null,
    bytes: 0,
    lastSequence: -1,
    lastHeardAt: createdAt,
    owner: null,
    summary: null,
    stored: false,
  };
}

/** What the catalogue says of a session that is over. */
export function entryOfPast(log: FinishedLog): SessionEntry {
  const { sessionId, projectId, createdAt, sample, bytes, lastSequence, endedAt } = log;
  return {
    sessionId,
    projectId,
    createdAt,
    file: logPath(projectId, sessionId, createdAt, sample),
    sample,
    country: null,
    finished: true,
    log: null,
    bytes,
    lastSequence,
    lastHeardAt: endedAt,
    owner: null,
    summary: null,
    stored: true,
  };
}
