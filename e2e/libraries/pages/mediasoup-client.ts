import { joinRoom } from "../../../examples/mediasoup-client/call.ts";
import { connectSignalling } from "../../../examples/mediasoup-client/signalling.ts";
import type { MakeCall } from "../library-page.ts";
import { deferred } from "./deferred.ts";

const makeCall: MakeCall = async ({ server, stream, told }) => {
  // The order of the sections that the far end offers.
  const tracks = [...stream.getAudioTracks(), ...stream.getVideoTracks()];
  const signalling = await connectSignalling(server);
  const { sending, receiving, producers, consumers, hangUp } = await joinRoom(signalling, tracks);
  const farEnd = new WebSocket(server);
  await new Promise((resolve) => farEnd.addEventListener("open", resolve));
  const connected = Object.entries({ sending, receiving }).map(async ([name, transport]) => {
    const { promise, resolve } = deferred();
    transport.on("connectionstatechange", (state) => {
      if (state === "connected" || state === "failed") told(`${name} ${state}`);
      if (state === "connected") resolve();
    });
    transport.observer.on("close", () => told(`${name} closed`));
    // The one thing that the stand-in needs and a mediasoup server does not.
    const pc = Reflect.get(transport.handler, "_pc") as RTCPeerConnection;
    const args = [transport.id, pc.localDescription?.sdp];
    farEnd.send(JSON.stringify({ id: 0, method: "localDescription", args }));
    await promise;
  });
  for (const producer of producers) {
    told(`produces ${producer.kind} ${producer.id}`);
    producer.on("transportclose", () => told(`${producer.kind} producer lost its transport`));
  }
  for (const consumer of consumers) told(`consumes ${consumer.kind}`);
  await Promise.all(connected);
  return {
    localTracks: tracks,
    remoteTracks: consumers.map(({ track }) => track),
    async hangUp() {
      hangUp();
      for (const { id } of [sending, receiving]) {
        farEnd.send(JSON.stringify({ id: 0, method: "close", args: [id] }));
      }
      signalling.close();
      farEnd.close();
    },
  };
};
globalThis.makeCall = makeCall;
