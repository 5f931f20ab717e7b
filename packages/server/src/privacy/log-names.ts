import { open } from "node:fs/promises";
import { setImmediate as pause } from "node:timers/promises";
import { createFrameDecoder, createSessionLogReader } from "@peerscope/schema";
import { createSessionNames, noteNames, type SessionNames } from "../analyse/session-names.ts";
import type { LogReference } from "../ingest/session-registry.ts";

/** Read and decoded at once, in bytes: between two pieces other work gets its turn. Ours. */
const pieceBytes = 256 << 10;

/**
 * Whom and which calls a log names. Reads the whole of it. Frames that cannot be decoded name nobody.
 * @throws Error when the file cannot be read.
 */
export async function readLogNames({ path, bytes }: LogReference): Promise<SessionNames> {
  const names = createSessionNames();
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
        for (const record of decoded.ok ? decoded.frame.records : [])
          if (record.kind === "context") noteNames(names, record.context);
      }
      if (error !== null) break;
      await pause();
    }
  } finally {
    await handle.close();
  }
  return names;
}
