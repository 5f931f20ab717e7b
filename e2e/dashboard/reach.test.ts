import axe from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { recordedCalls } from "./samples.ts";
import { redirects, routesOfDashboard, viewsOf } from "./views.ts";

/** Nobody is kept out: narrow windows, large text, no mouse, no motion. */
let server: PeerscopeProcess;
let browser: Browser;
const views = viewsOf();

beforeAll(async () => {
  ensureBuilt();
  [server, browser] = await Promise.all([startPeerscope({ samples: true }), launchChromium()]);
  await recordedCalls(server);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

/** Looks at every view with the same page, and says where something is wrong. */
async function atEveryView(
  options: Parameters<Browser["newContext"]>[0],
  look: (page: Page) => Promise<readonly string[]>,
): Promise<string[]> {
  const context: BrowserContext = await browser.newContext(options);
  try {
    const page = await context.newPage();
    const found: string[] = [];
    for (const { name, path, ready } of views) {
      await page.goto(`${server.url}${path}`);
      await page.waitForSelector(ready);
      found.push(...(await look(page)).map((problem) => `${name}: ${problem}`));
    }
    return found;
  } finally {
    await context.close();
  }
}

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
    const wide = [...document.querySelectorAll("body *")].filter(
      (element) => element.getBoundingClientRect().right > root.clientWidth + 1 && !isScrolled(element),
    );
    return wide.slice(0, 3).map((element) => `wider than the window: ${element.outerHTML.slice(0, 160)}`);
  });

describe("every page", () => {
  test("is in the list of views", () => {
    const routes = routesOfDashboard();
    expect(routes).toContain("/sessions");
    const known = new Set([...redirects, ...views.map(({ route }) => route)]);
    expect(routes.filter((route) => !known.has(route))).toEqual([]);
  });

  test.each(["light", "dark"] as const)("breaks no rule that axe knows, %s", async (colorScheme) => {
    const judge = async (page: Page): Promise<string[]> => {
      await page.evaluate(axe.source);
      return await page.evaluate(async () => {
        const engine = (globalThis as unknown as { readonly axe: typeof axe }).axe;
        const { violations, passes } = await engine.run(document, {
          runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
          rules: { "target-size": { enabled: true } },
        });
        if (passes.length === 0) return ["axe looked at nothing"];
        return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
      });
    };
    expect(await atEveryView({ colorScheme, reducedMotion: "reduce" }, judge)).toEqual([]);
  });

  // Each page is opened once for all three: opening is what takes long.
  test("fits into 320 pixels and with text of twice the size, and moves nothing for those who asked for that", async () => {
    const viewport = { width: 1280, height: 800 };
    const look = async (page: Page): Promise<readonly string[]> => {
      const moving = await page.evaluate(() =>
        document.getAnimations().map((animation) => {
          const { effect } = animation;
          const target = effect instanceof KeyframeEffect ? effect.target : null;
          return `moves: ${target?.outerHTML.slice(0, 160) ?? animation.id}`;
        }),
      );
      const large = await page.addStyleTag({ content: "html { font-size: 200% !important }" });
      await page.waitForTimeout(50);
      const withLargeText = await overflowing(page);
      await large.evaluate((element) => (element as HTMLElement).remove());
      await page.setViewportSize({ width: 320, height: 640 });
      await page.waitForTimeout(50);
      const narrow = await overflowing(page);
      await page.setViewportSize(viewport);
      return [
        ...moving,
        ...withLargeText.map((problem) => `text of twice the size: ${problem}`),
        ...narrow.map((problem) => `320 pixels: ${problem}`),
      ];
    };
    expect(await atEveryView({ viewport, reducedMotion: "reduce" }, look)).toEqual([]);
  });

  test("shows where the focus is, wherever it goes", async () => {
    const walk = async (page: Page): Promise<string[]> => {
      const problems: string[] = [];
      let before = "";
      for (let step = 0; step < 40; step += 1) {
        await page.keyboard.press("Tab");
        const { problem, key } = await page.evaluate(focusProblem);
        if (key === before || key === "") break;
        before = key;
        if (problem !== null) problems.push(problem);
      }
      return problems;
    };
    expect(await atEveryView({ viewport: { width: 1280, height: 500 } }, walk)).toEqual([]);
  });
});

/** In the page: whether the focused thing can be seen, and has a ring or something like it. */
function focusProblem(): { readonly problem: string | null; readonly key: string } {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement) || element === document.body) return { problem: null, key: "" };
  // Radio buttons are drawn by their label.
  const shown =
    element instanceof HTMLInputElement && element.classList.contains("sr-only")
      ? (element.closest("label") ?? element)
      : element;
  const box = shown.getBoundingClientRect();
  const what = shown.outerHTML.slice(0, 160);
  const key = `${what} ${Math.round(box.x)} ${Math.round(box.y + scrollY)}`;
  const [x, y] = [box.x + Math.min(box.width / 2, 20), box.y + Math.min(box.height / 2, 20)];
  const top = document.elementFromPoint(x, y);
  const isCovered = top !== null && top !== shown && !shown.contains(top) && !top.contains(shown);
  if (box.width === 0 || box.height === 0) return { problem: `focus on nothing that is seen: ${what}`, key };
  if (y < 0 || y > innerHeight) return { problem: `focus out of sight: ${what}`, key };
  if (isCovered) return { problem: `focus covered by ${top.outerHTML.slice(0, 60)}: ${what}`, key };
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(shown);
  const isMarked = (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
  return { problem: isMarked ? null : `focus without a mark: ${what}`, key };
}
