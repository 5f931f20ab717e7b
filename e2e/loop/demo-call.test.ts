import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toSessionReport } from "@peerscope/observer";
import type { AnalysisReport } from "@peerscope/schema";
import { sessionListSchema } from "@peerscope/schema/api";
import { launchChromium } from "../support/browser.ts";
import {
  eventually,
  median,
  openDemo,
  readAnalysis,
  readSession,
  type DemoPage,
} from "../support/demo-page.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { readLogOnDisk } from "../support/session-log.ts";

const command = fileURLToPath(new URL("../../packages/cli/dist/main.js", import.meta.url));

// One call, followed from the browser to the stated cause and to the file: the tests build on each other.
describe("a demo call", () => {
  let server: PeerscopeProcess;
  let browser: Browser;
  let demo: DemoPage;
  let sessionPage: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    ensureBuilt();
    server = await startPeerscope();
    browser = await launchChromium();
    demo = await openDemo(browser, server, { user: "kim", call: "loop", errors });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  test("is in the list of sessions, live, with the name and call that the app gave", async () => {
    const session = await eventually("the session in /api/sessions", 10_000, async () => {
      const answer = await fetch(`${server.url}/api/sessions?call=loop&live=true`);
      const { sessions } = sessionListSchema.parse(await answer.json());
      return sessions.find(({ sessionId }) => sessionId === demo.sessionId) ?? null;
    });
    expect(session).toMatchObject({ userId: "kim", callId: "loop", live: true, tags: { page: "demo" } });
  });

  test("is at most 3 s behind live on its session page and in its row", async () => {
    sessionPage = await browser.newPage();
    sessionPage.on("pageerror", (error) => errors.push(String(error)));
    await sessionPage.goto(`${server.url}/sessions/${demo.sessionId}`);
    await sessionPage.waitForSelector("[data-testid=newest-sample][data-at]", {
      timeout: 15_000,
      state: "attached",
    });
    // The page first reads what was recorded before it was opened.
    await sessionPage.waitForTimeout(3_000);
    const onPage: number[] = [];
    const inRow: number[] = [];
    for (let reading = 0; reading < 20; reading += 1) {
      onPage.push(
        await sessionPage.evaluate(() => {
          const element = document.querySelector<HTMLElement>("[data-testid=newest-sample]");
          return Date.now() - Number(element?.dataset["at"] ?? Number.NaN);
        }),
      );
      const session = await readSession(server, demo.sessionId);
      inRow.push(Date.now() - (session?.lastAt ?? Number.NaN));
      await sessionPage.waitForTimeout(330);
    }
    console.log(
      `behind live: session page median ${median(onPage)} ms, max ${Math.max(...onPage)} ms; ` +
        `row median ${median(inRow).toFixed(0)} ms, max ${Math.max(...inRow).toFixed(0)} ms (20 readings)`,
    );
    expect(Math.max(...onPage)).toBeLessThanOrEqual(3_000);
    expect(Math.max(...inRow)).toBeLessThanOrEqual(3_000);
  });

  test("shows the observation within 8 s of the impairment", async () => {
    expect(await sessionPage.locator('[data-observation-id="uplink-outage"]').count()).toBe(0);
    const shown = sessionPage
      .waitForSelector('[data-observation-id="uplink-outage"]', { timeout: 20_000, state: "attached" })
      .then(() => performance.now());
    const hurtAt = performance.now();
    await demo.set("drop-video", 100);
    const afterMs = (await shown) - hurtAt;
    console.log(`observation on the page ${afterMs.toFixed(0)} ms after the impairment`);
    expect(afterMs).toBeLessThanOrEqual(8_000);
  });

  test("closes the observation when the impairment is over", async () => {
    await demo.set("drop-video", 0);
    const closed = await eventually("the end of uplink-outage", 30_000, async () => {
      const { observations } = await readAnalysis(server, demo.sessionId);
      return observations.find(({ id, clearedAt }) => id === "uplink-outage" && clearedAt !== null) ?? null;
    });
    expect(closed.endReason).toBe("cleared");
  });

  test("was never disturbed by the recording", () => {
    expect(errors).toEqual([]);
  });

  test("is analysed live as it is analysed from its file", async () => {
    await demo.hangUp();
    await eventually("the end of the session", 10_000, async () => {
      const session = await readSession(server, demo.sessionId);
      return session !== null && session.ended && !session.live ? session : null;
    });
    const live = await readAnalysis(server, demo.sessionId);
    const { path } = await readLogOnDisk(server.dataDir, demo.sessionId);
    const { stdout } = await promisify(execFile)(process.execPath, [command, "analyze", path, "--json"], {
      maxBuffer: 100_000_000,
    });
    const offline: AnalysisReport = JSON.parse(stdout);
    expect(offline.sessions.length).toBe(1);
    expect(offline.sessions[0]?.observations.map(({ id }) => id)).toContain("uplink-outage");
    expect(JSON.stringify(offline.sessions[0])).toBe(JSON.stringify(toSessionReport(live)));
  });
});
