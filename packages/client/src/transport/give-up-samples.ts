import { createFrameEncoder } from "@peerscope/schema";
import type { FrameQueue } from "./frame-queue.ts";

/**
 * Gives up samples, the oldest first, until the frames have at most so many bytes or no such samples are left. The oldest frames that
 * were never sent are encoded again without their samples, up to the next keyframe: numbers stay, and events stay in their frames.
 */
export function giveUpSamples(queue: FrameQueue, toBytes: number): void {
  const { frames } = queue;
  let left = frames.reduce((sum, { bytes }) => sum + bytes.length, -toBytes);
  while (left > 0) {
    const first = frames.findIndex(({ sent, kinds }) => !sent && kinds.includes("sample"));
    const oldest = frames[first];
    if (!oldest) return;
    const encoder = createFrameEncoder({ firstSequence: oldest.sequence });
    const end = frames.findIndex(({ isKeyframe }, index) => isKeyframe && index > first);
    queue.isKeyframeDue ||= end < 0;
    for (const frame of frames.slice(first, end < 0 ? undefined : end)) {
      queue.lose("buffer-full", ...frame.kinds.filter((kind) => kind === "sample"));
      frame.kinds = frame.kinds.filter((kind) => kind !== "sample");
      left -= frame.bytes.length;
      frame.bytes = encoder.encode(frame.others ?? []) as Uint8Array<ArrayBuffer>;
      left += frame.bytes.length;
    }
  }
}
