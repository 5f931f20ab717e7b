import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { galleryGroups } from "../../packages/dashboard/src/gallery/gallery-search.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { hidePort, launchGoldenBrowser, openGoldenContext, settled, themes } from "./golden-browser.ts";
import { openGoldens } from "./golden-set.ts";

/** Every panel in every state looks as it did when somebody looked at it last. `npm run goldens` renews the pictures. */
let server: PeerscopeProcess;
let browser: Browser;
/** Noon of the gallery's day. */
const noon = Date.UTC(2026, 9, 5, 12);

beforeAll(async () => {
  ensureBuilt();
  [server, browser] = await Promise.all([startPeerscope(), launchGoldenBrowser()]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test("every panel looks as it did", async () => {
  const goldens = openGoldens("gallery");
  const errors: string[] = [];
  const context = await openGoldenContext(browser, "light", noon);
  const page = await context.newPage();
  page.on("pageerror", (error) => errors.push(String(error)));
  // Whatever a panel asks for, it asks nobody.
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (/^\/(api|ingest|healthz|readyz)/.test(pathname)) asked.push(pathname);
  });
  for (const group of galleryGroups) {
    await page.goto(`${server.url}/gallery?group=${group}`);
    await page.waitForSelector(`[data-gallery=${group}] [data-panel]`);
    await page.waitForFunction(
      () => document.querySelector("[data-panel]:not([data-panel$=-loading]) [aria-busy=true]") === null,
    );
    await settled(page);
    await hidePort(page);
    const panels = await page
      .locator("[data-panel]")
      .evaluateAll((found) => found.map((panel) => panel.getAttribute("data-panel") ?? ""));
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme });
      await page.waitForFunction((name) => document.documentElement.dataset["theme"] === name, theme);
      for (const panel of panels)
        await goldens.check(page, panel, theme, { element: `[data-panel="${panel}"]` });
    }
    await page.emulateMedia({ colorScheme: "light" });
  }
  await context.close();
  expect(goldens.problems()).toEqual([]);
  expect(errors).toEqual([]);
  expect(asked).toEqual([]);
}, 600_000);
