import { callYourself } from "../../../examples/simple-peer/call.ts";
import type { MakeCall } from "../library-page.ts";

const makeCall: MakeCall = async ({ stream, told }) => {
  const { caller, callee, hangUp } = callYourself(stream);
  const remoteTracks: MediaStreamTrack[] = [];
  let isOver = false;
  for (const [side, peer] of Object.entries({ caller, callee })) {
    for (const event of ["connect", "stream", "close"] as const) {
      peer.on(event, () => told(`${side} ${event}`));
    }
    // The side that is hung up on may see its data channel aborted before the connection closes, or not: a race of simple-peer.
    peer.on("error", ({ message }) => isOver || told(`${side} error ${message}`));
    peer.on("track", (track) => remoteTracks.push(track));
  }
  const connected = [caller, callee].map(
    (peer) => new Promise<void>((resolve) => peer.on("connect", resolve)),
  );
  const closed = [caller, callee].map((peer) => new Promise<void>((resolve) => peer.on("close", resolve)));
  const heard = new Promise<Uint8Array>((resolve) => callee.on("data", resolve));
  await Promise.all(connected);
  caller.send("hello");
  told(`callee heard ${new TextDecoder().decode(await heard)}`);
  return {
    localTracks: stream.getTracks(),
    remoteTracks,
    async hangUp() {
      isOver = true;
      hangUp();
      await Promise.all(closed);
    },
  };
};
globalThis.makeCall = makeCall;
