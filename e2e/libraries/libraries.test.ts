import { expect } from "vitest";
import { describeLibrary } from "./describe-library.ts";
import { openChannels } from "./expect-recorded.ts";
import { janusServer } from "./stand-ins/janus-server.ts";
import { livekitServer } from "./stand-ins/livekit-server.ts";
import { mediasoupServer } from "./stand-ins/mediasoup-server.ts";
import { peerServer } from "./stand-ins/peer-server.ts";
import { sipProxy } from "./stand-ins/sip-proxy.ts";

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

describeLibrary("sip.js", {
  standIn: sipProxy,
  connectionsPerCall: 2,
  // Each end has a camera of its own.
  sendingPerCall: 1,
  methods: ["createOffer|createAnswer", "setLocalDescription", "setRemoteDescription"],
  tells: [
    ...["caller", "callee"].flatMap((side) => [
      `${side} registered`,
      `${side} created`,
      `${side} answered`,
      `${side} hangup`,
    ]),
    "callee received",
  ],
  receives: ["audio", "audio", "video", "video"],
});

describeLibrary("janus-gateway", {
  standIn: janusServer,
  connectionsPerCall: 1,
  sendingPerCall: 1,
  methods: ["createOffer", "setLocalDescription", "setRemoteDescription"],
  tells: ["remote audio on", "remote video on", "up", "cleanup"],
  receives: ["audio", "video"],
});

describeLibrary("mediasoup-client", {
  standIn: mediasoupServer,
  // One to send, one to receive; a third, which asks what the browser can do, never connects.
  connectionsPerCall: 2,
  sendingPerCall: 1,
  methods: ["createOffer|createAnswer", "setLocalDescription", "setRemoteDescription"],
  tells: [
    ...["sending", "receiving"].flatMap((name) => [`${name} connected`, `${name} closed`]),
    ...["audio", "video"].flatMap((kind) => [
      `produces ${kind} producer-${kind}`,
      `consumes ${kind}`,
      `${kind} producer lost its transport`,
    ]),
  ],
  receives: ["audio", "video"],
});

describeLibrary("livekit-client", {
  standIn: livekitServer,
  connectionsPerCall: 1,
  sendingPerCall: 1,
  methods: [
    "createDataChannel",
    "addTransceiver",
    "createOffer",
    "setLocalDescription",
    "setRemoteDescription",
  ],
  tells: [
    "connected",
    "published audio",
    "published video",
    "audio of lee",
    "video of lee",
    // DisconnectReason.CLIENT_INITIATED
    "disconnected 1",
  ],
  receives: ["audio", "video"],
});
