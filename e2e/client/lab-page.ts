import type { Monitor, StartOptions } from "@peerscope/client";

/** What the page of these tests offers. */
declare global {
  // eslint-disable-next-line no-var
  var lab: {
    start(options?: Partial<StartOptions>): Monitor;
    /** Another copy of the SDK, as two tools on one page would load it. */
    startOther(options?: Partial<StartOptions>): Monitor;
    /** Connects two connections with each other; resolves when both are connected. */
    connect(a: RTCPeerConnection, b: RTCPeerConnection, stream: MediaStream): Promise<void>;
    pause(durationMs: number): Promise<void>;
    /** Everything an app would notice: window errors and rejections that nobody handled. */
    readonly problems: string[];
    /** The browser's own, taken before any SDK. */
    readonly native: { readonly RTCPeerConnection: typeof RTCPeerConnection };
    /** Names of functions that are not the browser's own any more. */
    changed(): string[];
  };
}

/** The page: an app with a call, in which the SDK is loaded and not yet started. */
export const labPage = `<!doctype html>
<meta charset="utf-8">
<title>SDK lab</title>
<script>
  const problems = [];
  addEventListener("error", (event) => problems.push("error: " + event.message));
  addEventListener("unhandledrejection", (event) => problems.push("unhandled: " + event.reason));
  const watched = () => ({
    RTCPeerConnection: [globalThis, "RTCPeerConnection"],
    constructor: [RTCPeerConnection.prototype, "constructor"],
    ...Object.fromEntries(
      ["createOffer", "createAnswer", "setLocalDescription", "setRemoteDescription", "addIceCandidate", "addTrack",
        "removeTrack", "addTransceiver", "close", "restartIce", "setConfiguration", "createDataChannel", "getStats"]
        .map((name) => [name, [RTCPeerConnection.prototype, name]])),
    replaceTrack: [RTCRtpSender.prototype, "replaceTrack"],
    setParameters: [RTCRtpSender.prototype, "setParameters"],
    stop: [MediaStreamTrack.prototype, "stop"],
    getUserMedia: [MediaDevices.prototype, "getUserMedia"],
    getDisplayMedia: [MediaDevices.prototype, "getDisplayMedia"],
  });
  const descriptors = () => Object.fromEntries(Object.entries(watched())
    .map(([name, [owner, member]]) => [name, Object.getOwnPropertyDescriptor(owner, member)]));
  const before = descriptors();
  globalThis.lab = {
    problems,
    native: { RTCPeerConnection },
    pause: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
    changed() {
      const now = descriptors();
      return Object.keys(before).filter((name) => ["value", "writable", "enumerable", "configurable"]
        .some((part) => now[name][part] !== before[name][part])).concat(
          Object.keys(navigator.mediaDevices));
    },
    async connect(a, b, stream) {
      a.addEventListener("icecandidate", ({ candidate }) => b.addIceCandidate(candidate));
      b.addEventListener("icecandidate", ({ candidate }) => a.addIceCandidate(candidate));
      for (const track of stream.getTracks()) a.addTrack(track, stream);
      await a.setLocalDescription();
      await b.setRemoteDescription(a.localDescription);
      await b.setLocalDescription();
      await a.setRemoteDescription(b.localDescription);
      const connected = (pc) => new Promise((resolve) => {
        const look = () => pc.connectionState === "connected" && resolve();
        pc.addEventListener("connectionstatechange", look);
        look();
      });
      await Promise.all([connected(a), connected(b)]);
    },
  };
</script>
<script type="module">
  import { start } from "/sdk.js";
  import { start as startOther } from "/sdk.js?other";
  const options = { url: location.origin, token: "pk_test" };
  lab.start = (more) => start({ ...options, ...more });
  lab.startOther = (more) => startOther({ ...options, ...more });
</script>`;
