import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createFrameDecoder, createSessionLogReader, type SessionRecord } from "@peerscope/schema";

/** A session log as it lies on the disk. */
export interface LogOnDisk {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Sequence numbers in the order of the file. */
  readonly sequences: readonly number[];
  readonly records: readonly SessionRecord[];
  /** Codes of what is wrong with it. */
  readonly problems: readonly string[];
}

/** Reads the log of one session from a server's data folder. */
export async function readLogOnDisk(dataDir: string, sessionId: string): Promise<LogOnDisk> {
  const files = await readdir(join(dataDir, "logs"), { recursive: true });
  const name = files.find((file) => file.includes(sessionId));
  if (name === undefined) throw new Error(`No log of ${sessionId} in ${files.join(", ")}`);
  const path = join(dataDir, "logs", name);
  const bytes = await readFile(path);
  const reader = createSessionLogReader();
  const { frames, error } = reader.push(bytes);
  const problems: string[] = error === null ? [] : [error.code];
  if (reader.pendingBytes > 0) problems.push("log-truncated");
  const decoder = createFrameDecoder();
  const sequences: number[] = [];
  const records: SessionRecord[] = [];
  for (const frame of frames) {
    const result = decoder.decode(frame);
    if (result.ok) {
      sequences.push(result.frame.sequence);
      records.push(...result.frame.records);
    } else {
      problems.push(result.error.code);
    }
  }
  return { path, bytes, sequences, records, problems };
}
