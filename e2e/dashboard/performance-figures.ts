import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";

/** When something was first there, in ms since the page was asked for. */
interface FirstView {
  readonly shownMs: number;
  /** JavaScript that was loaded until then, each file packed with gzip. */
  readonly scriptBytes: number;
}

/**
 * Opens a page in a browser context of its own, so that nothing is cached, and waits until all of the selectors are
 * there and painted. The page itself takes the time.
 */
export async function openCold(
  browser: Browser,
  url: string,
  selectors: readonly string[],
): Promise<FirstView & { readonly page: Page }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const scripts: Promise<number>[] = [];
  let counts = true;
  page.on("response", (response) => {
    const type = response.headers()["content-type"] ?? "";
    if (counts && type.includes("javascript"))
      scripts.push(
        response.body().then(
          (body) => gzipSync(body).byteLength,
          () => 0,
        ),
      );
  });
  // What runs tools from their source names functions with a helper that pages do not have.
  await page.addInitScript("globalThis.__name ??= (value) => value;");
  await page.addInitScript((wanted: readonly string[]) => {
    const look = (): void => {
      if (wanted.every((selector) => document.querySelector(selector) !== null)) {
        // The frame after this one has it on the screen.
        requestAnimationFrame(() => {
          document.documentElement.dataset["shownMs"] = String(performance.now());
        });
      } else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, selectors);
  await page.goto(url);
  await page.waitForFunction(() => "shownMs" in document.documentElement.dataset, undefined, {
    timeout: 60_000,
  });
  counts = false;
  const shownMs = await page.evaluate(() => Number(document.documentElement.dataset["shownMs"]));
  const sizes = await Promise.all(scripts);
  return { page, shownMs, scriptBytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** What frames took while somebody moved about. */
interface Frames {
  /** Ms of all frames in which the page was busy, longest first. */
  readonly longest: readonly number[];
  readonly p95Ms: number;
}

/**
 * Moves the cursor over the charts, zooms in, pans and zooms out, one step a frame, and measures how long the main
 * thread needs for each: from the input to the end of the drawing.
 */
export async function moveAbout(page: Page): Promise<Frames> {
  const times = await page.evaluate(async () => {
    const press = (key: string, shiftKey = false): void =>
      void document.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true }));
    const chart = document.querySelector("canvas")?.closest("section[id^=panel-]");
    const box = chart?.getBoundingClientRect();
    const moveTo = (share: number): void => {
      if (chart === null || chart === undefined || box === undefined) return;
      chart.dispatchEvent(
        new PointerEvent("pointermove", {
          bubbles: true,
          clientX: box.left + box.width * (0.2 + 0.6 * share),
          clientY: box.top + box.height / 2,
        }),
      );
    };
    const steps: (() => void)[] = [
      ...Array.from({ length: 30 }, (_, index) => () => moveTo(index / 30)),
      ...Array.from({ length: 8 }, () => () => press("+")),
      ...Array.from({ length: 15 }, () => () => press("ArrowRight", true)),
      ...Array.from({ length: 30 }, (_, index) => () => moveTo(1 - index / 30)),
      ...Array.from({ length: 8 }, () => () => press("-")),
      () => press("0"),
    ];
    const taken: number[] = [];
    const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
    for (const step of steps) {
      await nextFrame();
      const began = performance.now();
      step();
      // Charts draw in the next frame; a message after it comes when that frame is done.
      await nextFrame();
      await new Promise<void>((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.addEventListener("message", () => resolve());
        port1.start();
        port2.postMessage(null);
      });
      taken.push(performance.now() - began);
    }
    return taken;
  });
  const sorted = times.toSorted((a, b) => b - a);
  return { longest: sorted.slice(0, 5), p95Ms: sorted[Math.floor(sorted.length * 0.05)] ?? Number.NaN };
}

/** Megabytes of the process that draws the page, its workers included; shared pages count in part. Linux. */
export async function memoryOfPages(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const sizes = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) => {
      const found = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, "utf8"))?.[1];
      return Number(found) / 1_024;
    });
  return Math.max(...sizes);
}
