import { describeLibrary } from "./describe-library.ts";
import { janusServer } from "./stand-ins/janus-server.ts";

describeLibrary("janus-gateway", {
  standIn: janusServer,
  connectionsPerCall: 1,
  sendingPerCall: 1,
  methods: ["createOffer", "setLocalDescription", "setRemoteDescription"],
  tells: ["remote audio on", "remote video on", "up", "cleanup"],
  receives: ["audio", "video"],
});
