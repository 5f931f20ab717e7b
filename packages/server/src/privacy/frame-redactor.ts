import {
  createFrameDecoder,
  createFrameEncoder,
  type FrameEncoder,
  type FrameHeader,
  type SessionRecord,
} from "@peerscope/schema";
import type { IngestErrorCode } from "../errors.ts";

/** A frame as it may be written, or why it may not. */
export type RedactedFrame =
  | {
      readonly ok: true;
      readonly frame: Uint8Array;
      /** What looking into it took, in bytes that would have taken as long to take in; 0 when nobody looked. */
      readonly work: number;
    }
  | { readonly ok: false; readonly code: IngestErrorCode; readonly detail?: string };

/**
 * Decoding and encoding take some 0.13 µs for each of what the weight of a frame counts, and looking through texts 0.15 µs a unit. At four
 * bytes a microsecond one session at the limit of its bytes a second takes a fifteenth of the main thread, whatever it says; a call has a few
 * hundred values a second, and an hour of it that is imported less than two megabytes. Ours.
 */
const bytesPerWeight = 1;
const bytesPerUnit = 0.6;
/**
 * Texts of one frame that are looked through, in UTF-16 units: the same text counts each time. Half a second of the main thread; twenty
 * session descriptions of hundreds of participants are less. Ours.
 */
const maxUnits = 1 << 22;

class TooMuchText extends Error {}

/** Looks into the frames of one session. Sequence numbers and keyframes stay as the client has them. */
export interface FrameRedactor {
  /** `durableSequence`: what is on disk; the client may send again what is not. */
  redact(bytes: Uint8Array, header: FrameHeader, durableSequence: number): RedactedFrame;
}

interface Pending {
  /** Length and last bytes of what the client sent: the checksum, which depends on all frames before it. */
  readonly length: number;
  readonly checksum: number;
  readonly frame: Uint8Array;
}

/**
 * Frames are differences to those before them, so each is decoded, reduced and encoded again with an encoder that goes on for the whole
 * session. What was made of frames that are not on disk is kept: the disk may fail, and then the client sends them again.
 */
export function createFrameRedactor(
  ruleOf: (onText: (units: number) => void) => (record: SessionRecord) => SessionRecord,
): FrameRedactor {
  let units = 0;
  const reduce = ruleOf((more) => {
    units += more;
    if (units > maxUnits) throw new TooMuchText();
  });
  const decoder = createFrameDecoder();
  const pending = new Map<number, Pending>();
  let encoder: FrameEncoder | null = null;
  let lostRecords = 0;

  /** Null when they are too much for a frame. */
  function encode(records: readonly SessionRecord[], { sequence, keyframe }: FrameHeader): Uint8Array | null {
    if (encoder?.nextSequence !== sequence) {
      encoder = createFrameEncoder({
        firstSequence: sequence,
        isExact: true,
        onLost: () => (lostRecords += 1),
      });
    }
    lostRecords = 0;
    const frame = encoder.encode(records.map(reduce), { keyframe });
    return lostRecords === 0 ? frame : null;
  }

  return {
    redact(bytes, header, durableSequence) {
      for (const sequence of pending.keys()) {
        if (sequence > durableSequence) break;
        pending.delete(sequence);
      }
      const { sequence, keyframe } = header;
      const { length } = bytes;
      const checksum = ((bytes[length - 2] ?? 0) << 8) | (bytes[length - 1] ?? 0);
      const known = pending.get(sequence);
      if (known?.length === length && known.checksum === checksum)
        return { ok: true, frame: known.frame, work: 0 };
      // Without what it builds on, nothing can be said of a frame.
      if (!keyframe && encoder?.nextSequence !== sequence) return { ok: false, code: "session-unreadable" };
      const decoded = decoder.decode(bytes);
      if (!decoded.ok) {
        const { code, message } = decoded.error;
        return code === "frame-gap"
          ? { ok: false, code: "session-unreadable" }
          : { ok: false, code, detail: message };
      }
      units = 0;
      let frame: Uint8Array | null;
      try {
        frame = encode(decoded.frame.records, header);
      } catch (error) {
        if (!(error instanceof TooMuchText)) throw error;
        encoder = null;
        const detail = `It has more text than is looked through: ${maxUnits} characters.`;
        return { ok: false, code: "frame-limit-exceeded", detail };
      }
      if (frame === null) {
        encoder = null;
        return {
          ok: false,
          code: "frame-limit-exceeded",
          detail: "Without what is taken out, it is too large.",
        };
      }
      // Those behind it were made to follow another one.
      for (const later of pending.keys()) if (later >= sequence) pending.delete(later);
      pending.set(sequence, { length, checksum, frame });
      return { ok: true, frame, work: decoder.weight * bytesPerWeight + units * bytesPerUnit };
    },
  };
}
