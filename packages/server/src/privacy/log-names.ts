import { open } from "node:fs/promises";
import { setImmediate as pause } from "node:timers/promises";
import { createFrameDecoder, createSessionLogReader } from "@peerscope/schema";
import type { LogReference } from "../ingest/session-registry.ts";

/** Everybody and every call that a session named, at any time. */
export interface LogNames {
  readonly userIds: ReadonlySet<string>;
  readonly callIds: ReadonlySet<string>;
}

/** Read and decoded at once, in bytes: between two pieces other work gets its turn. Ours. */
const pieceBytes = 256 << 10;

/**
 * Reads the whole log. Frames that cannot be decoded name nobody.
 * @throws Error when the file cannot be read.
 */
export async function readLogNames({ path, bytes }: LogReference): Promise<LogNames> {
  const userIds = new Set<string>();
  const callIds = new Set<string>();
  const reader = createSessionLogReader();
  const decoder = createFrameDecoder();
  const handle = await open(path, "r");
  try {
    for (let offset = 0; offset < bytes;) {
      const buffer = Buffer.alloc(Math.min(pieceBytes, bytes - offset));
      const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, offset);
      if (bytesRead === 0) break;
      offset += bytesRead;
      const { frames, error } = reader.push(buffer.subarray(0, bytesRead));
      for (const frame of frames) {
        const decoded = decoder.decode(frame);
        for (const record of decoded.ok ? decoded.frame.records : []) {
          if (record.kind !== "context") continue;
          const { userId, callId } = record.context;
          if (typeof userId === "string") userIds.add(userId);
          if (typeof callId === "string") callIds.add(callId);
        }
      }
      if (error !== null) break;
      await pause();
    }
  } finally {
    await handle.close();
  }
  return { userIds, callIds };
}
