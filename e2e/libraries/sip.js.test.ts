import { describeLibrary } from "./describe-library.ts";
import { sipProxy } from "./stand-ins/sip-proxy.ts";

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
