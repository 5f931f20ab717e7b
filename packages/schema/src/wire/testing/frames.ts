import { maxFrameBytes } from "../frame.ts";
import { chainHash, hashSeed, readHeader, writeHeader } from "../header.ts";
import { createRangeEncoder } from "../range-coder.ts";
import { createState, type State } from "../state.ts";

/** Hash of a frame, to which the next one is chained. */
export const hashOf = (frame: Uint8Array, last: number): number =>
  chainHash(frame.subarray(0, -2), readHeader(frame).keyframe ? hashSeed : last);

/** The frame with the checksum that fits its other bytes, so that a decoder looks at what is before it. */
export const withChecksum = (frame: Uint8Array, last: number): Uint8Array => {
  try {
    const copy = Uint8Array.from(frame.subarray(0, maxFrameBytes));
    const hash = hashOf(copy, last);
    copy.set([hash >>> 24, (hash >>> 16) & 255], copy.length - 2);
    return copy;
  } catch {
    return frame;
  }
};

/** A keyframe with a right checksum, whose bits are said one by one. */
export const frameOf = (write: (state: State) => void): Uint8Array => {
  const coder = createRangeEncoder();
  const state = createState(coder);
  writeHeader(coder.put, 0, true);
  state.model.begin();
  write(state);
  coder.finish();
  return withChecksum(Uint8Array.of(...coder.bytes(), 0, 0), hashSeed);
};
