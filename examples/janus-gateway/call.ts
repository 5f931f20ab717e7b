import Janus, { type JanusJS } from "janus-gateway";
import adapter from "webrtc-adapter";

export interface Listeners {
  readonly onRemoteTrack?: (track: MediaStreamTrack, on: boolean) => void;
  /** The media path is up, or gone. */
  readonly onState?: (isConnected: boolean) => void;
  readonly onCleanup?: () => void;
}

/** Sends these tracks to Janus' echo test plugin, which sends them back. Resolves when the offer was accepted. */
export async function callEchoTest(
  server: string,
  tracks: readonly MediaStreamTrack[],
  listeners: Listeners = {},
): Promise<{ readonly hangUp: () => Promise<void> }> {
  // The npm package looks for a global `adapter` unless it is given one.
  const dependencies = Janus.useDefaultDependencies({ adapter });
  await new Promise<void>((resolve) => Janus.init({ dependencies, callback: resolve }));
  const janus = await new Promise<JanusJS.Janus>((resolve, reject) => {
    const made = new Janus({ server, success: () => resolve(made), error: reject });
  });
  await new Promise<void>((resolve, reject) => {
    let handle: JanusJS.PluginHandle | undefined;
    janus.attach({
      plugin: "janus.plugin.echotest",
      success(attached) {
        handle = attached;
        attached.createOffer({
          tracks: tracks.map((track) => ({
            type: track.kind === "audio" ? "audio" : "video",
            capture: track,
            recv: true,
          })),
          success: (jsep) => attached.send({ message: { request: "start" }, jsep }),
          error: reject,
        });
      },
      error: reject,
      onmessage(_message, jsep) {
        if (jsep) handle?.handleRemoteJsep({ jsep, success: () => resolve(), error: reject });
      },
      onremotetrack: (track, _mid, on) => listeners.onRemoteTrack?.(track, on),
      webrtcState: (isConnected) => listeners.onState?.(isConnected),
      oncleanup: () => listeners.onCleanup?.(),
    });
  });
  return {
    // Without cleanupHandles the connection stays open until the server's end of it is found dead.
    hangUp: () => new Promise((resolve) => janus.destroy({ cleanupHandles: true, success: () => resolve() })),
  };
}
