import { chromium, type Browser } from "playwright-core";
import { ensureBrowser } from "../../tools/find-browser.mjs";

export interface LaunchOptions {
  /** A fake camera and microphone in place of real ones (default true). */
  readonly fakeDevices?: boolean;
  /** Answer the permission prompt with yes (default true); with false every prompt is refused. */
  readonly allowMedia?: boolean;
  /** Keep pages that are left for a way back (default false, as Playwright has it). */
  readonly backForwardCache?: boolean;
  readonly args?: readonly string[];
}

/** Starts a headless Chromium that talks to nobody by itself, so that what a test measures is the test. */
export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  const { fakeDevices = true, allowMedia = true, backForwardCache = false, args = [] } = options;
  return await chromium.launch({
    executablePath: ensureBrowser(),
    ...(backForwardCache ? { ignoreDefaultArgs: ["--disable-back-forward-cache"] } : {}),
    args: [
      // Chromium's sandbox refuses to start as root, which containers and CI are.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--autoplay-policy=no-user-gesture-required",
      ...(fakeDevices ? ["--use-fake-device-for-media-stream"] : []),
      allowMedia ? "--use-fake-ui-for-media-stream" : "--deny-permission-prompts",
      ...args,
    ],
  });
}
