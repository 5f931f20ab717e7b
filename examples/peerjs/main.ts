import { start } from "@peerscope/client";
import { callSomebody, register, takeCalls } from "./call.ts";
import { settings, show } from "../page.ts";

// Before `peer.call` and before a call comes: PeerJS makes a connection for each of them.
const { url, token, user, call } = settings;
start({ url, token, user, call });

// Open this page twice: once as ?user=lee, then as ?user=kim&callee=lee.
const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
const peer = await register(`${call}-${user}`);
takeCalls(peer, stream, (incoming, remote) => show(remote, () => incoming.close()));
if (settings.callee !== "") {
  const outgoing = callSomebody(peer, `${call}-${settings.callee}`, stream, (remote) =>
    show(remote, () => outgoing.close()),
  );
}
