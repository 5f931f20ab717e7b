import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { eventually, openDemo, readSession } from "../support/demo-page.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";

let browser: Browser;
let server: PeerscopeProcess;

beforeAll(async () => {
  ensureBuilt();
  server = await startPeerscope();
  browser = await launchChromium({ allowMedia: false });
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test("a refused microphone is the stated cause on the session page", async () => {
  const demo = await openDemo(browser, server, { user: "kim", call: "refused", synthetic: false });
  expect(await demo.page.getByTestId("device-problem").innerText()).toContain("NotAllowedError");

  const page = await browser.newPage();
  await page.goto(`${server.url}/sessions/${demo.sessionId}`);
  await page.waitForSelector('[data-observation-id="media-permission-denied"]', {
    timeout: 15_000,
    state: "attached",
  });
  await page.waitForSelector('[data-testid=verdict][data-stated-cause="media-permission-denied"]', {
    timeout: 15_000,
  });
  const session = await eventually("the cause in the row", 15_000, async () => {
    const summary = await readSession(server, demo.sessionId);
    return summary?.statedCause == null ? null : summary;
  });
  expect(session.statedCause).toBe("media-permission-denied");
  expect(session.faultDomain).toBe("publisher-device");
});
