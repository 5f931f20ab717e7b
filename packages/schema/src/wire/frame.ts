import type { SessionRecord } from "../records.ts";

/** Largest frame a server accepts, in bytes. */
export const maxFrameBytes = 1_048_576;

/** A decoded frame: a numbered batch of records. */
export interface DecodedFrame {
  readonly sequence: number;
  /** Needs nothing from earlier frames. */
  readonly keyframe: boolean;
  readonly records: readonly SessionRecord[];
  /** Records that were left out because they lack what their kind needs; absent when there are none. */
  readonly refusedRecords?: number;
}

/** Why bytes are not a frame. */
export type FrameErrorCode =
  | "frame-too-short"
  | "frame-not-peerscope"
  | "frame-version-unsupported"
  | "frame-too-large"
  | "frame-corrupt"
  | "frame-limit-exceeded"
  | "frame-gap";

export interface FrameError {
  readonly code: FrameErrorCode;
  readonly message: string;
}

export type FrameResult =
  | { readonly ok: true; readonly frame: DecodedFrame }
  | { readonly ok: false; readonly error: FrameError };

/** What the first bytes of a frame say. */
export interface FrameHeader {
  readonly sequence: number;
  readonly keyframe: boolean;
}

export type FrameHeaderResult =
  | { readonly ok: true; readonly header: FrameHeader }
  | { readonly ok: false; readonly error: FrameError };

/** Encodes records of one session into numbered frames. Stateful: later frames are differences to earlier ones. */
export interface FrameEncoder {
  /** Next frame. `keyframe: true` forgets all earlier state, so a reader can start here. */
  encode(records: readonly SessionRecord[], options?: { readonly keyframe?: boolean }): Uint8Array;
  /** Sequence number the next frame will get. */
  readonly nextSequence: number;
}

/**
 * Decodes the frames of one session in order. Never throws on bytes. A frame that was damaged on its way is refused and leaves
 * the state as it was; after one that was made wrongly, reading goes on at the next keyframe. Records share what did not change with
 * those of the frame before: they are not to be written to.
 */
export interface FrameDecoder {
  decode(bytes: Uint8Array): FrameResult;
  /**
   * Everything it knows, as bytes for this process, from which `createFrameDecoder` makes one that goes on where this one stopped: for who
   * follows many sessions and has nothing more of this one for now. It is not to be used afterwards.
   */
  rest(): Uint8Array;
  /** What the frame that was decoded last took, as `maxFrameWeight` counts: a few bytes may say much. 0 when it could not be decoded. */
  readonly weight: number;
}
