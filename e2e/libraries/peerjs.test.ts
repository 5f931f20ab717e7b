import { expect } from "vitest";
import { describeLibrary } from "./describe-library.ts";
import { openChannels } from "./expect-recorded.ts";
import { peerServer } from "./stand-ins/peer-server.ts";

describeLibrary("peerjs", {
  standIn: peerServer,
  // A call and a data connection, two ends each.
  connectionsPerCall: 4,
  sendingPerCall: 2,
  methods: ["createOffer|createAnswer", "setLocalDescription", "setRemoteDescription", "addIceCandidate"],
  tells: [
    "caller stream",
    "callee stream",
    "callee heard hello",
    "caller media close",
    "caller data close",
    "callee media close",
  ],
  receives: ["audio", "audio", "video", "video"],
  // Both ends of each of two in each of two calls; a call has one too, to tell the other side of its end.
  also: (run) => expect(openChannels(run)).toBe(8),
});
