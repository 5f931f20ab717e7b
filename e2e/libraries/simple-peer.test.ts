import { expect } from "vitest";
import { describeLibrary } from "./describe-library.ts";
import { openChannels } from "./expect-recorded.ts";

describeLibrary("simple-peer", {
  connectionsPerCall: 2,
  sendingPerCall: 2,
  methods: ["createOffer|createAnswer", "setLocalDescription", "setRemoteDescription", "addIceCandidate"],
  tells: [
    ...["caller", "callee"].flatMap((side) => [`${side} connect`, `${side} stream`, `${side} close`]),
    "callee heard hello",
  ],
  receives: ["audio", "audio", "video", "video"],
  // Both ends of one in each of two calls.
  also: (run) => expect(openChannels(run)).toBe(4),
});
