import { callEchoTest } from "../../../examples/janus-gateway/call.ts";
import type { MakeCall } from "../library-page.ts";
import { deferred } from "./deferred.ts";

const makeCall: MakeCall = async ({ server, stream, told }) => {
  const remoteTracks = new Set<MediaStreamTrack>();
  const tracks = deferred();
  const up = deferred();
  const cleaned = deferred();
  const { hangUp } = await callEchoTest(server, stream.getTracks(), {
    onRemoteTrack(track, on) {
      // "off" comes when the far end is silent for a moment, and again when the call ends.
      if (!on) return;
      told(`remote ${track.kind} on`);
      remoteTracks.add(track);
      if (remoteTracks.size === 2) tracks.resolve();
    },
    onState(isConnected) {
      told(isConnected ? "up" : "down");
      if (isConnected) up.resolve();
    },
    onCleanup() {
      told("cleanup");
      cleaned.resolve();
    },
  });
  await Promise.all([tracks.promise, up.promise]);
  return {
    localTracks: stream.getTracks(),
    remoteTracks: [...remoteTracks],
    async hangUp() {
      await hangUp();
      await cleaned.promise;
    },
  };
};
globalThis.makeCall = makeCall;
