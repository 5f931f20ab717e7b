import type { JournalRecord } from "./journal-format.ts";
import type { Journal } from "./journal.ts";

/** What the committer needs of a log file. */
export interface CommitFile {
  /** Writes at once, to the system's memory; the bytes that it took. Throws what the system says. */
  write(buffers: readonly Uint8Array[], position: number): number;
  /** Resolves when all that was written is on disk. */
  datasync(): Promise<void>;
  truncate(length: number): void;
}

/** Bytes waiting for one file. */
export interface CommitTarget {
  /** Absolute path of the file. */
  readonly path: string;
  readonly file: CommitFile;
  /** Bytes of the file that are safe on disk. */
  durableBytes: number;
  /** Set once writing failed: nothing more is accepted for this target. */
  failure: Error | null;
  /** Called after each commit with everything up to `durableBytes` on disk, or with `failure` set. */
  onCommit(): void;
}

export interface GroupCommitterOptions {
  /**
   * Appends are collected for so long before they are written and synced together, in milliseconds. Ours: 20; a write and a
   * sync cost as much as some ten frames, and nobody waits for an acknowledgement.
   */
  readonly intervalMs?: number;
  /** Files synced at the same time where there is no journal. Ours: 8, beyond that a disk only queues. */
  readonly concurrency?: number;
  /** What makes the appends of all files durable with one sync. Without it each file is synced. */
  readonly journal?: Journal;
}

/**
 * Turns many small appends into few syncs: all that arrived for a file in one interval is written with one call, and
 * all files become durable together. Order in a file is the order of `append`.
 */
export interface GroupCommitter {
  append(target: CommitTarget, bytes: Uint8Array): void;
  /** Resolves when everything appended so far is on disk or has failed. */
  flush(): Promise<void>;
  /**
   * Resolves when nothing is left in the journal of what was appended so far: it brings back no log that is removed then. Rejects when
   * the logs cannot be synced.
   */
  checkpoint(): Promise<void>;
}

/** What was written to one file. */
interface Written extends JournalRecord {
  readonly target: CommitTarget;
  readonly size: number;
}

/** Files that are written in one go, before clients are heard again. Ours: a few milliseconds. */
const filesPerTurn = 500;

export function createGroupCommitter(options: GroupCommitterOptions = {}): GroupCommitter {
  const intervalMs = options.intervalMs ?? 20;
  const concurrency = options.concurrency ?? 8;
  const { journal } = options;
  let pending = new Map<CommitTarget, Uint8Array[]>();
  let running: Promise<void> | null = null;
  /** When the last commit began, by a clock that is never set. */
  let beganAt = 0;
  let timer: NodeJS.Timeout | null = null;

  const isIdle = (): boolean => pending.size === 0;

  function schedule(delayMs: number): void {
    if (timer === null && running === null && !isIdle()) timer = setTimeout(run, delayMs);
  }

  function run(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (running !== null || isIdle()) return;
    const batch = pending;
    pending = new Map();
    beganAt = performance.now();
    running = commit(batch).finally(() => {
      running = null;
      // What came in meanwhile has waited for as long as the write and the sync took.
      schedule(Math.max(0, beganAt + intervalMs - performance.now()));
    });
  }

  async function commit(batch: ReadonlyMap<CommitTarget, Uint8Array[]>): Promise<void> {
    const written: Written[] = [];
    let count = 0;
    for (const [target, chunks] of batch) {
      count += 1;
      if (count % filesPerTurn === 0) await new Promise((resolve) => setImmediate(resolve));
      if (target.failure !== null) {
        target.onCommit();
        continue;
      }
      try {
        const size = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
        writeAll(target.file, chunks, target.durableBytes, size);
        written.push({ target, path: target.path, position: target.durableBytes, chunks, size });
      } catch (error) {
        fail(target, error);
      }
    }
    if (journal === undefined) await syncEach(written);
    else await syncTogether(journal, written);
  }

  async function syncTogether(to: Journal, written: readonly Written[]): Promise<void> {
    try {
      await to.write(written);
    } catch (error) {
      for (const { target } of written) fail(target, error);
      return;
    }
    for (const { target, size } of written) landed(target, size);
  }

  async function syncEach(written: readonly Written[]): Promise<void> {
    const waiting = written.values();
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        for (const { target, size } of waiting) {
          try {
            await target.file.datasync();
          } catch (error) {
            fail(target, error);
            continue;
          }
          landed(target, size);
        }
      }),
    );
  }

  function landed(target: CommitTarget, size: number): void {
    target.durableBytes += size;
    target.onCommit();
  }

  function fail(target: CommitTarget, error: unknown): void {
    target.failure = error instanceof Error ? error : new Error(String(error));
    pending.delete(target);
    try {
      // A part may have been written: the log must end with a whole entry.
      target.file.truncate(target.durableBytes);
    } catch {
      // Recovery cuts it.
    }
    target.onCommit();
  }

  async function flush(): Promise<void> {
    // What was appended so far is in the write that is under way, or in the next one.
    for (let rounds = 0; rounds < 3 && (running !== null || !isIdle()); rounds += 1) {
      run();
      await running;
    }
  }

  return {
    append(target, bytes) {
      const chunks = pending.get(target);
      if (chunks === undefined) pending.set(target, [bytes]);
      else chunks.push(bytes);
      schedule(intervalMs);
    },
    flush,
    async checkpoint() {
      await flush();
      await journal?.checkpoint();
    },
  };
}

function writeAll(file: CommitFile, chunks: readonly Uint8Array[], position: number, size: number): void {
  // Some systems take 1,024 buffers in one call.
  const buffers = chunks.length > 1_000 ? [Buffer.concat(chunks)] : chunks;
  let written = file.write(buffers, position);
  if (written === size) return;
  // A nearly full disk takes a part; asking again for the rest gives the reason.
  const all = Buffer.concat(chunks);
  while (written < size) {
    const more = file.write([all.subarray(written)], position + written);
    if (more === 0) throw new Error("the disk takes no more bytes");
    written += more;
  }
}
