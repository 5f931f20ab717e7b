import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { launch, type Browser } from "puppeteer-core";

export interface ChromiumOptions {
  /** false: the permission prompt is not answered with yes. */
  readonly grantMedia: boolean;
}

/** A headless Chromium with a fake camera and microphone and a profile of its own. */
export interface LabBrowser {
  readonly browser: Browser;
  close(): Promise<void>;
}

export async function launchChromium({ grantMedia }: ChromiumOptions): Promise<LabBrowser> {
  const profile = mkdtempSync(join(tmpdir(), "peerscope-lab-"));
  const browser = await launch({
    executablePath: findChromium(),
    headless: true,
    pipe: true,
    userDataDir: profile,
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
      "--use-fake-device-for-media-stream=fps=30",
      ...(grantMedia ? ["--use-fake-ui-for-media-stream"] : []),
      // The relay needs addresses; a page without media permission would give mDNS names.
      "--disable-features=WebRtcHideLocalIpsWithMdns",
      // A machine without any network has no other address than this.
      "--allow-loopback-in-peer-connection",
    ],
  });
  return {
    browser,
    async close() {
      await browser.close().catch(() => undefined);
      rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function findChromium(): string {
  const wish = process.env["CHROME_PATH"];
  const names = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const candidates = wish ? [wish] : folders.flatMap((folder) => names.map((name) => join(folder, name)));
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) throw new Error("The lab needs Chromium: install it, or set CHROME_PATH.");
  return found;
}
