import type { FileHandle } from "node:fs/promises";

/** What the committer needs of a file; a FileHandle is one. */
export interface CommitFile {
  writev: FileHandle["writev"];
  datasync(): Promise<void>;
  truncate(length: number): Promise<void>;
}

/** Bytes waiting for one file. */
export interface CommitTarget {
  readonly file: CommitFile;
  /** Bytes of the file that are safe on disk. */
  durableBytes: number;
  /** Set once writing failed: nothing more is accepted for this target. */
  failure: Error | null;
  /** Called after each commit with everything up to `durableBytes` on disk, or with `failure` set. */
  onCommit(): void;
}

export interface GroupCommitterOptions {
  /** Appends are collected for so long before one write and one fsync per file, in milliseconds. Ours: 10. */
  readonly intervalMs?: number;
  /** Files written and synced at the same time. Ours: 8, beyond that a disk only queues. */
  readonly concurrency?: number;
}

/**
 * Turns many small appends into few fsyncs: all that arrived for a file in one interval is written with one call and
 * synced once. Order in a file is the order of `append`; a file is never written by two commits at once.
 */
export interface GroupCommitter {
  append(target: CommitTarget, bytes: Uint8Array): void;
  /** Resolves when everything appended so far is on disk or has failed. */
  flush(): Promise<void>;
}

export function createGroupCommitter(options: GroupCommitterOptions = {}): GroupCommitter {
  const intervalMs = options.intervalMs ?? 10;
  const concurrency = options.concurrency ?? 8;
  const pending = new Map<CommitTarget, Uint8Array[]>();
  const writing = new Set<CommitTarget>();
  const idleWaiters: (() => void)[] = [];
  let timer: NodeJS.Timeout | null = null;

  function schedule(): void {
    if (timer === null && pending.size > 0) timer = setTimeout(run, intervalMs);
  }

  function run(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    for (const [target, chunks] of pending) {
      if (writing.size >= concurrency) break;
      if (writing.has(target)) continue;
      pending.delete(target);
      writing.add(target);
      void commit(target, chunks).finally(() => {
        writing.delete(target);
        // What came in meanwhile has waited a whole write and fsync already.
        if (pending.size > 0) run();
        else if (writing.size === 0) for (const wake of idleWaiters.splice(0)) wake();
      });
    }
  }

  async function commit(target: CommitTarget, chunks: Uint8Array[]): Promise<void> {
    if (target.failure === null) {
      try {
        const size = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
        await writeAll(target.file, chunks, target.durableBytes, size);
        await target.file.datasync();
        target.durableBytes += size;
      } catch (error) {
        target.failure = error instanceof Error ? error : new Error(String(error));
        pending.delete(target);
        // A part may have been written: the log must end with a whole entry. Recovery cuts it if even this fails.
        await target.file.truncate(target.durableBytes).catch(() => {});
      }
    }
    target.onCommit();
  }

  return {
    append(target, bytes) {
      const chunks = pending.get(target);
      if (chunks === undefined) pending.set(target, [bytes]);
      else chunks.push(bytes);
      schedule();
    },
    flush() {
      if (pending.size === 0 && writing.size === 0) return Promise.resolve();
      const done = new Promise<void>((resolve) => idleWaiters.push(resolve));
      run();
      return done;
    },
  };
}

async function writeAll(
  file: CommitFile,
  chunks: Uint8Array[],
  position: number,
  size: number,
): Promise<void> {
  // Some systems take 1,024 buffers in one call.
  const buffers = chunks.length > 1_000 ? [Buffer.concat(chunks)] : chunks;
  const { bytesWritten } = await file.writev(buffers, position);
  if (bytesWritten === size) return;
  // A nearly full disk takes a part; asking again for the rest gives the reason.
  const rest = Buffer.concat(chunks).subarray(bytesWritten);
  let written = 0;
  while (written < rest.byteLength) {
    const again = await file.writev([rest.subarray(written)], position + bytesWritten + written);
    if (again.bytesWritten === 0) throw new Error("the disk takes no more bytes");
    written += again.bytesWritten;
  }
}
