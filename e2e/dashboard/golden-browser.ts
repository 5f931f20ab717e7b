import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchChromium } from "../support/browser.ts";

/**
 * A browser whose pictures are the same on every machine: its fonts come with the tests and are drawn without hinting, its
 * clock stands, nothing moves.
 */
export async function launchGoldenBrowser(): Promise<Browser> {
  return await launchChromium({
    args: [
      "--font-render-hinting=none",
      "--disable-lcd-text",
      "--disable-font-subpixel-positioning",
      "--force-color-profile=srgb",
      "--hide-scrollbars",
    ],
  });
}

export const themes = ["light", "dark"] as const;
export type Theme = (typeof themes)[number];

/** A window in which it is always `now` (Unix ms), in UTC and English. */
export async function openGoldenContext(
  browser: Browser,
  theme: Theme,
  now: number,
): Promise<BrowserContext> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    colorScheme: theme,
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "UTC",
    // The fonts are not the server's own.
    bypassCSP: true,
  });
  // What differs is told by the pictures; how fast it came is another test's.
  context.setDefaultTimeout(90_000);
  await context.clock.setFixedTime(now);
  await context.addInitScript(addFonts, fontFaces());
  await context.addInitScript(hideOfBrowser);
  return context;
}

interface FontFile {
  readonly family: string;
  readonly weight: string;
  readonly base64: string;
}

/** The first families of the dashboard's stylesheet; no system has fonts of these names. */
function fontFaces(): readonly FontFile[] {
  const { resolve } = createRequire(import.meta.url);
  const read = (specifier: string): string => readFileSync(resolve(specifier)).toString("base64");
  return [
    ...["400", "500", "600", "700"].map((weight) => ({
      family: "ui-sans-serif",
      weight,
      base64: read(`@fontsource/inter/files/inter-latin-${weight}-normal.woff2`),
    })),
    ...["400", "600"].map((weight) => ({
      family: "ui-monospace",
      weight,
      base64: read(`@fontsource/jetbrains-mono/files/jetbrains-mono-latin-${weight}-normal.woff2`),
    })),
  ];
}

function addFonts(files: readonly FontFile[]): void {
  for (const { family, weight, base64 } of files) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    document.fonts.add(new FontFace(family, bytes, { weight }));
  }
}

/** The caret blinks, and what a text area is pulled larger by is drawn by each version of the browser as it likes. */
function hideOfBrowser(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { caret-color: transparent !important } textarea { resize: none !important }");
  document.adoptedStyleSheets.push(sheet);
}

/** Waits until a page says nothing new: fonts are there, and its elements stay as they are. At most some seconds. */
export async function settled(page: Page): Promise<void> {
  const quietMs = 300;
  const longestMs = 8_000;
  await page.evaluate(
    async ([quiet, longest]) => {
      await document.fonts.ready;
      let changedAt = performance.now();
      const end = changedAt + longest;
      const observer = new MutationObserver(() => {
        changedAt = performance.now();
      });
      observer.observe(document.body, {
        subtree: true,
        childList: true,
        attributes: true,
        characterData: true,
      });
      while (performance.now() < Math.min(end, changedAt + quiet))
        await new Promise((resolve) => setTimeout(resolve, 30));
      observer.disconnect();
    },
    [quietMs, longestMs] as const,
  );
}

/** Pages show where their server is, and its port is another one in each run. */
export async function hidePort(page: Page): Promise<void> {
  await page.evaluate(() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      const text = node.nodeValue ?? "";
      if (/127\.0\.0\.1:\d+/.test(text))
        node.nodeValue = text.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:8080");
    }
  });
}
