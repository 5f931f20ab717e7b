import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { violationsInBothThemes } from "./both-themes.ts";
import { recordedCalls } from "./samples.ts";
import { problemsByTab } from "./tab-walk.ts";
import { redirects, routesOfDashboard, viewsOf } from "./views.ts";

/** Nobody is kept out of any view: narrow windows, large text, no mouse, no motion, other eyes. */
let server: PeerscopeProcess;
let browser: Browser;
const views = viewsOf();
const wide = { width: 1280, height: 800 };
/** So little that much of a page is out of sight, where the focus must bring it. */
const low = { width: 1280, height: 500 };

beforeAll(async () => {
  ensureBuilt();
  [server, browser] = await Promise.all([startPeerscope({ samples: true }), launchChromium()]);
  await recordedCalls(server);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

/** What is wider than the window, unless it can be scrolled by itself; and text that is cut off without a way to read it. */
const overflowing = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const isScrolled = (element: Element): boolean => {
      for (let parent = element.parentElement; parent !== null; parent = parent.parentElement) {
        if (/auto|scroll|hidden|clip/.test(getComputedStyle(parent).overflowX)) return true;
      }
      return false;
    };
    const wider = [...document.querySelectorAll("body *")].filter(
      (element) => element.getBoundingClientRect().right > root.clientWidth + 1 && !isScrolled(element),
    );
    return wider.slice(0, 3).map((element) => `wider than the window: ${element.outerHTML.slice(0, 160)}`);
  });

/** The same when charts have followed the window: they are drawn anew a moment after it has changed. */
async function overflowingStill(page: Page): Promise<string[]> {
  for (let tries = 0; tries < 40; tries += 1) {
    if ((await overflowing(page)).length === 0) return [];
    await page.waitForTimeout(50);
  }
  return await overflowing(page);
}

const moving = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    document.getAnimations().map((animation) => {
      const { effect } = animation;
      const target = effect instanceof KeyframeEffect ? effect.target : null;
      return target?.outerHTML.slice(0, 160) ?? animation.id;
    }),
  );

test("every page is in the list of views", () => {
  const routes = routesOfDashboard();
  expect(routes).toContain("/sessions");
  const known = new Set([...redirects, ...views.map(({ route }) => route)]);
  expect(routes.filter((route) => !known.has(route))).toEqual([]);
});

// A view is opened once for all that is looked at: opening is what takes long.
describe("with motion reduced", () => {
  test.each(views)(
    "$name moves nothing, breaks no rule of axe, fits, and is used by Tab",
    async ({ path, ready }) => {
      const page = await browser.newPage({ viewport: wide, reducedMotion: "reduce" });
      try {
        await page.goto(`${server.url}${path}`);
        await page.waitForSelector(ready);
        await page.waitForLoadState("networkidle", { timeout: 2_000 }).catch(() => undefined);
        expect(await moving(page)).toEqual([]);
        expect(await violationsInBothThemes(page)).toEqual([]);

        const large = await page.addStyleTag({ content: "html { font-size: 200% !important }" });
        expect(await overflowingStill(page), "text of twice the size").toEqual([]);
        await large.evaluate((element) => (element as HTMLElement).remove());
        await page.setViewportSize({ width: 320, height: 640 });
        expect(await overflowingStill(page), "320 pixels").toEqual([]);

        await page.setViewportSize(low);
        await page.waitForTimeout(50);
        expect(await problemsByTab(page)).toEqual([]);
      } finally {
        await page.close();
      }
    },
  );
});
