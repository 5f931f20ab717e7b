import type { Recorder } from "../recorder.ts";
import type { TellCall } from "./api-calls.ts";
import type { Listen } from "./connection.ts";
import type { Wrapper } from "./wrap.ts";

/** Watches who asks for camera, microphone and screen, what comes of it, and devices that come and go. */
export function watchMediaDevices(
  { attempt, emit }: Recorder,
  wrapper: Wrapper,
  listen: Listen,
  tellCall: TellCall,
): void {
  // Missing in a page that is not a secure context.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) return;
  for (const method of ["getUserMedia", "getDisplayMedia"]) {
    wrapper.method(devices, method, (_, args) => tellCall(method, "constraints", args));
  }
  listen(devices, "devicechange", async () => {
    const all = await devices.enumerateDevices().catch(() => []);
    const count = (wanted: string): number => all.filter(({ kind }) => kind === wanted).length;
    attempt("devicechange", () =>
      emit("devices-changed", {
        audioInputs: count("audioinput"),
        videoInputs: count("videoinput"),
        audioOutputs: count("audiooutput"),
      }),
    );
  });
}
