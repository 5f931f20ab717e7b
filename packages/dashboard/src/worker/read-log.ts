import {
  createFrameDecoder,
  createSessionLogReader,
  type SessionLogHeader,
  type SessionRecord,
} from "@peerscope/schema";
import type { KeptRecords } from "./kept-records.ts";
import type { ReadProblem } from "./messages.ts";

/** Turns bytes of a session log into records; what cannot be read is reported and skipped. */
export interface LogDecoder {
  /** Records of the frames that these bytes complete. */
  push(bytes: Uint8Array): SessionRecord[];
  /** No bytes follow: reports a torn tail. */
  end(): void;
  readonly header: SessionLogHeader | null;
  /** The log itself is broken here; nothing after it can be read. */
  readonly stopped: boolean;
}

export function createLogDecoder(kept: KeptRecords, onProblem: (problem: ReadProblem) => void): LogDecoder {
  const reader = createSessionLogReader();
  const decoder = createFrameDecoder();
  const told = new Set<string>();
  let stopped = false;
  let lastAt: number | null = null;

  const problem = (code: string, message: string): void => {
    // A broken piece makes every frame until the next keyframe unreadable: say it once for each place.
    const place = `${code}|${lastAt ?? ""}`;
    if (told.has(place)) return;
    told.add(place);
    kept.addProblem({ code, message, after: lastAt });
    onProblem({ code, message, after: lastAt });
  };

  return {
    get header() {
      return reader.header;
    },
    get stopped() {
      return stopped;
    },
    push(bytes) {
      if (stopped) return [];
      const records: SessionRecord[] = [];
      const chunk = reader.push(bytes);
      for (const frame of chunk.frames) {
        const result = decoder.decode(frame);
        if (!result.ok) {
          problem(result.error.code, result.error.message);
          continue;
        }
        kept.addFrame(frame, result.frame.keyframe, result.frame.records);
        for (const record of result.frame.records) {
          records.push(record);
          lastAt = Math.max(lastAt ?? record.at, record.at);
        }
      }
      if (chunk.error !== null) {
        stopped = true;
        problem(chunk.error.code, chunk.error.message);
      }
      return records;
    },
    end() {
      if (!stopped && reader.pendingBytes > 0) {
        problem("log-truncated", `The last ${reader.pendingBytes} bytes are not a whole entry`);
      }
    },
  };
}
