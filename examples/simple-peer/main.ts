import { start } from "@peerscope/client";
import { callYourself } from "./call.ts";
import { settings, show } from "../page.ts";

// Before the first `new Peer`: from here on every connection is seen.
const { url, token, user, call } = settings;
start({ url, token, user, call });

const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
const { caller, callee, hangUp } = callYourself(stream);
let isOver = false;
// The side that is hung up on may be told that its channel was aborted before it is told of the end.
for (const peer of [caller, callee]) peer.on("error", (error) => isOver || console.error(error));
callee.on("stream", (remote) =>
  show(remote, () => {
    isOver = true;
    hangUp();
  }),
);
