import { createFrameEncoder, type SessionContext, type SessionRecord } from "@peerscope/schema";
import type { LoadTemplate } from "@peerscope/scenarios";

/** Who plays a template, and since when. */
export interface LoadPlayer {
  readonly userId: string;
  readonly callId: string;
  /** Marks the sessions of one run. */
  readonly run: string;
  /** Unix ms, whole. */
  readonly startAt: number;
}

/**
 * A template whose frames are encoded once for all who play it. A frame after the first is made of differences, which
 * are the same whoever it is and whenever it began; only its checksum, which is chained to the first frame, is not.
 * So a client costs one encoding, and each of its frames a copy.
 */
export interface PreparedSession {
  readonly name: string;
  /** Frames of a session before its last. */
  readonly frames: number;
  /** The first frame and the hash that the next one is chained to. */
  first(player: LoadPlayer): ChainedFrame;
  /** A frame from 1 to `frames` − 1, after the one that has this hash. */
  next(sequence: number, hash: number): ChainedFrame;
  /** The last frame, after any other. */
  last(sequence: number, player: LoadPlayer): Uint8Array;
}

export interface ChainedFrame {
  readonly bytes: Uint8Array;
  readonly hash: number;
}

/** Two players that have nothing in common but the length of their names, and the first frame of each. */
const samplePlayers: readonly LoadPlayer[] = [
  { userId: "user-000000", callId: "call-aaaaaaaa-000000", run: "aaaaaaaa", startAt: 1_700_000_000_000 },
  { userId: "user-987654", callId: "call-0bcdef19-135792", run: "0bcdef19", startAt: 1_812_345_678_901 },
];

/**
 * Encodes a template.
 * @throws Error when its frames would differ between players: a template must bring no new events after its opening.
 */
export function prepareSession(template: LoadTemplate): PreparedSession {
  const [one, other] = samplePlayers.map((player) => {
    const encoder = createFrameEncoder();
    encoder.encode(openingOf(template, player), { keyframe: true });
    return template.samples.map((sample) => encoder.encode([movedTo(sample, player.startAt)]));
  });
  const middle = one ?? [];
  for (const [index, frame] of middle.entries()) {
    if (Buffer.compare(withoutChecksum(frame), withoutChecksum(other?.[index] ?? new Uint8Array(2))) !== 0)
      throw new Error(`${template.name}: frame ${index + 1} is not the same for everybody`);
  }
  return {
    name: template.name,
    frames: middle.length + 1,
    first(player) {
      const bytes = createFrameEncoder().encode(openingOf(template, player), { keyframe: true });
      return { bytes, hash: chained(bytes, seed) };
    },
    next(sequence, hash) {
      const bytes = middle[sequence - 1]?.slice();
      if (bytes === undefined) throw new Error(`${template.name} has no frame ${sequence}`);
      return { bytes, hash: sign(bytes, hash) };
    },
    last(sequence, player) {
      // The end has events that the session did not have before. As a keyframe it needs nothing from before either.
      const endedAt = template.samples[sequence - 2]?.at ?? template.opening.at(-1)?.at ?? 0;
      const bytes = withSequence(
        createFrameEncoder().encode(
          template.ending.map((event) => ({ ...event, at: player.startAt + endedAt })),
          { keyframe: true },
        ),
        sequence,
      );
      sign(bytes, seed);
      return bytes;
    },
  };
}

/** All frames of a session that is played to its end. */
export function framesOfSession(prepared: PreparedSession, player: LoadPlayer): Uint8Array[] {
  return [...framesUpTo(prepared, player, prepared.frames), prepared.last(prepared.frames, player)];
}

/** Its first frames, at most `count`. */
export function framesUpTo(prepared: PreparedSession, player: LoadPlayer, count: number): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let hash = 0;
  for (let sequence = 0; sequence < Math.min(count, prepared.frames); sequence += 1) {
    const frame = sequence === 0 ? prepared.first(player) : prepared.next(sequence, hash);
    ({ hash } = frame);
    frames.push(frame.bytes);
  }
  return frames;
}

function openingOf(template: LoadTemplate, player: LoadPlayer): SessionRecord[] {
  const { userId, callId, run, startAt } = player;
  const context: SessionContext = {
    ...template.context,
    userId,
    callId,
    tags: { load: run, template: template.name },
  };
  return [
    { kind: "context", at: startAt, context },
    ...template.opening.map((record) => movedTo(record, startAt)),
  ];
}

function movedTo<Kind extends SessionRecord>(record: Kind, startAt: number): Kind {
  if (record.kind !== "sample") return { ...record, at: record.at + startAt };
  const stats = record.stats.map((object) => ({
    ...object,
    // Browsers give microseconds, and these have to be the same ones for everybody.
    timestamp: Math.round((object.timestamp + startAt) * 1_000) / 1_000,
  }));
  return { ...record, at: record.at + startAt, stats };
}

// The frame of docs/reference/wire.md, as far as a frame is made another one: kind, sequence (a varint), body, and the
// upper half of a chained FNV-1a as its checksum.
const checksumBytes = 2;
const seed = 0x811c_9dc5;

function withoutChecksum(frame: Uint8Array): Uint8Array {
  return frame.subarray(0, frame.length - checksumBytes);
}

function chained(frame: Uint8Array, before: number): number {
  let hash = before;
  const end = frame.length - checksumBytes;
  for (let index = 0; index < end; index += 1) hash = Math.imul(hash ^ (frame[index] ?? 0), 0x0100_0193);
  return hash;
}

function sign(frame: Uint8Array, before: number): number {
  const hash = chained(frame, before);
  frame[frame.length - 2] = hash >>> 24;
  frame[frame.length - 1] = hash >>> 16;
  return hash;
}

/** A frame of sequence 0 as one of another. */
function withSequence(frame: Uint8Array, sequence: number): Uint8Array {
  const varint: number[] = [];
  for (let left = sequence; ; left = Math.floor(left / 128)) {
    if (left < 128) {
      varint.push(left);
      break;
    }
    varint.push((left % 128) + 128);
  }
  return Uint8Array.from([frame[0] ?? 0, ...varint, ...frame.subarray(2)]);
}
