import type { Kit } from "./surroundings.ts";

/** Watches who asks for camera, microphone and screen, and what comes of it. */
export function watchMediaDevices(kit: Kit): void {
  // Missing in a page that is not a secure context.
  const { mediaDevices } = navigator as { readonly mediaDevices?: MediaDevices };
  const capture = (owner: object | undefined, name: string, method: string): void =>
    kit.wrapper.method(owner, name, (_, args) => {
      const settle = kit.tellCall(method, "constraints", args);
      return (rejected, value) => {
        settle(rejected, value);
        if (!rejected) kit.onCapture?.();
      };
    });
  for (const method of ["getUserMedia", "getDisplayMedia"]) capture(mediaDevices, method, method);
  // With callbacks, before promises.
  for (const name of ["getUserMedia", "webkitGetUserMedia"]) capture(navigator, name, "getUserMedia");
}
