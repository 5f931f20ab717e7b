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
    /** Names of properties that are not the browser's own any more, of all that WebRTC and media have. */
    changed(): string[];
    /** How many are looked at for that. */
    readonly watchedProperties: number;
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
  // Everything of these interfaces and objects, not only what is known to be wrapped.
  const watched = () => [
    [globalThis, "window"],
    ...["EventTarget", "MediaDevices", "Navigator", "MediaStream", "HTMLMediaElement", "HTMLVideoElement", "AudioContext",
      "BaseAudioContext", "WebSocket", "Promise", "Document"]
      .concat(Object.getOwnPropertyNames(globalThis).filter((name) => /^(RTC|MediaStreamTrack)/.test(name)))
      .map((name) => [globalThis[name]?.prototype, name]),
    [navigator, "navigator"],
    [navigator.mediaDevices, "mediaDevices"],
  ];
  const descriptors = () => new Map(watched().flatMap(([owner, ownerName]) => owner
    ? Reflect.ownKeys(owner)
      // What the tests themselves put there.
      .filter((member) => owner !== globalThis || /^([A-Z]|webkit)/.test(String(member)))
      .map((member) => [ownerName + "." + String(member), Object.getOwnPropertyDescriptor(owner, member)])
    : []));
  const before = descriptors();
  globalThis.lab = {
    problems,
    native: { RTCPeerConnection },
    pause: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
    changed() {
      const now = descriptors();
      return [...new Set([...before.keys(), ...now.keys()])].filter((name) =>
        ["value", "get", "set", "writable", "enumerable", "configurable"]
          .some((part) => !Object.is(now.get(name)?.[part], before.get(name)?.[part])));
    },
    watchedProperties: before.size,
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
