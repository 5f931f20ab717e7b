import { mkdir, readdir } from "node:fs/promises";
import { crc32c } from "@peerscope/schema";

/** Bytes that belong into a log. */
export interface JournalRecord {
  /** Absolute path of the log. */
  readonly path: string;
  /** Where in the log they are. */
  readonly position: number;
  readonly chunks: readonly Uint8Array[];
}

/** How the name of a journal ends; before it is a number. */
export const journalSuffix = ".journal";
/** Length and CRC32C of what follows: the records of one write. */
export const prefixBytes = 8;
/** Of a record, beside path and bytes: their lengths and the position. */
export const recordBytes: number = 2 + 4 + 8;

/** Names of the journals in a folder, which is made if it is not there, in the order in which they were begun. */
export async function journalsIn(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  return (await readdir(folder)).filter((name) => name.endsWith(journalSuffix)).toSorted();
}

/** One write of a journal: these records, of logs in the folder. */
export function encodeRecords(records: readonly JournalRecord[], logsFolder: string): Buffer {
  const nameAt = logsFolder.length + 1;
  let body = 0;
  for (const { path, chunks } of records)
    body += recordBytes + Buffer.byteLength(path.slice(nameAt)) + bytesOf(chunks);
  const bytes = Buffer.allocUnsafe(prefixBytes + body);
  let at = prefixBytes;
  for (const { path, position, chunks } of records) {
    const nameBytes = bytes.write(path.slice(nameAt), at + recordBytes);
    at = bytes.writeUInt16LE(nameBytes, at);
    at = bytes.writeUInt32LE(bytesOf(chunks), at);
    at = bytes.writeDoubleLE(position, at);
    at += nameBytes;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
  }
  bytes.writeUInt32LE(body, 0);
  bytes.writeUInt32LE(crc32c(bytes.subarray(prefixBytes)), 4);
  return bytes;
}

function bytesOf(chunks: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const { byteLength } of chunks) bytes += byteLength;
  return bytes;
}
