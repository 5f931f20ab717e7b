import type { InboundStream } from "../model/streams.ts";
import type { InboundInterval } from "./inbound-interval.ts";

/** Of the frame rate so far, what counts on after a sample. Ours, as for the packet rate. */
const smoothing = 0.8;

/** Half of the full rate is forgotten in it: a camera may be slow for many minutes, and be taken for a slow one after that. Ours. */
const halfLifeS = 600;

/** Shortest interval whose frames make a rate, s. Ours. */
const shortestS = 0.5;

let usualSeconds = 0;
let usualForgotten = 1;

/** What is left of the full rate after so long. Intervals are mostly as long as the one before, and powers take long. */
function leftAfter(seconds: number): number {
  if (seconds !== usualSeconds) {
    usualSeconds = seconds;
    usualForgotten = 0.5 ** (seconds / halfLifeS);
  }
  return usualForgotten;
}

/** Learns how fast the frames of a picture come at best. */
export function trackFrameRate(stream: InboundStream, { framesReceived, seconds }: InboundInterval): void {
  if (framesReceived === null || seconds < shortestS) return;
  const { frameRate } = stream;
  const now = framesReceived / seconds;
  frameRate.smoothed =
    frameRate.smoothed === null ? now : frameRate.smoothed * smoothing + now * (1 - smoothing);
  frameRate.full = Math.max(frameRate.smoothed, frameRate.full * leftAfter(seconds));
}
