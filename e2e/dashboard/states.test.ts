import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { recordedCalls } from "./samples.ts";
import { viewsOf } from "./views.ts";

/** Nothing there, nothing yet, nothing any more: every page says which, and the rest of it goes on. */
let server: PeerscopeProcess;
let empty: PeerscopeProcess;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let errors: string[];
/** Who logs in has no frame around the page. */
const views = viewsOf().filter(({ route }) => route !== "/login");
/** One view of each page: the parts of a page share what they ask. */
const pages = views.filter(({ route }, place) => views.findIndex((view) => view.route === route) === place);

beforeAll(async () => {
  ensureBuilt();
  [server, empty, browser] = await Promise.all([
    startPeerscope({ samples: true }),
    startPeerscope(),
    launchChromium(),
  ]);
  await recordedCalls(server);
});

afterAll(async () => {
  await browser?.close();
  await Promise.all([server?.stop(), empty?.stop()]);
});

beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  page = await context.newPage();
  errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
});

afterEach(async () => {
  await context.close();
  expect(errors).toEqual([]);
});

/** What a person reads in the page itself, without the frame. */
const said = (): Promise<string> => page.locator("main").innerText();

/** Words of what stands for a whole page that broke. */
const broken = /This page could not be shown/;

test("every page says something on a server without data", async () => {
  const silent: string[] = [];
  for (const { name, path } of views) {
    await page.goto(`${empty.url}${path}`);
    const speaks = page.waitForFunction(
      () => {
        const main = document.querySelector("main");
        return (
          main !== null &&
          main.innerText.trim().length > 10 &&
          main.querySelector("[aria-busy=true]") === null
        );
      },
      undefined,
      { timeout: 10_000 },
    );
    const isSilent = await speaks.then(
      () => false,
      () => true,
    );
    if (isSilent || broken.test(await said())) silent.push(name);
  }
  expect(silent).toEqual([]);
});

test("every page has its frame, and says that it loads, while nothing is answered", async () => {
  await page.route("**/api/**", () => undefined);
  await page.route("**/healthz", () => undefined);
  // The gallery shows panels, and nothing else around them.
  for (const { name, path } of views.filter(({ route }) => route !== "/gallery")) {
    await page.goto(`${server.url}${path}`);
    await page.getByRole("search").waitFor();
    await page.waitForFunction(
      () =>
        document.querySelector("main [aria-busy=true], main .skeleton, main h1, main [role=status]") !== null,
    );
    expect(await said(), name).not.toMatch(broken);
  }
});

describe("when one thing fails", () => {
  test("every page keeps all the rest", async () => {
    const problems: string[] = [];
    for (const { name, path, ready } of pages) {
      const asked = new Set<string>();
      const note = (request: { url: () => string }): void => {
        const { pathname } = new URL(request.url());
        if (pathname.startsWith("/api/")) asked.add(pathname);
      };
      page.on("request", note);
      await page.goto(`${server.url}${path}`);
      await page.waitForSelector(ready);
      await page.waitForTimeout(200);
      page.off("request", note);
      for (const route of asked) {
        const isIt = (url: URL): boolean => url.pathname === route;
        await page.route(isIt, (request) =>
          request.fulfill({
            status: 500,
            contentType: "application/json",
            body: JSON.stringify({ error: { code: "internal", message: "It broke", docs: "" } }),
          }),
        );
        await page.goto(`${server.url}${path}`);
        await page.getByRole("search").waitFor();
        await page.waitForFunction(() => (document.querySelector("main")?.innerText.trim().length ?? 0) > 10);
        if (broken.test(await said())) problems.push(`${name} without ${route}`);
        await page.unroute(isIt);
      }
    }
    expect(problems).toEqual([]);
  }, 180_000);

  test("the list says what failed, and gets it when asked again", async () => {
    let isBroken = true;
    await page.route("**/api/sessions?*", (route) =>
      isBroken ? route.fulfill({ status: 503, body: "no" }) : route.continue(),
    );
    await page.goto(`${server.url}/sessions`);
    const retry = page.getByRole("alert").getByRole("button", { name: "Try again" });
    await retry.first().waitFor({ timeout: 30_000 });
    isBroken = false;
    await retry.first().click();
    await page.waitForSelector("tr[data-session-id]");
  });

  test("the store: recording goes on, and the page says so", async () => {
    await page.route("**/healthz", async (route) => {
      const answer = await route.fetch();
      await route.fulfill({
        response: answer,
        json: { ...(await answer.json()), status: "degraded", store: "down", problems: ["store-down"] },
      });
    });
    await page.goto(`${server.url}/sessions`);
    await page.getByText("The store does not answer; recording goes on.").waitFor();
    await page.waitForSelector("tr[data-session-id]");
  });
});

test("what was loaded stays when the server is gone, and comes back with it", async () => {
  const opened: { readonly path: string; readonly ready: string; readonly tab: Page }[] = [];
  for (const { path, ready } of pages.filter(({ route }) => /sessions|calls/.test(route))) {
    const tab = await context.newPage();
    tab.on("pageerror", (error) => errors.push(String(error)));
    await tab.goto(`${server.url}${path}`);
    await tab.waitForSelector(ready);
    await tab.getByText("Connected", { exact: true }).waitFor();
    opened.push({ path, ready, tab });
  }
  expect(opened.length).toBeGreaterThan(3);
  await context.setOffline(true);
  for (const { path, ready, tab } of opened) {
    await tab.bringToFront();
    await tab.getByText(/^Connection to the server lost/).waitFor({ timeout: 15_000 });
    expect(await tab.locator(ready).count(), path).toBeGreaterThan(0);
  }
  await context.setOffline(false);
  for (const { tab } of opened) {
    await tab.bringToFront();
    await tab.getByText("Connected", { exact: true }).waitFor({ timeout: 15_000 });
  }
});
