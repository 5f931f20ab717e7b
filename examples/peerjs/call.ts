import { Peer, type MediaConnection, type PeerOptions } from "peerjs";

/** Registers this page under a name. `options` say which PeerServer; without any it is PeerJS's own. */
export function register(name: string, options: PeerOptions = {}): Promise<Peer> {
  const peer = new Peer(name, options);
  return new Promise((resolve, reject) => {
    peer.on("open", () => resolve(peer));
    peer.on("error", reject);
  });
}

/** Takes every call that comes, and tells what comes from the other side. */
export function takeCalls(
  peer: Peer,
  stream: MediaStream,
  onCall: (call: MediaConnection, remote: MediaStream) => void,
): void {
  peer.on("call", (call) => {
    call.on("stream", (remote) => onCall(call, remote));
    call.answer(stream);
  });
}

/** Calls another page by its name. */
export function callSomebody(
  peer: Peer,
  name: string,
  stream: MediaStream,
  onStream: (remote: MediaStream) => void,
): MediaConnection {
  const call = peer.call(name, stream);
  call.on("stream", onStream);
  return call;
}
