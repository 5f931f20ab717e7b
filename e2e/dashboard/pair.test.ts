import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { violationsInBothThemes } from "./both-themes.ts";
import { importSessions, recordedCapture, replay } from "./recorded-sessions.ts";

/** What one person sent and what another one got of it, over each other. */
let server: PeerscopeProcess;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  ensureBuilt();
  [server, browser] = await Promise.all([startPeerscope(), launchChromium()]);
  page = await browser.newPage({ viewport: { width: 1440, height: 1000 }, reducedMotion: "reduce" });
  const sessions = replay(recordedCapture("sfu-loss-8-up"), {
    startAt: Date.UTC(2026, 10, 20, 10),
    callId: "call-of-three",
    users: { a: "anna", b: "ben", c: "cleo" },
  });
  const two = replay(recordedCapture("loss-10"), {
    startAt: Date.UTC(2026, 10, 20, 12),
    callId: "call-of-two",
    users: { a: "anna", b: "ben" },
  });
  await importSessions(server, [...sessions, ...two]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

async function openPair(callId: string, name: RegExp): Promise<ReturnType<Page["getByRole"]>> {
  await page.goto(`${server.url}/calls/${callId}`);
  const cell = page.getByRole("button", { name }).first();
  await cell.focus();
  await page.keyboard.press("Enter");
  const charts = page.getByRole("region", { name: "Sent and got" });
  await charts.waitFor();
  return charts;
}

describe("a pair of a call", () => {
  test("shows by keyboard what was sent and got, with its values at the cursor", async () => {
    const charts = await openPair("call-of-three", /^anna to ben/);
    const words = charts.getByRole("region", { name: "Loss" });
    await words
      .getByText(/ben got( \d)?: lowest .+ %, highest .+ %/)
      .first()
      .waitFor({ state: "attached" });
    // Anna's line lost packets: what reached ben stays below what she sent.
    const bitrate = charts.getByRole("region", { name: "Bitrate" });
    await bitrate
      .getByText(/anna sent.*ben got/)
      .first()
      .waitFor({ state: "attached" });
    for (let second = 0; second < 20; second += 1) await page.keyboard.press("ArrowRight");
    await expect
      .poll(() => bitrate.locator("output").allTextContents())
      .toEqual(expect.arrayContaining([expect.stringMatching(/^\d/)]));
    expect(await violationsInBothThemes(page)).toEqual([]);
  });

  test("shows the picture too, where there is one", async () => {
    const charts = await openPair("call-of-two", /^anna to ben/);
    await page.getByRole("radio", { name: "Picture" }).focus();
    await page.keyboard.press("Space");
    const frames = charts.getByRole("region", { name: "Frames" });
    await frames
      .getByText(/anna sent/)
      .first()
      .waitFor();
    await frames
      .getByText(/ben got/)
      .first()
      .waitFor();
    expect(await charts.getByRole("region", { name: "Patched-over sound" }).count()).toBe(0);
  });

  test("is in the URL: a link opens it again, and closing it takes it out", async () => {
    await openPair("call-of-three", /^anna to ben/);
    expect(new URL(page.url()).search).toBe("?sender=call-of-three-a&receiver=call-of-three-b");
    await page.reload();
    const pair = page.getByRole("region", { name: "From anna to ben" });
    await pair.getByRole("region", { name: "Sent and got" }).waitFor();
    await pair.getByRole("button", { name: "Close" }).click();
    await pair.waitFor({ state: "detached" });
    expect(new URL(page.url()).search).toBe("");
    await page.goto(`${server.url}/calls/call-of-three?sender=nobody&receiver=call-of-three-b`);
    await page
      .getByRole("button", { name: /^anna to ben/ })
      .first()
      .waitFor();
    expect(await page.getByRole("region", { name: /^From / }).count()).toBe(0);
  });

  test("says so when one recording cannot be read, and shows the other", async () => {
    await page.route("**/api/sessions/call-of-three-a/log*", (route) =>
      route.fulfill({
        status: 404,
        contentType: "application/json",
        body: JSON.stringify({ error: { code: "session-not-found", message: "There is no such session" } }),
      }),
    );
    const charts = await openPair("call-of-three", /^anna to ben/);
    await page
      .getByRole("alert")
      .getByText(/The recording of anna could not be read/)
      .waitFor();
    await charts
      .getByRole("region", { name: "Bitrate" })
      .getByText(/ben got/)
      .first()
      .waitFor();
    expect(
      await charts
        .getByRole("region", { name: "Bitrate" })
        .getByText(/anna sent/)
        .count(),
    ).toBe(0);
    await page.unroute("**/api/sessions/call-of-three-a/log*");
  });
});
