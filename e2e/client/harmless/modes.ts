/* oxlint-disable typescript/unbound-method -- the cases do what apps do, and what apps should not do */
import type { Monitor } from "@peerscope/client";

/** What happens in a frame before the cases run in it, in this order. */
export type Step =
  /** One copy of the SDK, or the other, starts or stops. */
  | "start"
  | "startOther"
  | "stop"
  | "stopOther"
  /** The app puts functions of its own, marked `byApp`, over those it finds. */
  | "wrap"
  /** createOffer becomes a function of which it is known when its promise settles: at once, as `iceRestart` says. */
  | "settle"
  /** A connection lives and ends, so that what stops has something to take back. */
  | "use";

export interface Mode {
  readonly steps: readonly Step[];
}

/** Without the SDK: what the others are compared with. */
export const native: Mode = { steps: [] };
export const wrappedByApp: Mode = { steps: ["wrap"] };

/** Name, the mode, and what it has to look like. */
export const modes: readonly (readonly [name: string, mode: Mode, like: Mode])[] = [
  ["without the SDK, a second time", native, native],
  ["watched", { steps: ["start"] }, native],
  ["watched, then stopped", { steps: ["start", "use", "stop"] }, native],
  ["watched twice", { steps: ["start", "startOther"] }, native],
  ["watched twice, one stopped", { steps: ["start", "startOther", "use", "stop"] }, native],
  [
    "watched twice, stopped in the order of their start",
    { steps: ["start", "startOther", "use", "stop", "stopOther"] },
    native,
  ],
  [
    "watched twice, stopped in reverse order",
    { steps: ["start", "startOther", "use", "stopOther", "stop"] },
    native,
  ],
  ["wrapped by the app, then watched", { steps: ["wrap", "start"] }, wrappedByApp],
  ["watched, then wrapped by the app", { steps: ["start", "wrap"] }, wrappedByApp],
  [
    "watched, then wrapped by the app, then stopped",
    { steps: ["start", "wrap", "use", "stop"] },
    wrappedByApp,
  ],
];

/** Where a watched page may differ, with the number of copies that still watch. */
export const documentedModes: readonly (readonly [name: string, mode: Mode, watching: number])[] = [
  ["watched", { steps: ["settle", "start"] }, 1],
  ["watched twice", { steps: ["settle", "start", "startOther"] }, 2],
  ["watched, then stopped", { steps: ["settle", "start", "use", "stop"] }, 0],
];
export const settledNative: Mode = { steps: ["settle"] };

/** Runs in a frame from its text. */
export async function prepareFrame(steps: readonly Step[]): Promise<void> {
  const monitors: Partial<Record<string, Monitor>> = {};
  for (const step of steps) {
    if (step === "start" || step === "startOther") {
      const { play } = HTMLMediaElement.prototype;
      monitors[step] = globalThis.lab[step]();
      // The part that loads on demand watches this function, so it is there when it is another one.
      for (let waited = 0; waited < 5_000 && HTMLMediaElement.prototype.play === play; waited += 10)
        await new Promise((resolve) => setTimeout(resolve, 10));
      if (HTMLMediaElement.prototype.play === play) throw new Error("The SDK did not load as a whole.");
    }
    if (step === "stop") await monitors["start"]?.stop();
    else if (step === "stopOther") await monitors["startOther"]?.stop();
    else if (step === "use") {
      const pc = new RTCPeerConnection();
      pc.createDataChannel("use");
      await pc.setLocalDescription();
      pc.close();
    } else if (step === "settle") {
      Reflect.set(RTCPeerConnection.prototype, "createOffer", (options: RTCOfferOptions) =>
        options.iceRestart ? Promise.resolve() : Promise.reject(new Error("settled at once")),
      );
    } else if (step === "wrap") {
      const { prototype } = RTCPeerConnection;
      for (const name of ["createOffer", "setLocalDescription", "close", "createDataChannel"] as const) {
        const below = prototype[name] as (...args: unknown[]) => unknown;
        const above = function (this: unknown, ...args: unknown[]): unknown {
          return Reflect.apply(below, this, args);
        };
        Reflect.set(prototype, name, Object.assign(above, { byApp: true }));
      }
      const Below = globalThis.RTCPeerConnection;
      globalThis.RTCPeerConnection = class extends Below {
        static readonly byApp = true;
      };
      const { mediaDevices } = navigator;
      const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
      const above = async (constraints?: MediaStreamConstraints): Promise<MediaStream> =>
        await getUserMedia(constraints);
      mediaDevices.getUserMedia = Object.assign(above, { byApp: true });
    }
  }
}
