import { start } from "@peerscope/client";
import { joinRoom } from "./call.ts";
import { settings, show } from "../page.ts";

// Before `room.connect` (and `room.prepareConnection`): the room makes its connections there.
const { url, token, user, call } = settings;
start({ url, token, user, call });

// ?server=wss://livekit.example.com&access=eyJ… : your LiveKit server, and a token for a room of it.
const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
const room = await joinRoom(settings.server, settings.access, stream.getTracks(), (track) =>
  show(track.mediaStreamTrack, () => room.disconnect()),
);
