/**
 * Records on their way to the server. They are encoded into numbered frames a moment after they happened, sent or not: a
 * frame needs some hundred bytes for what takes ten kilobytes as objects, so four megabytes hold hours without a network.
 *
 * A frame is only ever removed because the server has it on disk. Later frames are differences to it, and sequence
 * numbers have no holes, so a frame taken out of the middle would cost everything up to the next keyframe. Memory is kept
 * in bounds before encoding instead: the fuller the buffer, the fewer samples get in, so that a long outage is covered
 * to its end at a falling resolution, and events get in longest. What is left out never touched the state of
 * the encoder: the stream stays decodable as it is. Each loss is counted by reason and told in the stream itself.
 */
import { createFrameEncoder, type FrameEncoder, type SessionRecord } from "@peerscope/schema";
import type { LossReason } from "./loss-reason.ts";

/** An encoded frame that the server has not acknowledged. */
export interface QueuedFrame {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  readonly samples: number;
  readonly events: number;
}

export interface FrameQueue {
  /** Takes a record, or counts it as lost. */
  push(record: SessionRecord): void;
  /** Counts records that were lost before they got here. */
  lose(reason: LossReason, samples: number, events: number): void;
  /** Encodes what was pushed since the last time. `last`: also tells the losses that were not told yet. */
  flush(last?: boolean): void;
  /** The server has everything up to this sequence on disk. */
  acknowledge(sequence: number): void;
  /**
   * A server says what it has. True when the stream goes on from there. False when that is not what it acknowledged
   * before: the next frame is then a keyframe with the sequence it expects, and unacknowledged frames are lost.
   */
  resume(acknowledged: number): boolean;
  /** Gives up everything there is, and all that comes. */
  abandon(reason: LossReason): void;
  /** Oldest first, without holes. */
  readonly frames: readonly QueuedFrame[];
  readonly status: {
    readonly framesAcknowledged: number;
    readonly recordsQueued: number;
    readonly lost: number;
  };
}

export interface FrameQueueOptions {
  readonly now: () => number;
  /** Of encoded frames. */
  readonly maxBytes: number;
  /** Cadence of the samples: what is thinned is whole rounds of it. */
  readonly intervalMs: number;
}

/** A reader can start at each of these. Ours: about once a minute, some 2 % more bytes. */
const framesPerKeyframe = 60;
/** Records that wait to be encoded; reached only by an app that sends events in a loop. Ours. */
const maxRecords = 2_000;
/** A loss that goes on is told this often. Ours. */
const lossNoticeMs = 10_000;

/** Which rounds of samples get in: all, each 5th from half full on, each 15th from three quarters on. Ours. */
function roundsPerSample(fill: number): number {
  return fill < 0.5 ? 1 : fill < 0.75 ? 5 : 15;
}

export function createFrameQueue({ now, maxBytes, intervalMs }: FrameQueueOptions): FrameQueue {
  let encoder: FrameEncoder = createFrameEncoder();
  let records: SessionRecord[] = [];
  let frames: QueuedFrame[] = [];
  let bytes = 0;
  let framesAcknowledged = 0;
  let lost = 0;
  let untold = new Map<LossReason, { samples: number; events: number }>();
  let toldAt = -Infinity;
  let closed: LossReason | null = null;

  function lose(reason: LossReason, samples: number, events: number): void {
    const count = untold.get(reason) ?? { samples: 0, events: 0 };
    count.samples += samples;
    count.events += events;
    untold.set(reason, count);
    lost += samples + events;
  }

  function refusal(record: SessionRecord): LossReason | null {
    const fill = bytes / maxBytes;
    if (closed !== null) return closed;
    if (records.length >= maxRecords) return "buffer-full";
    if (record.kind !== "sample") return fill < 1.25 ? null : "buffer-full";
    if (fill >= 1) return "buffer-full";
    return Math.floor(record.at / intervalMs) % roundsPerSample(fill) === 0 ? null : "thinned";
  }

  /** Notices are made here from counters, and not counted when they are lost: the count never feeds itself. */
  function tellLosses(last: boolean): void {
    if (untold.size === 0 || bytes > 1.25 * maxBytes || (!last && now() - toldAt < lossNoticeMs)) return;
    toldAt = now();
    for (const [reason, count] of untold) {
      records.push({ kind: "event", at: toldAt, name: "sdk-records-lost", data: { reason, ...count } });
    }
    untold = new Map();
  }

  function take(count: number): readonly QueuedFrame[] {
    const taken = frames.slice(0, count);
    frames = frames.slice(count);
    for (const frame of taken) bytes -= frame.bytes.length;
    return taken;
  }

  function acknowledge(sequence: number): void {
    const count = frames.filter((frame) => frame.sequence <= sequence).length;
    framesAcknowledged += take(count).length;
  }

  function loseFrames(reason: LossReason): void {
    for (const frame of take(frames.length)) lose(reason, frame.samples, frame.events);
  }

  return {
    push(record) {
      const reason = refusal(record);
      const isSample = record.kind === "sample";
      if (reason === null) records.push(record);
      else lose(reason, isSample ? 1 : 0, isSample ? 0 : 1);
    },
    lose,
    flush(last = false) {
      if (closed !== null) return;
      tellLosses(last);
      if (records.length === 0) return;
      const batch = records;
      records = [];
      const sequence = encoder.nextSequence;
      const frame = encoder.encode(batch, { keyframe: sequence % framesPerKeyframe === 0 });
      const samples = batch.filter(({ kind }) => kind === "sample").length;
      frames.push({ sequence, bytes: frame, samples, events: batch.length - samples });
      bytes += frame.length;
    },
    acknowledge,
    resume(acknowledged) {
      const first = frames[0]?.sequence ?? encoder.nextSequence;
      if (acknowledged >= first - 1 && acknowledged < encoder.nextSequence) {
        acknowledge(acknowledged);
        return true;
      }
      loseFrames("server-lost-frames");
      encoder = createFrameEncoder({ firstSequence: acknowledged + 1 });
      return false;
    },
    abandon(reason) {
      closed = reason;
      loseFrames(reason);
      lost += records.length;
      records = [];
    },
    get frames() {
      return frames;
    },
    get status() {
      const queued = frames.reduce((sum, { samples, events }) => sum + samples + events, records.length);
      return { framesAcknowledged, recordsQueued: queued, lost };
    },
  };
}
