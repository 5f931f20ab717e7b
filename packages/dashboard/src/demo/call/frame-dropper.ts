import type { DropperCommand } from "./dropper-messages.ts";

/** Drops encoded frames of senders at random, between the encoder and the network. */
export interface FrameDropper {
  /** Members that the peer connection's configuration needs for it. */
  readonly configuration: RTCConfiguration;
  /** Call before the sender sends. */
  attach(sender: RTCRtpSender, kind: "audio" | "video"): void;
  /** 0 lets everything through, 1 drops everything. */
  setDropShare(kind: "audio" | "video", share: number): void;
  stop(): void;
}

/** Chromium's older way into the encoded frames; not in TypeScript's DOM types. */
interface EncodedStreams {
  readonly readable: ReadableStream;
  readonly writable: WritableStream;
}
type SenderWithStreams = RTCRtpSender & { createEncodedStreams(): EncodedStreams };

/** Null where the browser lets no script near the encoded frames. */
export function createFrameDropper(): FrameDropper | null {
  const hasTransform = "RTCRtpScriptTransform" in globalThis && "transform" in RTCRtpSender.prototype;
  const hasStreams = "createEncodedStreams" in RTCRtpSender.prototype;
  if (!hasTransform && !hasStreams) return null;
  const worker = new Worker(new URL("./dropper.worker.ts", import.meta.url), { type: "module" });
  return {
    configuration: hasTransform ? {} : insertableStreams,
    attach(sender, kind) {
      if (hasTransform) {
        sender.transform = new RTCRtpScriptTransform(worker, { kind });
      } else if (canGiveStreams(sender)) {
        const { readable, writable } = sender.createEncodedStreams();
        const command: DropperCommand = { streams: { kind, readable, writable } };
        worker.postMessage(command, [readable, writable]);
      }
    },
    setDropShare(kind, share) {
      const command: DropperCommand = { drop: { kind, share } };
      worker.postMessage(command, []);
    },
    stop: () => worker.terminate(),
  };
}

const insertableStreams: RTCConfiguration & { encodedInsertableStreams: boolean } = {
  encodedInsertableStreams: true,
};

function canGiveStreams(sender: RTCRtpSender): sender is SenderWithStreams {
  return "createEncodedStreams" in sender;
}
