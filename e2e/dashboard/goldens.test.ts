import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { hidePort, launchGoldenBrowser, openGoldenContext, settled, themes } from "./golden-browser.ts";
import { openGoldens } from "./golden-set.ts";
import { recordedCalls } from "./samples.ts";
import { viewsOf, type View } from "./views.ts";

/**
 * Every page looks as it did when somebody looked at it last, on the recorded calls of a first start. `npm run goldens` renews
 * the pictures.
 */
let server: PeerscopeProcess;
let empty: PeerscopeProcess;
let browser: Browser;
/** Long after the newest of the recorded calls. */
let now: number;

beforeAll(async () => {
  ensureBuilt();
  [server, empty, browser] = await Promise.all([
    startPeerscope({ samples: true }),
    startPeerscope(),
    launchGoldenBrowser(),
  ]);
  const calls = await recordedCalls(server);
  const dayMs = 86_400_000;
  const newest = Math.max(...calls.map(({ lastAt }) => lastAt));
  now = Math.ceil(newest / dayMs) * dayMs + 10 * dayMs;
});

afterAll(async () => {
  await browser?.close();
  await Promise.all([server?.stop(), empty?.stop()]);
});

/** Views as the reader first sees them; the gallery has pictures of its own. */
function views(): readonly (View & { readonly url: string })[] {
  const recorded = viewsOf().filter(({ route }) => route !== "/gallery");
  return [
    ...recorded.map((view) => ({ ...view, url: server.url + view.path })),
    {
      name: "calls",
      route: "/sessions",
      path: "/sessions?show=calls",
      ready: "main table a",
      url: `${server.url}/sessions?show=calls`,
    },
    { name: "start", route: "/", path: "/", ready: "[data-testid=arrival]", url: `${empty.url}/` },
  ];
}

/** What no two servers share stands as always the same: keys, addresses, times at which they were made, what the machine has. */
async function standStill(page: Page): Promise<void> {
  await page.route(/\/(api\/(me|project|projects|audit|users|tokens)\b|readyz|healthz)/, async (route) => {
    try {
      const answer = await route.fetch();
      const text = await answer.text();
      await route.fulfill({ response: answer, body: fixed(text) });
    } catch {
      // The window shows another page meanwhile: nobody waits for this answer.
    }
  });
}

function fixed(text: string): string {
  return text
    .replaceAll(/"(createdAt|at|newestAt|now|lastUsedAt|lastAt)":\d+/g, `"$1":${now - 3_600_000}`)
    .replaceAll(/"(ingestKey|keyId|entryId|subject)":"[^"]*"/g, '"$1":"pk_0123456789abcdef"')
    .replaceAll(/"(freeBytes|totalBytes)":\d+/g, '"$1":500000000000')
    .replaceAll(/"version":"[^"]*"/g, '"version":"1.2.3"')
    .replaceAll(/"lagBytes":\d+,"lagMs":\d+/g, '"lagBytes":0,"lagMs":0');
}

test("every page looks as it did", async () => {
  const goldens = openGoldens("pages");
  const context = await openGoldenContext(browser, "light", now);
  const page = await context.newPage();
  await page.setViewportSize({ width: 1280, height: 800 });
  await standStill(page);
  for (const { name, path, url, ready } of views()) {
    await page.goto(url);
    await page.waitForSelector(ready);
    await page.waitForFunction(() => document.querySelector("main [aria-busy=true]") === null);
    await settled(page);
    await hidePort(page);
    // Above the tabs each of them looks the same.
    const windowFrom = /tab=/.test(path) ? "main [role=tablist]" : null;
    for (const theme of themes) {
      await page.emulateMedia({ colorScheme: theme });
      await page.waitForFunction((of) => document.documentElement.dataset["theme"] === of, theme);
      await goldens.check(page, name.replaceAll(/[^a-z]+/g, "-"), theme, { windowFrom });
    }
    await page.emulateMedia({ colorScheme: "light" });
  }
  await context.close();
  expect(goldens.problems()).toEqual([]);
}, 600_000);
