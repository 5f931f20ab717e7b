/**
 * An app with a call that is watched by ObserveRTC's client-monitor, as npm has it. What it sends its samples with is the app's own:
 * the package has no transport.
 */
import { ClientMonitor } from "@observertc/client-monitor-js";

declare global {
  // eslint-disable-next-line no-var
  var startCall: typeof start;
}

/** How the app of the page sends samples. */
export type Transport = "websocket" | "post";

export interface CallOptions {
  /** Where samples go: ws(s):// or http(s)://. */
  readonly address: string;
  readonly transport: Transport;
  readonly clientId: string;
  readonly callId: string;
}

/** The call of the page. */
export interface PageCall {
  /** Ends it, and gives the number of samples that were sent. */
  end(): Promise<number>;
}

async function start({ address, transport, clientId, callId }: CallOptions): Promise<PageCall> {
  const socket = transport === "websocket" ? new WebSocket(address) : null;
  if (socket !== null) await new Promise((resolve) => socket.addEventListener("open", resolve));
  const posts: Promise<unknown>[] = [];
  let sent = 0;

  const monitor = new ClientMonitor({
    clientId,
    callId,
    collectingPeriodInMs: 1_000,
    samplingPeriodInMs: 2_000,
  });
  monitor.on("sample-created", ({ sample }: { readonly sample: unknown }) => {
    const body = JSON.stringify(sample);
    sent += 1;
    if (socket !== null) socket.send(body);
    else {
      const headers = { "content-type": "application/json" };
      posts.push(fetch(address, { method: "POST", headers, body, credentials: "include" }));
    }
  });

  const stream = await navigator.mediaDevices.getUserMedia({
    audio: true,
    video: { width: 320, height: 240 },
  });
  const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()];
  near.addEventListener("icecandidate", ({ candidate }) => void far.addIceCandidate(candidate ?? undefined));
  far.addEventListener("icecandidate", ({ candidate }) => void near.addIceCandidate(candidate ?? undefined));
  far.addEventListener("track", ({ track }) => {
    const video = document.createElement("video");
    video.autoplay = true;
    video.srcObject = new MediaStream([track]);
    document.body.append(video);
  });
  for (const connection of [near, far]) monitor.addSource(connection);
  for (const track of stream.getTracks()) near.addTrack(track, stream);
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription ?? { type: "offer" });
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription ?? { type: "answer" });

  return {
    async end() {
      // The monitor says goodbye with a last sample.
      monitor.close();
      for (const connection of [near, far]) connection.close();
      for (const track of stream.getTracks()) track.stop();
      await Promise.all(posts);
      // What it holds goes out first.
      socket?.close();
      return sent;
    },
  };
}

globalThis.startCall = start;
