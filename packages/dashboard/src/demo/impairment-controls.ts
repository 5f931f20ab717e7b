import { cameraFpsNormally, type Impairments } from "./call/impairments.ts";
import type { DemoState } from "./demo-call.ts";

interface ControlWords {
  /** Stable name: data-testid of the control. */
  readonly id: string;
  readonly title: string;
  /** What it does to the call. */
  readonly does: string;
  /** What the session page should say about it. */
  readonly expect: string;
  /** Observation ids to look for. */
  readonly observations: readonly string[];
  /** Why it cannot be used now; null when it can. */
  readonly unavailable: (state: DemoState) => string | null;
}

export interface SliderControl extends ControlWords {
  readonly kind: "slider";
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly read: (impairments: Impairments) => number;
  readonly change: (value: number) => Partial<Impairments>;
  readonly words: (value: number) => string;
}

export interface SwitchControl extends ControlWords {
  readonly kind: "switch";
  readonly read: (impairments: Impairments) => boolean;
  readonly change: (on: boolean) => Partial<Impairments>;
}

export type ImpairmentControl = SliderControl | SwitchControl;

/** Right end of the bitrate slider: no cap. */
const noCapKbps = 2000;

const always = (): null => null;
const needsTransform = ({ canDropFrames }: DemoState): string | null =>
  canDropFrames ? null : "This browser lets no script near the encoded frames.";
const percent = (value: number): string => `${value} %`;

/** In the order of the media's way: source, encoder, network, connection. */
export const impairmentControls: readonly ImpairmentControl[] = [
  {
    id: "drop-video",
    kind: "slider",
    title: "Lose the picture on the way",
    does: "Drops this share of Ana's encoded frames between encoder and network.",
    expect:
      "At 100 % nothing leaves although the encoder works; Ben's picture stands still. A few per cent are enough for that.",
    observations: ["uplink-outage", "video-freeze"],
    unavailable: needsTransform,
    min: 0,
    max: 100,
    step: 1,
    read: ({ dropVideoPercent }) => dropVideoPercent,
    change: (dropVideoPercent) => ({ dropVideoPercent }),
    words: percent,
  },
  {
    id: "drop-audio",
    kind: "slider",
    title: "Lose the sound on the way",
    does: "Drops this share of Ana's encoded sound between encoder and network.",
    expect: "Ben's browser patches over the holes; at 100 % nothing is left to patch.",
    observations: ["uplink-outage", "audio-concealment"],
    unavailable: needsTransform,
    min: 0,
    max: 100,
    step: 1,
    read: ({ dropAudioPercent }) => dropAudioPercent,
    change: (dropAudioPercent) => ({ dropAudioPercent }),
    words: percent,
  },
  {
    id: "bitrate-cap",
    kind: "slider",
    title: "Cap the bitrate",
    does: "Sets maxBitrate of Ana's video sender, as an app would.",
    expect:
      "No line is blamed: the app asked for it. Ben's picture gets coarse; a hard change can freeze it for a moment.",
    observations: [],
    unavailable: always,
    min: 50,
    max: noCapKbps,
    step: 50,
    read: ({ bitrateCapKbps }) => bitrateCapKbps ?? noCapKbps,
    change: (value) => ({ bitrateCapKbps: value >= noCapKbps ? null : value }),
    words: (value) => (value >= noCapKbps ? "no cap" : `${value} kbit/s`),
  },
  {
    id: "camera-fps",
    kind: "slider",
    title: "Starve the camera",
    does: "Ana's camera gives fewer pictures a second.",
    expect:
      "No line is blamed: the source is slow. Ben loses points for the frame rate; a hard change can count as a freeze.",
    observations: [],
    unavailable: always,
    min: 1,
    max: cameraFpsNormally,
    step: 1,
    read: ({ cameraFps }) => cameraFps,
    change: (cameraFps) => ({ cameraFps }),
    words: (value) => `${value} frames/s`,
  },
  {
    id: "main-thread-load",
    kind: "slider",
    title: "Keep the page busy",
    does: "Blocks this page's main thread for a share of the time, in slices of 0.4 s.",
    expect:
      "Sound and picture run on other threads and go on. Samples come late, none is lost, no network is blamed.",
    observations: [],
    unavailable: always,
    min: 0,
    max: 95,
    step: 5,
    read: ({ mainThreadLoadPercent }) => mainThreadLoadPercent,
    change: (mainThreadLoadPercent) => ({ mainThreadLoadPercent }),
    words: percent,
  },
  {
    id: "mic-silent",
    kind: "switch",
    title: "Microphone picks up nothing",
    does: "The microphone stays on but delivers exact silence, like one muted at the headset.",
    expect: "After 10 s of nothing at all: the microphone, not the network.",
    observations: ["microphone-silent"],
    unavailable: ({ canSilenceMicrophone }) =>
      canSilenceMicrophone ? null : "Only with the synthetic microphone; mute yours at the headset instead.",
    read: ({ microphoneSilent }) => microphoneSilent,
    change: (microphoneSilent) => ({ microphoneSilent }),
  },
  {
    id: "mic-mute",
    kind: "switch",
    title: "Mute",
    does: "The app mutes Ana: track.enabled = false.",
    expect: "Nothing. Being muted is not a fault.",
    observations: [],
    unavailable: always,
    read: ({ microphoneMuted }) => microphoneMuted,
    change: (microphoneMuted) => ({ microphoneMuted }),
  },
  {
    id: "camera-off",
    kind: "switch",
    title: "Camera off",
    does: "The app switches Ana's camera off: track.enabled = false.",
    expect: "Nothing. A black picture that was asked for is not a fault.",
    observations: [],
    unavailable: always,
    read: ({ cameraOff }) => cameraOff,
    change: (cameraOff) => ({ cameraOff }),
  },
];
