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
import { createFrameEncoder, type SessionRecord } from "@peerscope/schema";
import type { LossReason } from "./loss-reason.ts";

type Kind = SessionRecord["kind"];

/** An encoded frame that the server has not acknowledged. */
export interface QueuedFrame {
  readonly sequence: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of its records. */
  readonly kinds: readonly Kind[];
}

export interface FrameQueue {
  /** Takes a record, or counts it as lost. */
  push(record: SessionRecord): void;
  /** Counts records that were lost before they got here. */
  lose(reason: LossReason, ...kinds: readonly Kind[]): void;
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
  /** Of all frames so far. */
  readonly bytesEncoded: number;
  /** Oldest first, without holes. */
  readonly frames: readonly QueuedFrame[];
  status(): { framesAcknowledged: number; recordsQueued: number; lost: number };
}

/** A reader can start at each of these. Ours: about once a minute, some 2 % more bytes. */
const framesPerKeyframe = 60;
/** Records that wait to be encoded; reached only by an app that sends events in a loop. Ours. */
const maxRecords = 2_000;
/** A loss that goes on is told this often, in milliseconds. Ours. */
const lossNoticeMs = 10_000;

/** `maxBytes` is of encoded frames. What is thinned is whole rounds of `intervalMs`, the cadence of the samples. */
export function createFrameQueue(now: () => number, maxBytes: number, intervalMs: number): FrameQueue {
  let encoder = createFrameEncoder();
  let records: SessionRecord[] = [];
  const frames: QueuedFrame[] = [];
  let bytes = 0;
  let bytesEncoded = 0;
  let framesAcknowledged = 0;
  let lost = 0;
  let untold = new Map<LossReason, { samples: number; events: number }>();
  let toldAt = -Infinity;
  let closed: LossReason | undefined;

  function lose(reason: LossReason, ...kinds: readonly Kind[]): void {
    const counts = untold.get(reason) ?? { samples: 0, events: 0 };
    untold.set(reason, counts);
    for (const kind of kinds) counts[kind === "sample" ? "samples" : "events"]++;
    lost += kinds.length;
  }

  function refusal({ kind, at }: SessionRecord): LossReason | undefined {
    const fill = bytes / maxBytes;
    const isSample = kind === "sample";
    if (closed) return closed;
    if (records.length >= maxRecords || fill >= (isSample ? 1 : 1.25)) return "buffer-full";
    // Of the rounds of samples all get in, each 5th from half full on, each 15th from three quarters on. Ours.
    const isKept = !isSample || fill < 0.5 || Math.floor(at / intervalMs) % (fill < 0.75 ? 5 : 15) === 0;
    return isKept ? undefined : "thinned";
  }

  /** Takes out the frames up to this sequence. */
  function take(sequence: number): readonly QueuedFrame[] {
    const taken = frames.filter((frame) => frame.sequence <= sequence);
    for (const frame of taken) bytes -= frame.bytes.length;
    frames.splice(0, taken.length);
    return taken;
  }

  function acknowledge(sequence: number): void {
    framesAcknowledged += take(sequence).length;
  }

  function loseFrames(reason: LossReason): void {
    for (const { kinds } of take(Infinity)) lose(reason, ...kinds);
  }

  return {
    push(record) {
      const reason = refusal(record);
      if (reason) lose(reason, record.kind);
      else records.push(record);
    },
    lose,
    flush(last) {
      if (closed) return;
      const at = now();
      const batch = records;
      const kinds = batch.map(({ kind }) => kind);
      // Notices are not counted when they are lost themselves: the count never feeds itself.
      if (bytes <= 1.25 * maxBytes && (last || at - toldAt >= lossNoticeMs)) {
        for (const [reason, data] of untold) {
          batch.push({ kind: "event", at, name: "sdk-records-lost", data: { reason, ...data } });
          toldAt = at;
        }
        untold = new Map();
      }
      if (batch.length === 0) return;
      records = [];
      const sequence = encoder.nextSequence;
      // The codec makes each frame as a buffer of its own.
      const frame = encoder.encode(batch, {
        keyframe: sequence % framesPerKeyframe === 0,
      }) as Uint8Array<ArrayBuffer>;
      frames.push({ sequence, bytes: frame, kinds });
      bytes += frame.length;
      bytesEncoded += frame.length;
    },
    acknowledge,
    resume(acknowledged) {
      const next = encoder.nextSequence;
      if (acknowledged >= (frames[0]?.sequence ?? next) - 1 && acknowledged < next) {
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
      lose(reason, ...records.map(({ kind }) => kind));
      records = [];
    },
    get bytesEncoded() {
      return bytesEncoded;
    },
    frames,
    status: () => ({
      framesAcknowledged,
      recordsQueued: frames.reduce((sum, { kinds }) => sum + kinds.length, records.length),
      lost,
    }),
  };
}
