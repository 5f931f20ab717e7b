import type { CameraCommand, CameraTick } from "./camera-messages.ts";
import { cameraHeight, cameraWidth, drawCameraPicture, fillNoise } from "./camera-picture.ts";

/** A camera that needs no device. */
export interface SyntheticCamera {
  readonly track: MediaStreamTrack;
  /** Frames drawn per second; 0 stops the picture while the track stays live. */
  setFrameRate(framesPerSecond: number): void;
  stop(): void;
}

/** Chromium's way to make a track from frames; not in TypeScript's DOM types. */
interface TrackGenerator extends MediaStreamTrack {
  readonly writable: WritableStream<VideoFrame>;
}
declare global {
  // eslint-disable-next-line no-var
  var MediaStreamTrackGenerator: (new (options: { kind: "video" }) => TrackGenerator) | undefined;
}

/** Draws in a worker where the browser can (the picture then goes on in a hidden tab), else on a canvas of the page. */
export function createSyntheticCamera(options: {
  readonly name: string;
  readonly hue: number;
  readonly framesPerSecond: number;
}): SyntheticCamera {
  const { name, hue, framesPerSecond } = options;
  const worker = new Worker(new URL("./camera.worker.ts", import.meta.url), { type: "module" });
  const tell = (command: CameraCommand, transfer: Transferable[] = []): void =>
    worker.postMessage(command, transfer);
  const Generator = globalThis.MediaStreamTrackGenerator;
  let track: MediaStreamTrack;
  if (Generator === undefined) {
    track = drawOnPage(worker, name, hue);
    tell({ start: { name, hue, frames: null }, framesPerSecond });
  } else {
    const generator = new Generator({ kind: "video" });
    track = generator;
    tell({ start: { name, hue, frames: generator.writable }, framesPerSecond }, [generator.writable]);
  }
  return {
    track,
    setFrameRate: (rate) => tell({ framesPerSecond: rate }),
    stop() {
      worker.terminate();
      track.stop();
    },
  };
}

function drawOnPage(worker: Worker, name: string, hue: number): MediaStreamTrack {
  const canvas = document.createElement("canvas");
  canvas.width = cameraWidth;
  canvas.height = cameraHeight;
  const noise = document.createElement("canvas");
  noise.width = 160;
  noise.height = 90;
  const context = canvas.getContext("2d");
  const noiseContext = noise.getContext("2d");
  const [track] = canvas.captureStream().getVideoTracks();
  if (context === null || noiseContext === null || track === undefined) {
    throw new Error("This browser cannot make a video track from a canvas.");
  }
  const pixels = noiseContext.createImageData(noise.width, noise.height);
  worker.addEventListener("message", ({ data }: MessageEvent<CameraTick>) => {
    fillNoise(pixels.data);
    noiseContext.putImageData(pixels, 0, 0);
    drawCameraPicture(context, { name, hue, elapsedMs: data.elapsedMs, noise });
  });
  return track;
}
