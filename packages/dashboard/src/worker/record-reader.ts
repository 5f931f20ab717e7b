import { createFrameDecoder, type FrameDecoder, type SessionRecord } from "@peerscope/schema";
import type { KeptFrame, KeptRecords } from "./kept-records.ts";

/** Decodes single records of a session again. */
export interface RecordReader {
  /** The record at a place; null where a gap stands, and for what cannot be decoded. */
  read(place: number): SessionRecord | null;
}

/**
 * Frames are differences: to have one, all from the last keyframe on are decoded. What was decoded last is kept, so that
 * reading on, and scrolling a page up and down, costs nothing again. `keptFrames` bounds it.
 */
export function createRecordReader(
  kept: KeptRecords,
  { keptFrames }: { readonly keptFrames: number },
): RecordReader {
  const decoded = new Map<number, readonly SessionRecord[]>();
  let decoder: FrameDecoder = createFrameDecoder();
  let next = 0;

  const decodeUpTo = (frame: number): readonly SessionRecord[] => {
    const start = keyframeBefore(kept.frames, frame);
    if (next <= start || next > frame) {
      decoder = createFrameDecoder();
      next = start;
    }
    let records: readonly SessionRecord[] = [];
    for (; next <= frame; next += 1) {
      const bytes = kept.frames[next]?.bytes;
      const result = bytes === undefined ? null : decoder.decode(bytes);
      records = result?.ok === true ? result.frame.records : [];
      decoded.delete(next);
      decoded.set(next, records);
      for (const oldest of decoded.keys()) {
        if (decoded.size <= keptFrames) break;
        decoded.delete(oldest);
      }
    }
    return records;
  };

  return {
    read(place) {
      const number = kept.recordNumberOf(place);
      if (number === null) return null;
      const frame = frameOf(kept.frames, number);
      const holder = kept.frames[frame];
      if (holder === undefined) return kept.plain[number] ?? null;
      const records = decoded.get(frame) ?? decodeUpTo(frame);
      return records[number - holder.firstRecord] ?? null;
    },
  };
}

/** Place of the frame that holds a record; -1 when none does. */
function frameOf(frames: readonly KeptFrame[], record: number): number {
  let low = 0;
  let high = frames.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const frame = frames[middle];
    if (frame !== undefined && frame.firstRecord + frame.records <= record) low = middle + 1;
    else high = middle;
  }
  return low < frames.length ? low : -1;
}

function keyframeBefore(frames: readonly KeptFrame[], frame: number): number {
  let start = frame;
  while (start > 0 && frames[start]?.keyframe === false) start -= 1;
  return start;
}
