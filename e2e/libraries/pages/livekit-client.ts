import { Room, RoomEvent } from "livekit-client";
import { joinRoom } from "../../../examples/livekit-client/call.ts";
import type { MakeCall } from "../library-page.ts";
import { deferred } from "./deferred.ts";

const makeCall: MakeCall = async ({ server, stream, told }) => {
  const remoteTracks: MediaStreamTrack[] = [];
  const subscribed = deferred();
  const disconnected = deferred();
  const room = new Room();
  room.on(RoomEvent.Connected, () => told("connected"));
  room.on(RoomEvent.Reconnecting, () => told("reconnecting"));
  room.on(RoomEvent.LocalTrackPublished, ({ kind }) => told(`published ${kind}`));
  room.on(RoomEvent.Disconnected, (reason) => {
    told(`disconnected ${reason}`);
    disconnected.resolve();
  });
  await joinRoom(
    server,
    "access",
    stream.getTracks(),
    (track, from) => {
      told(`${track.kind} of ${from}`);
      remoteTracks.push(track.mediaStreamTrack);
      if (remoteTracks.length === 2) subscribed.resolve();
    },
    room,
  );
  await subscribed.promise;
  return {
    localTracks: stream.getTracks(),
    remoteTracks,
    async hangUp() {
      await room.disconnect();
      await disconnected.promise;
    },
  };
};
globalThis.makeCall = makeCall;
