import type { FrameErrorCode } from "./frame.ts";

/** Thrown within the codec and caught where it begins. */
export class FrameFault extends Error {
  readonly code: FrameErrorCode;
  constructor(code: FrameErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
