import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchFirefox } from "../support/firefox.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { recordedCalls } from "./samples.ts";
import { viewsOf } from "./views.ts";

/** The dashboard in Firefox ESR. */
let server: PeerscopeProcess;
let browser: Browser;
let page: Page;
const errors: string[] = [];

beforeAll(async () => {
  ensureBuilt();
  [server, browser] = await Promise.all([startPeerscope({ samples: true }), launchFirefox()]);
  await recordedCalls(server);
  page = await browser.newPage();
  page.on("pageerror", (error) => errors.push(String(error)));
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

/** The page's own policy allows no code from text, which is how the driver would wait in the page. */
async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await page.evaluate(isTrue))) {
    if (performance.now() > deadline) throw new Error(`Never came: ${isTrue.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test("every page comes without an error", async () => {
  for (const { name, path, ready } of viewsOf()) {
    await page.goto(`${server.url}${path}`);
    await page.waitForSelector(ready, { timeout: 30_000 }).catch((error: unknown) => {
      throw new Error(`${name}: ${String(error)}`);
    });
    const { text, wide } = await page.evaluate(() => ({
      text: document.querySelector("main")?.textContent ?? "",
      wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    }));
    expect(text, name).not.toMatch(/could not be shown/);
    expect(wide, name).toBe(false);
  }
  expect(errors).toEqual([]);
});

test("from a name to the answer, by keyboard", async () => {
  await page.goto(`${server.url}/sessions`);
  await page.waitForSelector("tr[data-session-id]");
  await page.keyboard.press("/");
  await page.keyboard.type("user:ben call:muted-mic");
  await page.keyboard.press("Enter");
  await until(() => document.querySelectorAll("tr[data-session-id]").length === 1);
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-testid=in-the-call]");
  const answer = await page.$eval("[data-testid=in-the-call]", (element) => element.textContent ?? "");
  expect(answer).toMatch(/anna’s microphone was switched off from 00:10 to 00:25 \(0:15\)/);
  // The charts of the timeline are drawn once they are in sight.
  await until(() => {
    const panel = document.querySelector('[id^="panel-"]');
    panel?.scrollIntoView({ block: "center" });
    return panel !== null;
  });
  await until(() =>
    [...document.querySelectorAll("canvas")].some((canvas) => {
      const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      return pixels.some((value, place) => place % 4 === 3 && value !== 0);
    }),
  );
  expect(errors).toEqual([]);
});
