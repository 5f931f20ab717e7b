import type { LabPage, LabPicture } from "./lab-page.ts";
import type { LinkSettings } from "./link.ts";

/** Something done during a call. */
export type Step =
  | {
      readonly at: number;
      readonly label: string;
      readonly impair: "both" | "uplink" | "downlink";
      readonly peer: string;
      readonly settings: LinkSettings;
    }
  | { readonly at: number; readonly label: string; readonly restore: true }
  | {
      readonly at: number;
      readonly label: string;
      readonly peer: string;
      /** Runs in the participant's page. */
      readonly page: (lab: LabPage) => void | Promise<void>;
    }
  | {
      readonly at: number;
      readonly label: string;
      readonly peer: string;
      /** Share of one core that the participant's browser gets; null: no limit any more. */
      readonly cpuShare: number | null;
    }
  | {
      readonly at: number;
      readonly label: string;
      readonly peer: string;
      /** false: the participant looks at another tab. */
      readonly visible: boolean;
    };

/** A call and what is done to it. Seconds count from the moment when everybody is connected. */
export interface Scenario {
  readonly seconds: number;
  readonly steps: readonly Step[];
  /** Impaired before anybody joins, so that nobody connects. */
  readonly unreachable?: string;
  /** This participant's camera and microphone are denied. */
  readonly denied?: string;
  /** Over which server the call goes: a TURN server, or a media server (SFU) with a third participant. Left out: none. */
  readonly over?: "turn" | "sfu";
  /** Of both participants; Chromium when left out. */
  readonly browser?: "chromium" | "firefox";
  /** What getUserMedia is asked for: a microphone and a camera of 640x360 at 30 frames per second when left out. */
  readonly constraints?: MediaStreamConstraints;
  /** Sent instead of the camera, which hardly moves. */
  readonly picture?: LabPicture;
  /** As in "video/VP9" the "VP9". */
  readonly videoCodec?: string;
  /** Opus sends nothing in silence. */
  readonly silenceSuppressed?: boolean;
}

function during(
  from: number,
  to: number,
  impair: "both" | "uplink" | "downlink",
  settings: LinkSettings,
  label: string,
): Step[] {
  return [
    { at: from, label, impair, peer: "a", settings },
    { at: to, label: "restore", restore: true },
  ];
}

/** Scenarios by name, between two participants a and b; all harm is done to a. */
export const scenarios: { readonly [name: string]: Scenario } = {
  "good-call": { seconds: 45, steps: [] },
  "loss-10": { seconds: 45, steps: during(8, 38, "both", { lossRatio: 0.1 }, "loss 10 % both ways on a") },
  "burst-loss": {
    seconds: 40,
    steps: during(8, 32, "uplink", { lossRatio: 0.05, burstPackets: 12 }, "5 % in bursts of 12, a's uplink"),
  },
  "high-jitter": {
    seconds: 45,
    steps: during(
      8,
      38,
      "both",
      { delayMs: 100, jitterMs: 80, reordering: true },
      "delay 100±80 ms with reordering, both ways on a",
    ),
  },
  "latency-400": { seconds: 35, steps: during(8, 28, "both", { delayMs: 200 }, "200 ms more each way on a") },
  "cap-150kbps": {
    seconds: 55,
    steps: during(
      12,
      44,
      "uplink",
      { rateKbps: 150, queueMs: 400 },
      "a's uplink 150 kbit/s, queue of 400 ms",
    ),
  },
  "outage-8s": {
    seconds: 40,
    steps: during(12, 20, "both", { outage: true }, "no packet to or from a for 8 s"),
  },
  "ice-failure-initial": { seconds: 40, steps: [], unreachable: "a" },
  "muted-mic": {
    seconds: 45,
    steps: [
      { at: 10, label: "microphone muted", peer: "a", page: (lab) => lab.enableMicrophone(false) },
      { at: 25, label: "microphone unmuted", peer: "a", page: (lab) => lab.enableMicrophone(true) },
      { at: 30, label: "camera stopped", peer: "a", page: (lab) => lab.stopCamera() },
    ],
  },
  "gum-denied": { seconds: 25, steps: [], denied: "a" },
};
