import { launch, type Browser } from "puppeteer-core";
import { ensureFirefox } from "../../tools/find-browser.mjs";

/** Starts a headless stock Firefox, over WebDriver BiDi, with a fake camera and microphone that need no permission. */
export async function launchFirefox(): Promise<Browser> {
  return await launch({
    browser: "firefox",
    executablePath: ensureFirefox(),
    headless: true,
    extraPrefsFirefox: {
      "media.navigator.streams.fake": true,
      "media.navigator.permission.disabled": true,
      "media.autoplay.default": 0,
      "media.autoplay.block-webaudio": false,
      // Both ends of a call are on this machine, which may have no other network.
      "media.peerconnection.ice.loopback": true,
      "media.peerconnection.ice.obfuscate_host_addresses": false,
      // Firefox downloads its H.264 encoder when it first needs one.
      "media.gmp-manager.updateEnabled": false,
    },
  });
}
