/**
 * Records on their way to the server. They are encoded into numbered frames a moment after they happened, sent or not: a
 * frame needs some hundred bytes for what takes ten kilobytes as objects, so four megabytes hold hours without a network.
 *
 * Sequence numbers have no holes, and a frame builds on those before it, so no frame is ever taken out of the middle. When the
 * buffer is full, give-up-samples.ts makes room. Where that is not enough, samples are refused, and events a
 * megabyte later. Each loss is counted by reason and told in the stream itself (decision 5).
 */
import {
  createFrameEncoder,
  type FrameEncoder,
  type MemberReduction,
  type SessionRecord,
} from "@peerscope/schema";
import { giveUpSamples } from "./give-up-samples.ts";
import type { LossReason } from "./loss-reason.ts";

type Kind = SessionRecord["kind"];

/** An encoded frame that the server has not acknowledged. */
export interface QueuedFrame {
  readonly sequence: number;
  bytes: Uint8Array<ArrayBuffer>;
  /** Of its records. */
  kinds: readonly Kind[];
  /** Its records without samples, if it can be encoded again. */
  readonly others?: readonly SessionRecord[];
  /** A reader can start here. */
  readonly isKeyframe?: boolean;
  /** It left the page: the server may have it, so its bytes stay as they are. */
  sent?: boolean;
}

/** What a page that is gone left for the next: its frames, and the sequence after them. */
export interface SavedFrames {
  readonly next: number;
  readonly frames: readonly {
    readonly sequence: number;
    readonly kinds: readonly Kind[];
    readonly bytes: readonly number[];
  }[];
}

export interface FrameQueue {
  /** Takes a record, or counts it as lost. */
  readonly push: (record: SessionRecord) => void;
  /** Counts records that were lost before they got here. */
  readonly lose: (reason: LossReason, ...kinds: readonly Kind[]) => void;
  /** Encodes what was pushed since the last time. `last`: also tells the losses that were not told yet. */
  readonly flush: (last?: boolean) => void;
  /** The server has everything up to this sequence on disk. */
  acknowledge(sequence: number): void;
  /**
   * A server says what it has. True when the stream goes on from there. False when that is not what it acknowledged
   * before: the next frame is then a keyframe with the sequence it expects, and unacknowledged frames are lost.
   */
  resume(acknowledged: number): boolean;
  /** Gives up everything there is, and all that comes. */
  abandon(reason: LossReason): void;
  /** It takes statistics as the browser gives them: what has to be reduced in them is on the way into a frame. */
  readonly reduces: boolean;
  /** Of all frames so far. */
  readonly bytesEncoded: number;
  /** Oldest first, without holes. */
  readonly frames: readonly QueuedFrame[];
  /** Sequence of the next frame. */
  readonly next: number;
  /** The next frame has to be a keyframe: the last one was encoded again, by another encoder. */
  isKeyframeDue: boolean;
  readonly status: () => { framesAcknowledged: number; recordsQueued: number; lost: number };
}

/** A reader can start at each of these. Ours: every ten minutes, some 2 % more bytes. */
const framesPerKeyframe = 600;
/** Records that wait to be encoded; reached only by an app that sends events in a loop. Ours. */
const maxRecords = 2_000;
/** Room that only events have, beyond the buffer, in bytes. Ours. */
const eventBytes = 1_000_000;
/** A loss that goes on is told this often, in milliseconds. Ours. */
const lossNoticeMs = 10_000;

/**
 * `maxBytes` is of encoded frames. It goes on where `saved` ends. `reduce` says what leaves the page of a member of statistics that is no number,
 * undefined for nothing; without it they come reduced.
 */
