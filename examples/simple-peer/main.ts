import { start } from "@peerscope/client";
import { callYourself } from "./call.ts";
import { settings, show } from "../page.ts";

// Before the first `new Peer`: from here on every connection is seen.
const { url, token, user, call } = settings;
start({ url, token, user, call });

const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
const { callee, hangUp } = callYourself(stream);
callee.on("stream", (remote) => show(remote, hangUp));
