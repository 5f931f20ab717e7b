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
import { encodeSessionLogEntry, encodeSessionLogHeader, type SessionLogHeader } from "@peerscope/schema";
import { hasCode } from "../data-folder.ts";
import type { CommitTarget, GroupCommitter } from "./group-commit.ts";

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
  return appender(options, encodeSessionLogHeader(header), 0, -1);
}

/** Opens an intact log to go on after its last frame. */
export function reopenSessionLogFile(
  options: OpenSessionLog,
  bytes: number,
  lastSequence: number,
): SessionLogFile {
  return appender(options, null, bytes, lastSequence);
}

function appender(
  options: OpenSessionLog,
  header: Uint8Array | null,
  bytes: number,
  lastSequence: number,
): SessionLogFile {
  let accepted = lastSequence;
  let durable = lastSequence;
  let position = bytes + (header?.byteLength ?? 0);
  /** Sequences on their way to the disk, with the length of the log behind each. */
  let underway: {
    readonly sequence: number;
    readonly end: number;
    readonly frameBytes: number;
    /** Milliseconds of a clock that is never set. */
    readonly since: number;
  }[] = [];
  /** Opened by the first write: a log that cannot be opened fails like one that cannot be written. */
  let descriptor: number | null = null;
  let isNameSynced = header === null;
  let isClosed = false;
  const target: CommitTarget = {
    path: options.path,
    file: {
      write(buffers, at) {
        // Opening it again here could make a second file under the name of the first.
        if (isClosed) throw new Error(`${options.path} is closed`);
        descriptor ??= header === null ? openSync(options.path, "r+") : createFile(options.path);
        return writevSync(descriptor, buffers, at);
      },
      async datasync() {
        if (descriptor !== null) await syncFile(descriptor);
        if (isNameSynced) return;
        // The name of a new file is data of its folder: without this a power cut could lose a synced file.
        await syncFolder(dirname(options.path));
        await syncFolder(dirname(dirname(options.path)));
        isNameSynced = true;
      },
      truncate(length) {
        if (descriptor !== null) ftruncateSync(descriptor, length);
      },
    },
    durableBytes: bytes,
    failure: null,
    onCommit() {
      let landed = 0;
      for (const { sequence, end, frameBytes, since } of underway) {
        if (end > target.durableBytes) break;
        landed += 1;
        durable = sequence;
        options.onKept?.(frameBytes, performance.now() - since);
      }
      underway = landed === underway.length ? [] : underway.slice(landed);
      options.onCommit();
    },
  };
  if (header !== null) options.committer.append(target, header);
  return {
    path: options.path,
    get durableBytes() {
      return target.durableBytes;
    },
    get durableSequence() {
      return durable;
    },
    get acceptedSequence() {
      return accepted;
    },
    get failure() {
      return target.failure;
    },
    append(sequence, frame) {
      const entry = encodeSessionLogEntry(frame);
      position += entry.byteLength;
      accepted = sequence;
      underway.push({ sequence, end: position, frameBytes: frame.byteLength, since: performance.now() });
      options.committer.append(target, entry);
    },
    async close() {
      isClosed = true;
      if (descriptor === null) return;
      closeSync(descriptor);
      descriptor = null;
      // A new log that never got its first entry must not be in the way of the next attempt.
      if (target.failure !== null && target.durableBytes === 0) rmSync(options.path, { force: true });
    },
  };
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
