import { createFrameDecoder, type SampleRecord, type SessionRecord } from "@peerscope/schema";
import type { StatsSnapshot } from "./messages.ts";

interface KeptFrame {
  readonly bytes: Uint8Array;
  readonly keyframe: boolean;
  readonly firstAt: number;
  readonly lastAt: number;
}

/**
 * Finds whole reports again by time. Keeps the frames as they came, not the decoded reports: those of eight hours would
 * fill the memory of the tab. Records of a file are there decoded anyway and are kept as they are.
 */
export interface SampleFinder {
  addFrame(bytes: Uint8Array, keyframe: boolean, records: readonly SessionRecord[]): void;
  addRecords(records: readonly SessionRecord[]): void;
  /** Latest report of each peer connection at or before the instant, at most ten seconds old. */
  find(at: number): StatsSnapshot[];
  /** Every sample of the session, in its order, decoded as it is asked for. */
  all(): Iterable<SampleRecord>;
}

/** A report older than this is not what was going on at the cursor. Ours. */
const longestAgeMs = 10_000;

export function createSampleFinder(): SampleFinder {
  const frames: KeptFrame[] = [];
  const records: SampleRecord[] = [];

  const collect = (found: Map<string, StatsSnapshot>, record: SessionRecord, at: number): void => {
    if (record.kind !== "sample" || record.at > at || at - record.at > longestAgeMs) return;
    const known = found.get(record.connectionId);
    if (known !== undefined && known.at > record.at) return;
    found.set(record.connectionId, { connectionId: record.connectionId, at: record.at, stats: record.stats });
  };

  return {
    addFrame(bytes, keyframe, decoded) {
      const times = decoded.map((record) => record.at);
      const before = frames.at(-1)?.lastAt ?? 0;
      frames.push({
        bytes,
        keyframe,
        firstAt: times.length === 0 ? before : Math.min(...times),
        lastAt: times.length === 0 ? before : Math.max(...times),
      });
    },
    addRecords(more) {
      for (const record of more) if (record.kind === "sample") records.push(record);
    },
    find(at) {
      const found = new Map<string, StatsSnapshot>();
      for (const record of records) collect(found, record, at);
      let first = frames.findIndex((frame) => frame.lastAt >= at - longestAgeMs);
      if (first >= 0) {
        // Frames are differences: start where nothing earlier is needed.
        while (first > 0 && frames[first]?.keyframe === false) first -= 1;
        const decoder = createFrameDecoder();
        for (const frame of frames.slice(first)) {
          if (frame.firstAt > at) break;
          const result = decoder.decode(frame.bytes);
          if (result.ok) for (const record of result.frame.records) collect(found, record, at);
        }
      }
      return [...found.values()];
    },
    *all() {
      yield* records;
      const decoder = createFrameDecoder();
      for (const frame of frames) {
        const result = decoder.decode(frame.bytes);
        if (!result.ok) continue;
        for (const record of result.frame.records) if (record.kind === "sample") yield record;
      }
    },
  };
}
