import {
  createFrameDecoder,
  type EventRecord,
  type SampleRecord,
  type SessionRecord,
} from "@peerscope/schema";

export const eventAt = (at: number, name = "click"): EventRecord => ({
  kind: "event",
  at,
  name: "app-event",
  data: { name },
});

/** A report of about the size that a call has once it runs, with counters that go on. */
export const sampleAt = (at: number, connectionId = "pc-1"): SampleRecord => ({
  kind: "sample",
  at,
  connectionId,
  stats: Array.from({ length: 10 }, (_, index) => ({
    id: `stat-${index}`,
    type: "inbound-rtp",
    timestamp: at + 0.25,
    packetsReceived: Math.round(at * (index + 1)) % 1_000_003,
    jitter: ((at * (index + 3)) % 997) / 1_000,
    totalDecodeTime: ((at * (index + 7)) % 9_973) / 1_000,
  })),
});

/** Decodes frames as a server does; throws where the stream has a hole or is broken. */
export function decodeAll(frames: readonly Uint8Array[]): { records: SessionRecord[]; sequences: number[] } {
  const decoder = createFrameDecoder();
  const records: SessionRecord[] = [];
  const sequences: number[] = [];
  for (const bytes of frames) {
    const result = decoder.decode(bytes);
    if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
    sequences.push(result.frame.sequence);
    records.push(...result.frame.records);
  }
  return { records, sequences };
}
