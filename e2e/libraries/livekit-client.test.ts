import { describeLibrary } from "./describe-library.ts";
import { livekitServer } from "./stand-ins/livekit-server.ts";

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
