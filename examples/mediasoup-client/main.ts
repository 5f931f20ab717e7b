import { start } from "@peerscope/client";
import { joinRoom } from "./call.ts";
import { connectSignalling } from "./signalling.ts";
import { settings, show } from "../page.ts";

// Before `device.load`: mediasoup-client makes a short-lived connection there, to ask what the browser can do.
const { url, token, user, call } = settings;
start({ url, token, user, call });

// ?server=wss://sfu.example.com is your server, with the handful of methods in call.ts in front of mediasoup.
const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
const { consumers, hangUp } = await joinRoom(await connectSignalling(settings.server), stream.getTracks());
for (const { track } of consumers) show(track, hangUp);
