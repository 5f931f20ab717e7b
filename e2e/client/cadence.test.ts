import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { eventsOf, openSdkLab, samplesOf, type SdkLab } from "./sdk-lab.ts";

let browser: Browser;
let lab: SdkLab;

beforeAll(async () => {
  [browser, lab] = await Promise.all([launchChromium(), openSdkLab()]);
});
afterAll(async () => {
  await browser.close();
  await lab.close();
});

describe("the cadence of samples in a real call", () => {
  it("is closer while the path is being found, and says so", async () => {
    const page = await lab.open(browser);
    const sessionId = await page.evaluate(async () => {
      const { lab } = globalThis;
      const monitor = lab.start({ cpuBudget: 1 });
      // Other tests may hold the machine busy: not what this one is about. What decides is loaded after the start.
      await lab.pause(1_000);
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      await lab.connect(new RTCPeerConnection(), new RTCPeerConnection(), stream);
      await lab.pause(5_000);
      await monitor.stop();
      return monitor.sessionId;
    });
    const session = lab.session(sessionId);
    const changes = eventsOf(session, "sampling-interval-changed");
    expect(changes.map(({ data }) => data)).toEqual([{ intervalMs: 500, reason: "trouble" }]);
    const times = samplesOf(session, "pc-1").map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    // The others belong to a sample out of turn: at the connection, at the end.
    expect(gaps.filter((gap) => gap > 350 && gap < 650).length).toBeGreaterThanOrEqual(7);
    expect(Math.max(...gaps)).toBeLessThan(1_000);
  });

  it("is more seldom when the SDK takes more than its share", async () => {
    const page = await lab.open(browser);
    const sessionId = await page.evaluate(async () => {
      const { lab } = globalThis;
      // A hundred-thousandth of the main thread is less than any work takes.
      const monitor = lab.start({ cpuBudget: 0.000_01, intervalMs: 200 });
      await lab.pause(500);
      const pc = new RTCPeerConnection();
      pc.createDataChannel("chat");
      await lab.pause(4_000);
      await monitor.stop();
      return monitor.sessionId;
    });
    const changes = eventsOf(lab.session(sessionId), "sampling-interval-changed");
    // By steps, each twice as long.
    expect(changes.slice(0, 3).map(({ data }) => data)).toEqual([
      { intervalMs: 400, reason: "cost" },
      { intervalMs: 800, reason: "cost" },
      { intervalMs: 1_600, reason: "cost" },
    ]);
  });
});
