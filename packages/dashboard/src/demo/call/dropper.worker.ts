import type { DropperCommand } from "./dropper-messages.ts";

const dropShare = { audio: 0, video: 0 };

addEventListener("message", ({ data }: MessageEvent<DropperCommand>) => {
  if (data.drop !== undefined) dropShare[data.drop.kind] = data.drop.share;
  if (data.streams !== undefined) run(data.streams.kind, data.streams.readable, data.streams.writable);
});

addEventListener("rtctransform", (event) => {
  if (!("transformer" in event)) return;
  const { options, readable, writable } = event.transformer;
  run(options?.kind === "audio" ? "audio" : "video", readable, writable);
});

function run(kind: "audio" | "video", readable: ReadableStream, writable: WritableStream): void {
  const dropper = new TransformStream({
    transform(frame, controller) {
      // A share of 1 drops all: Math.random() is below 1.
      if (Math.random() >= dropShare[kind]) controller.enqueue(frame);
    },
  });
  // The pipe breaks when the connection is closed; that is its end, not an error.
  readable
    .pipeThrough(dropper)
    .pipeTo(writable)
    .catch(() => {});
}
