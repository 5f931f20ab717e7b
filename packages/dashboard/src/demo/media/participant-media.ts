import { cameraFpsNormally } from "../call/impairments.ts";
import { createSyntheticCamera } from "./synthetic-camera.ts";
import { createSyntheticVoice } from "./synthetic-voice.ts";

/** What one participant sends, and the ways to spoil it at its source. */
export interface ParticipantMedia {
  readonly stream: MediaStream;
  readonly source: "device" | "synthetic";
  setFrameRate(framesPerSecond: number): void;
  /** Null where it cannot be done: a real microphone always picks up something. */
  readonly setSilent: ((silent: boolean) => void) | null;
  /** The browser holds the synthetic sound back until the visitor touches the page. */
  readonly soundBlocked: () => boolean;
  stop(): void;
}

/** The visitor's own camera and microphone. Rejects as getUserMedia does. */
export async function openDevices(): Promise<ParticipantMedia> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: true,
    video: { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: cameraFpsNormally } },
  });
  return {
    stream,
    source: "device",
    setFrameRate(framesPerSecond) {
      // A camera that cannot go that low keeps its rate; the figures beside the picture show it.
      for (const track of stream.getVideoTracks()) {
        track
          .applyConstraints({ frameRate: { ideal: framesPerSecond, max: framesPerSecond } })
          .catch(() => {});
      }
    },
    setSilent: null,
    soundBlocked: () => false,
    stop() {
      for (const track of stream.getTracks()) track.stop();
    },
  };
}

/** A participant made of a drawn picture and a made-up voice. */
export function createSyntheticParticipant(options: {
  readonly name: string;
  readonly hue: number;
  readonly pitchHz: number;
}): ParticipantMedia {
  const camera = createSyntheticCamera({ ...options, framesPerSecond: cameraFpsNormally });
  const voice = createSyntheticVoice(options.pitchHz);
  return {
    stream: new MediaStream([voice.track, camera.track]),
    source: "synthetic",
    setFrameRate: (rate) => camera.setFrameRate(rate),
    setSilent: (silent) => voice.setSilent(silent),
    soundBlocked: () => voice.blocked(),
    stop() {
      camera.stop();
      voice.stop();
    },
  };
}
