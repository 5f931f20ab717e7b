import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CDPSession, Page } from "playwright-core";
import type { Theme } from "./golden-browser.ts";
import { differenceOf, readPng, writePng, type Picture } from "./golden-picture.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A picture is looked at so often before it is said to differ: a slow machine draws late. */
const tries = 16;
const pauseMs = 200;

/** What a picture shows: an element, or the window with an element at its top (null: as it opens). */
export type Sight = { readonly element: string } | { readonly windowFrom: string | null };

/** The committed pictures of one folder, and how those of this run compare with them. */
export interface GoldenSet {
  /** Takes a picture and compares it; or keeps it, when goldens are renewed. */
  check(page: Page, name: string, theme: Theme, sight: Sight): Promise<void>;
  /** What differs, what has no golden, and goldens that nothing was compared with. */
  problems(): string[];
}

/** `GOLDENS=renew` keeps what is seen instead of comparing it. */
export function openGoldens(folder: "gallery" | "pages"): GoldenSet {
  const renew = process.env["GOLDENS"] === "renew";
  const committed = join(root, "e2e/dashboard/goldens", folder);
  const results = join(root, "test-results/goldens", folder);
  rmSync(results, { recursive: true, force: true });
  mkdirSync(committed, { recursive: true });
  const known = new Set(readdirSync(committed).filter((file) => file.endsWith(".png")));
  const seen = new Set<string>();
  const problems: string[] = [];

  const keep = (file: string, what: "actual" | "difference", picture: Picture): void => {
    mkdirSync(results, { recursive: true });
    writeFileSync(join(results, file.replace(/png$/, `${what}.png`)), writePng(picture));
  };

  return {
    async check(page, name, theme, sight) {
      const file = `${name}-${theme}.png`;
      seen.add(file);
      const path = join(committed, file);
      let picture = await take(page, sight);
      if (renew) {
        // What is kept has to stand still.
        for (let again = 0; again < tries; again += 1) {
          await pause(page);
          const next = await take(page, sight);
          const stands = differenceOf(picture, next) === null;
          picture = next;
          if (stands) break;
        }
        const isNew = !known.has(file) || differenceOf(readPng(readFileSync(path)), picture) !== null;
        if (isNew) writeFileSync(path, writePng(picture));
        return;
      }
      if (!known.has(file)) {
        keep(file, "actual", picture);
        problems.push(`${file}: has no golden; look at test-results/goldens, then npm run goldens`);
        return;
      }
      const golden = readPng(readFileSync(path));
      for (let again = 0; ; again += 1) {
        const difference = differenceOf(golden, picture);
        if (difference === null) return;
        if (again === tries) {
          keep(file, "actual", picture);
          if (difference.picture !== null) keep(file, "difference", difference.picture);
          problems.push(`${file}: ${difference.says}; see test-results/goldens/${folder}`);
          return;
        }
        await pause(page);
        picture = await take(page, sight);
      }
    },
    problems() {
      const left = [...known].filter((file) => !seen.has(file));
      if (renew) for (const file of left) rmSync(join(committed, file));
      else
        problems.push(
          ...left.map((file) => `${file}: nothing was compared with it; npm run goldens removes it`),
        );
      return problems;
    },
  };
}

async function pause(page: Page): Promise<void> {
  await page.evaluate((ms) => new Promise((resolve) => setTimeout(resolve, ms)), pauseMs);
}

const sessions = new WeakMap<Page, CDPSession>();

/** Asks the browser itself: it compresses for speed, and does not wait for what was waited for already. */
async function take(page: Page, sight: Sight): Promise<Picture> {
  let session = sessions.get(page);
  if (session === undefined) {
    session = await page.context().newCDPSession(page);
    sessions.set(page, session);
  }
  const clip = await page.evaluate(
    async ({ selector, isWindow }) => {
      const element = selector === null ? null : document.querySelector(selector);
      if (selector !== null && element === null) throw new Error(`There is no ${selector}`);
      if (element === null) scrollTo({ top: 0, behavior: "instant" });
      else element.scrollIntoView({ block: isWindow ? "start" : "center", behavior: "instant" });
      // What is drawn because it came into sight is there after two frames.
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
      const { left, top, width, height } =
        element === null || isWindow
          ? new DOMRect(0, 0, innerWidth, innerHeight)
          : element.getBoundingClientRect();
      return {
        x: Math.round(left + scrollX),
        y: Math.round(top + scrollY),
        width: Math.round(width),
        height: Math.round(height),
      };
    },
    "element" in sight
      ? { selector: sight.element, isWindow: false }
      : { selector: sight.windowFrom, isWindow: true },
  );
  const { data } = await session.send("Page.captureScreenshot", {
    format: "png",
    optimizeForSpeed: true,
    clip: { ...clip, scale: 1 },
  });
  return readPng(Buffer.from(data, "base64"));
}
