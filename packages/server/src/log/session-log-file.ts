import {
  closeSync,
  fdatasync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writevSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { encodeSessionLogEntryIn, encodeSessionLogHeader, type SessionLogHeader } from "@peerscope/schema";
import { hasCode } from "../data-folder.ts";
import type { CommitFile, CommitTarget, GroupCommitter } from "./group-commit.ts";

/** A session log that is open for appending. Appending never waits; what went wrong is in `failure`. */
export interface SessionLogFile {
  readonly path: string;
  /** Bytes of whole entries on disk. */
  readonly durableBytes: number;
  /** Highest sequence on disk, -1 for none. */
  readonly durableSequence: number;
  /** Highest sequence taken in; it may still be on its way to the disk. */
  readonly acceptedSequence: number;
  readonly failure: Error | null;
  append(sequence: number, frame: Uint8Array): void;
  /** Call it after a flush. */
  close(): Promise<void>;
}

export interface OpenSessionLog {
  readonly path: string;
  readonly committer: GroupCommitter;
  /** Called after each group commit: `durableSequence` has grown, or `failure` is set. */
  readonly onCommit: () => void;
  /** A frame is on disk, so many milliseconds after `append`. */
  readonly onKept?: (bytes: number, waitedMs: number) => void;
}

/** Creates the log of a new session. Its header goes to disk together with the first frame. */
export function createSessionLogFile(options: OpenSessionLog, header: SessionLogHeader): SessionLogFile {
  return new Appender(options, encodeSessionLogHeader(header), 0, -1);
}

/** Opens an intact log to go on after its last frame. */
export function reopenSessionLogFile(
  options: OpenSessionLog,
  bytes: number,
  lastSequence: number,
): SessionLogFile {
  return new Appender(options, null, bytes, lastSequence);
}

interface Underway {
  readonly sequence: number;
  /** Length of the log behind it. */
  readonly end: number;
  readonly frameBytes: number;
  /** Milliseconds of a clock that is never set. */
  readonly since: number;
}

/** Nobody adds to it: most of the time there is nothing. */
const nothing: Underway[] = [];

/** A class, so that thousands of sessions share its functions. */
class Appender implements SessionLogFile, CommitTarget, CommitFile {
  readonly path: string;
  durableBytes: number;
  failure: Error | null = null;
  durableSequence: number;
  acceptedSequence: number;
  private readonly options: OpenSessionLog;
  private position: number;
  /** Frames on their way to the disk. */
  private underway = nothing;
  /** Opened by the first write: a log that cannot be opened fails like one that cannot be written. */
  private descriptor: number | null = null;
  private readonly isNew: boolean;
  private isNameSynced: boolean;
  private isClosed = false;

  constructor(options: OpenSessionLog, header: Uint8Array | null, bytes: number, lastSequence: number) {
    this.options = options;
    this.path = options.path;
    this.durableBytes = bytes;
    this.durableSequence = lastSequence;
    this.acceptedSequence = lastSequence;
    this.position = bytes + (header?.byteLength ?? 0);
    this.isNew = header !== null;
    this.isNameSynced = header === null;
    if (header !== null) options.committer.append(this, header);
  }

  get file(): CommitFile {
    return this;
  }

  write(buffers: readonly Uint8Array[], at: number): number {
    // Opening it again here could make a second file under the name of the first.
    if (this.isClosed) throw new Error(`${this.path} is closed`);
    this.descriptor ??= this.isNew ? createFile(this.path) : openSync(this.path, "r+");
    return writevSync(this.descriptor, buffers, at);
  }

  async datasync(): Promise<void> {
    if (this.descriptor !== null) await syncFile(this.descriptor);
    if (this.isNameSynced) return;
    // The name of a new file is data of its folder: without this a power cut could lose a synced file.
    await syncFolder(dirname(this.path));
    await syncFolder(dirname(dirname(this.path)));
    this.isNameSynced = true;
  }

  truncate(length: number): void {
    if (this.descriptor !== null) ftruncateSync(this.descriptor, length);
  }

  onCommit(): void {
    const { onKept, onCommit } = this.options;
    let landed = 0;
    for (const { sequence, end, frameBytes, since } of this.underway) {
      if (end > this.durableBytes) break;
      landed += 1;
      this.durableSequence = sequence;
      onKept?.(frameBytes, performance.now() - since);
    }
    this.underway = landed === this.underway.length ? nothing : this.underway.slice(landed);
    onCommit();
  }

  append(sequence: number, frame: Uint8Array): void {
    const entry = encodeSessionLogEntryIn((bytes) => Buffer.allocUnsafe(bytes), frame);
    this.position += entry.byteLength;
    this.acceptedSequence = sequence;
    const added = { sequence, end: this.position, frameBytes: frame.byteLength, since: performance.now() };
    if (this.underway === nothing) this.underway = [added];
    else this.underway.push(added);
    this.options.committer.append(this, entry);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    if (this.descriptor === null) return;
    closeSync(this.descriptor);
    this.descriptor = null;
    // A new log that never got its first entry must not be in the way of the next attempt.
    if (this.failure !== null && this.durableBytes === 0) rmSync(this.path, { force: true });
  }
}

const syncFile = promisify(fdatasync);

function createFile(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  try {
    return openSync(path, "wx");
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
    // Every log that can be read is known and is not begun again. What a power cut left under the name must not keep its client out for ever.
    renameSync(path, `${path}.damaged-0`);
    return openSync(path, "wx");
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
