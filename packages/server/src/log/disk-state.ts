import { open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../data-folder.ts";

/** How much room the disk of the data folder has. */
export interface DiskState {
  /** Clients are told to come back later: less than the reserve is free, or a write did not find room. */
  readonly isFull: boolean;
  /** Bytes that this process may still use; null before the first look, and when the system does not say. */
  readonly freeBytes: number | null;
  readonly totalBytes: number | null;
  /** So much is left for settings, catalogue and store, in bytes. */
  readonly reserveBytes: number;
}

export interface DiskWatchOptions {
  readonly folder: string;
  readonly reserveBytes: number;
  /** Default: asks the system. */
  readonly measure?: (folder: string) => Promise<{ readonly freeBytes: number; readonly totalBytes: number }>;
  /** Writes a little; rejects when that does not work. Default: a file in the folder that is removed again. */
  readonly tryToWrite?: (folder: string) => Promise<void>;
}

/** Knows whether there is room for logs, so that what cannot be kept is refused before it is taken. */
export interface DiskWatch {
  readonly state: DiskState;
  /** Looks again. Called about once a second. */
  check(): Promise<void>;
  /** A write failed. For want of room, nothing more is taken until one works again: quotas are seen in no other way. */
  failed(error: unknown): void;
}

/** It is over when so much more than the reserve is free: not with each byte that comes and goes. Ours. */
const recovery = 1.25;
const probeBytes = 64 << 10;

export function createDiskWatch(options: DiskWatchOptions): DiskWatch {
  const { folder, reserveBytes } = options;
  const measure = options.measure ?? measureDisk;
  const tryToWrite = options.tryToWrite ?? writeProbe;
  let state: DiskState = { isFull: false, freeBytes: null, totalBytes: null, reserveBytes };
  let hasFailed = false;
  let checking: Promise<void> | null = null;

  async function check(): Promise<void> {
    const room = await measure(folder).catch(() => null);
    const least = state.isFull ? reserveBytes * recovery : reserveBytes;
    let isFull = room !== null && room.freeBytes < least;
    if (hasFailed && !isFull) {
      await tryToWrite(folder).then(
        () => (hasFailed = false),
        () => {},
      );
    }
    isFull ||= hasFailed;
    state = {
      isFull,
      freeBytes: room?.freeBytes ?? null,
      totalBytes: room?.totalBytes ?? null,
      reserveBytes,
    };
  }

  return {
    get state() {
      return state;
    },
    check() {
      checking ??= check().finally(() => {
        checking = null;
      });
      return checking;
    },
    failed(error) {
      if (!isDiskFull(error)) return;
      hasFailed = true;
      state = { ...state, isFull: true };
    },
  };
}

/** True when a write failed because there is no room, on the disk or in a quota. */
export function isDiskFull(error: unknown): boolean {
  return hasCode(error, "ENOSPC") || hasCode(error, "EDQUOT") || hasCode(error, "SQLITE_FULL");
}

async function measureDisk(folder: string): Promise<{ freeBytes: number; totalBytes: number }> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

async function writeProbe(folder: string): Promise<void> {
  const path = join(folder, "room.probe");
  try {
    const handle = await open(path, "w");
    try {
      await handle.writeFile(Buffer.alloc(probeBytes, 1));
      await handle.sync();
    } finally {
      await handle.close();
    }
  } finally {
    await rm(path, { force: true });
  }
}