export function createFrameQueue(
  now: () => number,
  maxBytes: number,
  saved?: SavedFrames,
  reduce?: MemberReduction,
): FrameQueue {
  const encodeFrom = (firstSequence: number): FrameEncoder =>
    createFrameEncoder({ firstSequence, reduce, onLost: ({ kind }) => lose("not-encodable", kind) });
  let encoder = encodeFrom(saved?.next ?? 0);
  let records: SessionRecord[] = [];
  const frames = (saved?.frames ?? []).map((frame): QueuedFrame => {
    return { ...frame, bytes: new Uint8Array(frame.bytes), sent: true };
  });
  let bytes = sizeOf(frames);
  let bytesEncoded = 0;
  let framesAcknowledged = 0;
  let lost = 0;
  let untold: Partial<Record<LossReason, { samples: number; events: number }>> | undefined;
  let toldAt = -Infinity;
  let closed: LossReason | undefined;
  function lose(reason: LossReason, ...kinds: readonly Kind[]): void {
    const counts = ((untold ??= {})[reason] ??= { samples: 0, events: 0 });
    for (const kind of kinds) counts[kind === "sample" ? "samples" : "events"]++;
    lost += kinds.length;
  }

  /** Takes out the frames up to this sequence. */
  function take(sequence: number): readonly QueuedFrame[] {
    const taken = frames.filter((frame) => frame.sequence <= sequence);
    bytes -= sizeOf(taken);
    frames.splice(0, taken.length);
    return taken;
  }

  function acknowledge(sequence: number): void {
    framesAcknowledged += take(sequence).length;
  }

  function loseFrames(reason: LossReason): void {
    for (const { kinds } of take(Infinity)) lose(reason, ...kinds);
  }

  const queue: FrameQueue = {
    push(record) {
      const { kind } = record;
      const limit = maxBytes + (kind === "sample" ? 0 : eventBytes);
      // Only now, not when the frames were made: those of a connection that works were sent meanwhile.
      if (bytes > limit) {
        giveUpSamples(queue, maxBytes);
        bytes = sizeOf(frames);
      }
      const isFull = records.length >= maxRecords || bytes > limit;
      if (closed || isFull) lose(closed ?? "buffer-full", kind);
      else records.push(record);
    },
    lose,
    reduces: !!reduce,
    flush(last) {
      if (closed) return;
      const at = now();
      const batch = records;
      const kinds = batch.map(({ kind }) => kind);
      // Notices are not counted when they are lost themselves: the count never feeds itself.
      if (untold && bytes <= maxBytes + eventBytes && (last || at - toldAt >= lossNoticeMs)) {
        for (const [reason, data] of Object.entries(untold)) {
          batch.push({ kind: "event", at, name: "sdk-records-lost", data: { reason, ...data } });
          toldAt = at;
        }
        untold = undefined;
      }
      if (batch.length === 0) return;
      records = [];
      const sequence = encoder.nextSequence;
      const isKeyframe = queue.isKeyframeDue || sequence % framesPerKeyframe === 0;
      queue.isKeyframeDue = false;
      // No page shares the memory of the codec.
      const frame = encoder.encode(batch, { keyframe: isKeyframe }) as Uint8Array<ArrayBuffer>;
      const others = batch.filter(({ kind }) => kind !== "sample");
      frames.push({ sequence, bytes: frame, kinds, others, isKeyframe });
      bytesEncoded += frame.length;
      bytes += frame.length;
    },
    acknowledge,
    resume(acknowledged) {
      const { next } = queue;
      if (acknowledged >= (frames[0]?.sequence ?? next) - 1 && acknowledged < next) {
        acknowledge(acknowledged);
        return true;
      }
      loseFrames("server-lost-frames");
      encoder = encodeFrom(acknowledged + 1);
      return false;
    },
    abandon(reason) {
      closed = reason;
      loseFrames(reason);
      lose(reason, ...records.map(({ kind }) => kind));
      records = [];
    },
    get bytesEncoded() {
      return bytesEncoded;
    },
    frames,
    isKeyframeDue: false,
    get next() {
      return encoder.nextSequence;
    },
    status: () => ({
      framesAcknowledged,
      recordsQueued: frames.reduce((sum, { kinds }) => sum + kinds.length, records.length),
      lost,
    }),
  };
  return queue;
}

function sizeOf(frames: readonly QueuedFrame[]): number {
  return frames.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
