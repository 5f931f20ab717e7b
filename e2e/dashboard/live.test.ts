import { generateSession, type GeneratedSession } from "@peerscope/scenarios";
import { createFrameEncoder } from "@peerscope/schema";
import type { LiveSession, LiveSnapshot } from "@peerscope/schema/api";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { joinSession, type IngestClient } from "../server/ingest-client.ts";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";

let server: PeerscopeProcess;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const clients: IngestClient[] = [];

beforeAll(async () => {
  ensureBuilt();
  server = await startPeerscope();
  browser = await launchChromium();
});
afterAll(async () => {
  for (const client of clients) client.drop();
  await browser?.close();
  await server?.stop();
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
});
afterEach(async () => {
  await context.close();
});

interface GeneratedClient {
  /** Sends what happened until so many seconds after the start. */
  until(seconds: number): void;
}

/** A client whose session is made up and told in steps: how fast is up to the test. */
async function join(sessionId: string, kind: "good" | "jitter", userId: string): Promise<GeneratedClient> {
  const startAt = Date.now() - 60_000;
  const { records }: GeneratedSession = generateSession({
    seed: 7,
    durationSeconds: 120,
    kind,
    startAt,
    userId,
    callId: "stand-up",
  });
  const client = await joinSession(server, sessionId);
  clients.push(client);
  const encoder = createFrameEncoder();
  const rest = [...records];
  return {
    until(seconds) {
      const batch = rest.splice(0, rest.filter(({ at }) => at <= startAt + seconds * 1000).length);
      // Some records a frame, as the SDK sends them.
      for (let first = 0; first < batch.length; first += 20)
        client.send(encoder.encode(batch.slice(first, first + 20)));
    },
  };
}

test("an observation opens and clears on the page, and leads to the session as it grows", async () => {
  await page.goto(`${server.url}/live`);
  await page.getByRole("heading", { name: "Nobody is in a call" }).waitFor();

  const kim = await join("live-kim", "good", "Kim");
  const bea = await join("live-bea", "jitter", "Bea");
  kim.until(50);
  // The trouble is between second 36 and second 84.
  bea.until(30);
  await page.getByText("Nothing is wrong for anybody").waitFor();
  // One call, whatever the number of its clients.
  const call = page.locator("tr", { hasText: "2 clients" }).getByRole("link", { name: "stand-up" });
  await call.waitFor();

  bea.until(65);
  const row = page.locator('tr[data-session-id="live-bea"]');
  await row.waitFor();
  expect(await row.getAttribute("data-state")).toBe("open");
  expect(await page.locator('tr[data-session-id="live-kim"]').count()).toBe(0);
  expect(await row.locator("[data-observation-id]").getAttribute("data-observation-id")).toMatch(/jitter/);
  await page.locator('[data-change="opened"]').first().waitFor();

  // Who reads it is not interrupted: the row stays and says that it is over.
  await row.hover();
  bea.until(118);
  await page.locator('tr[data-session-id="live-bea"][data-state="over"]').waitFor({ timeout: 15_000 });
  await page.mouse.move(5, 5);
  await row.waitFor({ state: "detached" });
  await page.locator('[data-change="cleared"]').first().waitFor();

  await page.locator('[data-change="opened"]').getByRole("link", { name: "Bea" }).first().click();
  await page.waitForURL(/\/sessions\/live-bea\?obs=/);
  await page.getByText("Still running").waitFor();
}, 45_000);

test("who is not logged in any more is led to the login, and back", async () => {
  await page.route("**/api/live*", (route) =>
    route.fulfill({ status: 401, json: { error: { code: "login-needed", message: "Log in first" } } }),
  );
  await page.goto(`${server.url}/live?tz=utc`);
  const login = page.getByRole("main").getByRole("link", { name: "Log in" });
  expect(await login.getAttribute("href")).toMatch(/^\/login\?.*next=%2Flive%3Ftz%3Dutc/);
  await login.click();
  await page.getByRole("button", { name: "Log in" }).waitFor();
});

test("a list that has only the worst of those who suffer says so", async () => {
  const at = Date.now();
  const sessions = Array.from({ length: 60 }, (_, place): LiveSession => ({
    sessionId: `cut-${place}`,
    callId: null,
    userId: null,
    startedAt: at - 60_000,
    class: "poor",
    since: at - 30_000,
    faultDomain: "unknown",
    observations: [],
    browser: null,
    os: null,
  }));
  const snapshot: LiveSnapshot = {
    at,
    clients: 400,
    calls: 400,
    classes: { good: 50, fair: 0, poor: 350, failed: 0, dropped: 0, "not-measured": 0 },
    affected: 350,
    sessions,
    worstCalls: [],
    factorsTried: 0,
    factors: [],
    changes: [],
  };
  await page.route("**/api/live*", (route) =>
    route.fulfill({
      contentType: "text/event-stream",
      body: `event: now\ndata: ${JSON.stringify(snapshot)}\n\n`,
    }),
  );
  await page.goto(`${server.url}/live`);
  const list = page.getByRole("region", { name: "Suffering now" });
  await list.getByText("the worst 60 of 350 people, longest first", { exact: true }).waitFor();
  expect(await list.locator("tr[data-session-id]").count()).toBe(50);
  await list.getByRole("button", { name: "Show 10 more" }).click();
  expect(await list.locator("tr[data-session-id]").count()).toBe(60);
  await list.getByText("290 other people suffer and are not listed here.").waitFor();
});

test("paused it stands still, and a lost server is told with a countdown", async () => {
  const lin = await join("live-lin", "jitter", "Lin");
  lin.until(30);
  await page.goto(`${server.url}/live`);
  await page.getByText("Clients", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText(/^Paused, showing/).waitFor();
  lin.until(65);
  // The stream went on meanwhile: the first snapshot after the pause has it.
  await expect
    .poll(
      async () => {
        const answer = await fetch(`${server.url}/api/live`);
        return JSON.stringify(await answer.json());
      },
      { timeout: 15_000 },
    )
    .toMatch(/"sessionId":"live-lin"[^}]*"since":\d/);
  expect(await page.locator('tr[data-session-id="live-lin"]').count()).toBe(0);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.locator('tr[data-session-id="live-lin"]').waitFor();

  await server.kill9();
  await page.getByText(/Connection to the server lost, showing/).waitFor();
  await page.getByText(/Trying again in \d+ s/).waitFor();
  expect(await page.locator('tr[data-session-id="live-lin"]').count()).toBe(1);
}, 30_000);
