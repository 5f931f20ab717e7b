import type { Kit } from "./surroundings.ts";

/** Watches who asks for camera, microphone and screen, and what comes of it. */
export function watchMediaDevices(kit: Kit): void {
  // With callbacks, before promises, they were functions of the navigator. Its media devices are missing in a page that is not a
  // secure context.
  for (const owner of [navigator, navigator.mediaDevices]) {
    for (const name of ["getUserMedia", "getDisplayMedia", "webkitGetUserMedia"]) {
      kit.wrapper.method(owner, name, (_, args) => {
        const settle = kit.tellCall(name.replace("webkitG", "g"), "constraints", args);
        return (rejected, value) => {
          settle(rejected, value);
          if (!rejected) kit.onCapture?.();
        };
      });
    }
  }
}
