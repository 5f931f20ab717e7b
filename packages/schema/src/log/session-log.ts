/**
 * Interface of the session log: the frames of one session as they were received. The layout is specified in
 * docs/reference/wire.md: a small header, then one entry a frame (length, CRC32C, bytes).
 */

/** First bytes of every session log. */
export interface SessionLogHeader {
  readonly sessionId: string;
  readonly projectId: string;
  /** Unix ms when the server created the log. */
  readonly createdAt: number;
  /** ISO 3166-1 alpha-2, of the address that the client first came from; absent when it is not known. */
  readonly country?: string;
}

export type SessionLogErrorCode =
  | "log-not-peerscope"
  | "log-version-unsupported"
  | "log-header-corrupt"
  | "log-entry-corrupt"
  | "log-truncated";

export interface SessionLogError {
  readonly code: SessionLogErrorCode;
  readonly message: string;
  /** Where in the log, in bytes. */
  readonly offset: number;
}

/** What came out of a piece of log. */
export interface SessionLogChunk {
  readonly frames: readonly Uint8Array[];
  /** Bytes of whole, intact entries from the start of the log: where a torn tail would be cut. */
  readonly validBytes: number;
  /** Set when the reader cannot go on: a wrong checksum or a wrong header. */
  readonly error: SessionLogError | null;
}

/** Reads a log that arrives in pieces (a file, or a live log over HTTP). */
export interface SessionLogReader {
  readonly header: SessionLogHeader | null;
  push(bytes: Uint8Array): SessionLogChunk;
  /** Bytes that wait for the rest of their entry: a truncated log has more than 0 at its end. */
  readonly pendingBytes: number;
}
