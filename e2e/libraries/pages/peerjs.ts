import { callSomebody, register, takeCalls } from "../../../examples/peerjs/call.ts";
import type { MakeCall } from "../library-page.ts";
import { deferred } from "./deferred.ts";

const makeCall: MakeCall = async ({ server, stream, told }) => {
  const { hostname, port } = new URL(server);
  const options = { host: hostname, port: Number(port), path: "/", secure: false };
  // Pages of several runs share the server.
  const run = crypto.randomUUID();
  const [kim, lee] = await Promise.all([register(`kim-${run}`, options), register(`lee-${run}`, options)]);
  // "stream" comes once for each track.
  const remoteTracks = new Set<MediaStreamTrack>();
  const end = (what: string) => {
    const { promise, resolve } = deferred();
    const close = (): void => {
      told(`${what} close`);
      resolve();
    };
    return { promise, close, error: ({ message }: Error): void => told(`${what} error ${message}`) };
  };

  const streams = { callee: deferred(), caller: deferred() };
  const gotStream = (side: keyof typeof streams, remote: MediaStream): void => {
    told(`${side} stream`);
    for (const track of remote.getTracks()) remoteTracks.add(track);
    if (remote.getTracks().length === 2) streams[side].resolve();
  };
  const ends = { callee: end("callee media"), caller: end("caller media"), data: end("caller data") };
  takeCalls(lee, stream, (incoming, remote) => {
    incoming.off("close", ends.callee.close).on("close", ends.callee.close);
    incoming.off("error", ends.callee.error).on("error", ends.callee.error);
    gotStream("callee", remote);
  });
  const call = callSomebody(kim, lee.id, stream, (remote) => gotStream("caller", remote));
  call.on("close", ends.caller.close).on("error", ends.caller.error);
  await Promise.all([streams.caller.promise, streams.callee.promise]);

  const heard = new Promise<unknown>((resolve) => {
    lee.on("connection", (connection) => connection.on("data", resolve));
  });
  const data = kim.connect(lee.id);
  data.on("close", ends.data.close).on("error", ends.data.error);
  data.on("open", () => void data.send("hello"));
  told(`callee heard ${String(await heard)}`);
  return {
    localTracks: stream.getTracks(),
    remoteTracks: [...remoteTracks],
    async hangUp() {
      call.close();
      data.close();
      await Promise.all(Object.values(ends).map(({ promise }) => promise));
      kim.destroy();
      lee.destroy();
    },
  };
};
globalThis.makeCall = makeCall;
