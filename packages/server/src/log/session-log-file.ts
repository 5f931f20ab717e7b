import { mkdir, open, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { encodeSessionLogEntry, encodeSessionLogHeader, type SessionLogHeader } from "@peerscope/schema";
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
}

/** Creates the log of a new session. Its header goes to disk together with the first frame. */
export function createSessionLogFile(options: OpenSessionLog, header: SessionLogHeader): SessionLogFile {
  return appender(options, createFile(options.path), encodeSessionLogHeader(header), 0, -1);
}

/** Opens an intact log to go on after its last frame. */
export function reopenSessionLogFile(
  options: OpenSessionLog,
  bytes: number,
  lastSequence: number,
): SessionLogFile {
  return appender(options, open(options.path, "r+"), null, bytes, lastSequence);
}

function appender(
  options: OpenSessionLog,
  opening: Promise<FileHandle>,
  header: Uint8Array | null,
  bytes: number,
  lastSequence: number,
): SessionLogFile {
  let accepted = lastSequence;
  let durable = lastSequence;
  let position = bytes + (header?.byteLength ?? 0);
  /** Sequences on their way to the disk, with the length of the log behind each. */
  const underway: { readonly sequence: number; readonly end: number }[] = [];
  // A log that cannot be opened fails at its first commit, like one that cannot be written.
  opening.catch(() => {});
  const target: CommitTarget = {
    file: {
      writev: async (buffers, at) => (await opening).writev(buffers, at),
      datasync: async () => (await opening).datasync(),
      truncate: async (length) => (await opening).truncate(length),
    },
    durableBytes: bytes,
    failure: null,
    onCommit() {
      const landed = underway.filter(({ end }) => end <= target.durableBytes);
      durable = landed.at(-1)?.sequence ?? durable;
      underway.splice(0, landed.length);
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
      underway.push({ sequence, end: position });
      options.committer.append(target, entry);
    },
    async close() {
      const handle = await opening.catch(() => null);
      await handle?.close();
      // A new log that never got its first entry must not be in the way of the next attempt.
      if (handle !== null && target.failure !== null && target.durableBytes === 0) await rm(options.path);
    },
  };
}

async function createFile(path: string): Promise<FileHandle> {
  const folder = dirname(path);
  const created = await mkdir(folder, { recursive: true });
  const handle = await open(path, "wx");
  // The name of a new file is data of its folder: without this a power cut could lose a synced file.
  await syncFolder(folder);
  if (created !== undefined) await syncFolder(dirname(created));
  return handle;
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
