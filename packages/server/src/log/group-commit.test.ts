import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createGroupCommitter, type CommitTarget } from "./group-commit.ts";

/** A file in memory that keeps what was synced apart from what was only written. */
function memoryFile(options: { failAtWrite?: number; shortWrites?: boolean; syncMs?: number } = {}) {
  let written = Buffer.alloc(0);
  let synced = Buffer.alloc(0);
  let writes = 0;
  let syncs = 0;
  const commits: number[] = [];
  const target: CommitTarget = {
    path: "/logs/session.pslog",
    file: {
      write(buffers, position) {
        writes += 1;
        if (writes === options.failAtWrite) {
          written = Buffer.concat([written, Buffer.from("partial")]);
          throw new Error("ENOSPC");
        }
        let bytes = Buffer.concat(buffers);
        if (options.shortWrites === true) bytes = bytes.subarray(0, Math.max(1, bytes.length >> 1));
        written = Buffer.concat([written.subarray(0, position), bytes]);
        return bytes.byteLength;
      },
      async datasync() {
        syncs += 1;
        const size = written.length;
        if (options.syncMs !== undefined) await new Promise((resolve) => setTimeout(resolve, options.syncMs));
        synced = Buffer.from(written.subarray(0, size));
      },
      truncate(length) {
        written = written.subarray(0, length);
      },
    },
    durableBytes: 0,
    failure: null,
    onCommit() {
      // The promise of the log: nothing is reported before it is synced.
      expect(synced.length).toBeGreaterThanOrEqual(target.durableBytes);
      commits.push(target.durableBytes);
    },
  };
  return {
    target,
    commits,
    text: () => synced.toString(),
    raw: () => written.toString(),
    counts: () => ({ writes, syncs }),
  };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("group commit", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  test("appends of one interval become one write and one sync, in order", async () => {
    const file = memoryFile();
    const committer = createGroupCommitter({ intervalMs: 10 });
    for (const part of ["a", "b", "c"]) committer.append(file.target, bytes(part));
    expect(file.counts()).toEqual({ writes: 0, syncs: 0 });
    await vi.advanceTimersByTimeAsync(10);
    expect(file.text()).toBe("abc");
    expect(file.commits).toEqual([3]);
    expect(file.counts()).toEqual({ writes: 1, syncs: 1 });
  });

  test("what arrives during a slow sync waits for its own, and is never reported early", async () => {
    const file = memoryFile({ syncMs: 100 });
    const committer = createGroupCommitter({ intervalMs: 10 });
    committer.append(file.target, bytes("first"));
    await vi.advanceTimersByTimeAsync(50);
    committer.append(file.target, bytes("second"));
    await vi.advanceTimersByTimeAsync(40);
    expect(file.commits).toEqual([]);
    await vi.advanceTimersByTimeAsync(20);
    expect(file.commits).toEqual([5]);
    await vi.advanceTimersByTimeAsync(200);
    expect(file.commits).toEqual([5, 11]);
    expect(file.text()).toBe("firstsecond");
  });

  test("a bounded number of files is synced at a time, and all are", async () => {
    const files = Array.from({ length: 5 }, () => memoryFile({ syncMs: 10 }));
    const committer = createGroupCommitter({ intervalMs: 1, concurrency: 2 });
    for (const { target } of files) committer.append(target, bytes("x"));
    await vi.advanceTimersByTimeAsync(6);
    expect(files.filter(({ counts }) => counts().syncs > 0)).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(60);
    expect(files.map(({ text }) => text())).toEqual(["x", "x", "x", "x", "x"]);
  });

  test("a failed write is undone, reported, and ends the file", async () => {
    const file = memoryFile({ failAtWrite: 2 });
    const committer = createGroupCommitter({ intervalMs: 1 });
    committer.append(file.target, bytes("kept"));
    await vi.advanceTimersByTimeAsync(1);
    committer.append(file.target, bytes("lost"));
    await vi.advanceTimersByTimeAsync(1);
    committer.append(file.target, bytes("after"));
    await vi.advanceTimersByTimeAsync(5);
    expect(file.target.failure?.message).toBe("ENOSPC");
    expect(file.target.durableBytes).toBe(4);
    expect(file.raw()).toBe("kept");
  });

  test("a disk that takes a part gets the rest", async () => {
    const file = memoryFile({ shortWrites: true });
    const committer = createGroupCommitter({ intervalMs: 1 });
    for (const part of ["abc", "defgh"]) committer.append(file.target, bytes(part));
    await vi.advanceTimersByTimeAsync(5);
    expect(file.text()).toBe("abcdefgh");
    expect(file.commits).toEqual([8]);
  });

  test("flush waits for everything, also when it comes in the middle of a commit", async () => {
    const file = memoryFile({ syncMs: 50 });
    const committer = createGroupCommitter({ intervalMs: 10 });
    committer.append(file.target, bytes("a"));
    await vi.advanceTimersByTimeAsync(15);
    committer.append(file.target, bytes("b"));
    let flushed = false;
    const flush = committer.flush().then(() => (flushed = true));
    await vi.advanceTimersByTimeAsync(60);
    expect(flushed).toBe(false);
    await vi.advanceTimersByTimeAsync(60);
    await flush;
    expect(file.text()).toBe("ab");
    await committer.flush();
  });
});
