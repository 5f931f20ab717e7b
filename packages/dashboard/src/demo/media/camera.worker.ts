import type { CameraCommand, CameraTick } from "./camera-messages.ts";
import { cameraHeight, cameraWidth, drawCameraPicture, fillNoise } from "./camera-picture.ts";

// A worker, because the timers of a page slow down to one a second when its tab is hidden, which it is as soon as
// the reader looks at the session in another tab. A worker's timers go on.
const began = performance.now();
let timer: ReturnType<typeof setInterval> | undefined;
let draw: () => void = () => {};

addEventListener("message", ({ data }: MessageEvent<CameraCommand>) => {
  if (data.start !== undefined) {
    draw =
      data.start.frames === null ? tick : frameWriter(data.start.name, data.start.hue, data.start.frames);
  }
  if (data.framesPerSecond !== undefined) {
    clearInterval(timer);
    if (data.framesPerSecond > 0) timer = setInterval(draw, 1000 / data.framesPerSecond);
  }
});

function tick(): void {
  const message: CameraTick = { elapsedMs: performance.now() - began };
  postMessage(message);
}

function frameWriter(name: string, hue: number, frames: WritableStream<VideoFrame>): () => void {
  const canvas = new OffscreenCanvas(cameraWidth, cameraHeight);
  const noise = new OffscreenCanvas(160, 90);
  const context = canvas.getContext("2d");
  const noiseContext = noise.getContext("2d");
  if (context === null || noiseContext === null) throw new Error("This browser gives a worker no canvas.");
  const pixels = noiseContext.createImageData(noise.width, noise.height);
  const writer = frames.getWriter();
  return () => {
    // A page that is behind gets fewer frames, as from a real camera, and no queue.
    if ((writer.desiredSize ?? 0) <= 0) return;
    const now = performance.now();
    fillNoise(pixels.data);
    noiseContext.putImageData(pixels, 0, 0);
    drawCameraPicture(context, { name, hue, elapsedMs: now - began, noise });
    const frame = new VideoFrame(canvas, { timestamp: Math.round(now * 1000) });
    writer.write(frame).catch(() => {
      frame.close();
      clearInterval(timer);
    });
  };
}
