import { start } from "@peerscope/client";
import { callEchoTest } from "./call.ts";
import { settings, show } from "../page.ts";

// Before `createOffer`: janus.js makes its connection there. It stays one connection for each plugin handle.
const { url, token, user, call } = settings;
start({ url, token, user, call });

// ?server=wss://janus.example.com/ws is a Janus with the echo test plugin.
const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
const { hangUp } = await callEchoTest(settings.server, stream.getTracks(), {
  onRemoteTrack: (track, on) => on && show(track, hangUp),
});
