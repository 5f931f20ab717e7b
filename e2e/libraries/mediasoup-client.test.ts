import { describeLibrary } from "./describe-library.ts";
import { mediasoupServer } from "./stand-ins/mediasoup-server.ts";

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
