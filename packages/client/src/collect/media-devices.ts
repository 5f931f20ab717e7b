import type { Kit } from "./surroundings.ts";

/** Watches who asks for camera, microphone and screen, and what comes of it. */
export function watchMediaDevices(kit: Kit): void {
  for (const method of ["getUserMedia", "getDisplayMedia"]) {
    // Missing in a page that is not a secure context.
    kit.wrapper.method(navigator.mediaDevices, method, (_, args) => {
      const settle = kit.tellCall(method, "constraints", args);
      return (rejected, value) => {
        settle(rejected, value);
        if (!rejected) kit.onCapture?.();
      };
    });
  }
}
