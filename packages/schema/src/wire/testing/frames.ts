import { beginWriting, createCoder, finishWriting } from "../coder.ts";
import { maxFrameBytes } from "../frame.ts";
import { chainHash, frameOfWritten, hashSeed, readHeader, sign } from "../header.ts";
import { createState, type State } from "../state.ts";

/** Hash of a frame, to which the next one is chained. */
export const hashOf = (frame: Uint8Array, last: number): number =>
  chainHash(frame, readHeader(frame).keyframe ? hashSeed : last);

/** The frame with the checksum that fits its other bytes, so that a decoder looks at what is before it. */
export const withChecksum = (frame: Uint8Array, last: number): Uint8Array => {
  try {
    const copy = Uint8Array.from(frame.subarray(0, maxFrameBytes));
    sign(copy, readHeader(copy).keyframe ? hashSeed : last);
    return copy;
  } catch {
    return frame;
  }
};

/** A keyframe with a right checksum, whose bits are said one by one. */
export const frameOf = (write: (state: State) => void): Uint8Array => {
  const coder = createCoder();
  const state = createState(coder);
  beginWriting(coder);
  state.model.begin();
  write(state);
  finishWriting(coder);
  return withChecksum(frameOfWritten(coder, 0, true), hashSeed);
};
