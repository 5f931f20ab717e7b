import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { launch } from "puppeteer-core";
import type { LabBrowser } from "./chromium.ts";

/** A headless Firefox with a fake camera and microphone and a profile of its own. */
export async function launchFirefox(): Promise<LabBrowser> {
  const profile = mkdtempSync(join(tmpdir(), "peerscope-lab-"));
  const browser = await launch({
    browser: "firefox",
    executablePath: findFirefox(),
    headless: true,
    userDataDir: profile,
    extraPrefsFirefox: {
      "media.navigator.streams.fake": true,
      "media.navigator.permission.disabled": true,
      "media.autoplay.default": 0,
      "media.autoplay.blocking_policy": 0,
      // The relay needs addresses, not mDNS names.
      "media.peerconnection.ice.obfuscate_host_addresses": false,
      "media.peerconnection.ice.loopback": true,
      // What would use the machine beside the call.
      "app.update.enabled": false,
      "browser.safebrowsing.downloads.enabled": false,
      "browser.safebrowsing.malware.enabled": false,
      "browser.safebrowsing.phishing.enabled": false,
      "media.gmp-manager.updateEnabled": false,
      "media.gmp-manager.url": "",
      "network.captive-portal-service.enabled": false,
      "network.connectivity-service.enabled": false,
      "toolkit.telemetry.enabled": false,
      "datareporting.policy.dataSubmissionEnabled": false,
    },
  });
  return {
    browser,
    async close() {
      await browser.close().catch(() => undefined);
      rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function findFirefox(): string {
  const wish = process.env["FIREFOX_PATH"];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const candidates = wish
    ? [wish]
    : folders.flatMap((folder) => ["firefox-esr", "firefox"].map((name) => join(folder, name)));
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) throw new Error("This scenario needs Firefox: install it, or set FIREFOX_PATH.");
  return found;
}
