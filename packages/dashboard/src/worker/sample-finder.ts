import { createFrameDecoder, type SampleRecord, type SessionRecord } from "@peerscope/schema";
import type { KeptRecords } from "./kept-records.ts";
import type { StatsSnapshot } from "./messages.ts";

/** Finds whole reports again by time. */
export interface SampleFinder {
  /** Latest report of each peer connection at or before the instant, at most ten seconds old. */
  find(at: number): StatsSnapshot[];
  /** Every sample of the session, in its order, decoded as it is asked for. */
  all(): Iterable<SampleRecord>;
}

/** A report older than this is not what was going on at the cursor. Ours. */
const longestAgeMs = 10_000;

export function createSampleFinder({ frames, plain }: KeptRecords): SampleFinder {
  const collect = (found: Map<string, StatsSnapshot>, record: SessionRecord, at: number): void => {
    if (record.kind !== "sample" || record.at > at || at - record.at > longestAgeMs) return;
    const known = found.get(record.connectionId);
    if (known !== undefined && known.at > record.at) return;
    found.set(record.connectionId, { connectionId: record.connectionId, at: record.at, stats: record.stats });
  };

  return {
    find(at) {
      const found = new Map<string, StatsSnapshot>();
      for (const record of plain) collect(found, record, at);
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
      for (const record of plain) if (record.kind === "sample") yield record;
      const decoder = createFrameDecoder();
      for (const frame of frames) {
        const result = decoder.decode(frame.bytes);
        if (!result.ok) continue;
        for (const record of result.frame.records) if (record.kind === "sample") yield record;
      }
    },
  };
}
