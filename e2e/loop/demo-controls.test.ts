import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Observation } from "@peerscope/schema";
import { launchChromium } from "../support/browser.ts";
import { eventually, openDemo, readAnalysis, type DemoPage } from "../support/demo-page.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";

/** What would be said if an app's own wish were taken for a fault of the person's line or device. */
const blames = [
  "microphone-silent",
  "connection-without-media",
  "uplink-outage",
  "uplink-loss",
  "uplink-jitter",
  "uplink-bandwidth-limited",
  "downlink-outage",
  "downlink-loss",
  "high-rtt",
  "ice-disconnected",
];

// One call, hurt in one way after the other: what is asked for is not a fault, what breaks is named.
// A picture, a sound and a bandwidth are not judged in their first 15 s: the first test lasts longer, the next ones wait no more.
describe("the demo's controls", () => {
  let server: PeerscopeProcess;
  let browser: Browser;
  let demo: DemoPage;

  beforeAll(async () => {
    ensureBuilt();
    server = await startPeerscope();
    browser = await launchChromium();
    demo = await openDemo(browser, server, { user: "kim", call: "controls" });
    await demo.page.waitForTimeout(3_000);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  test("a busy page is not taken for a bad network", async () => {
    await demo.set("main-thread-load", 80);
    await demo.page.waitForTimeout(21_000);
    await demo.set("main-thread-load", 0);
    await demo.page.waitForTimeout(2_000);
    expect(await blamed()).toEqual([]);
  });

  test("a few lost frames freeze the picture", async () => {
    await demo.set("drop-video", 8);
    await raised("video-freeze", "inbound", 40_000);
    await demo.set("drop-video", 0);
  });

  test("lost sound is named at the ear", async () => {
    await demo.set("drop-audio", 40);
    await raised("audio-concealment", "inbound", 30_000);
    await demo.set("drop-audio", 0);
  });

  test("mute and camera off are not taken for faults", async () => {
    await demo.set("mic-mute", true);
    await demo.set("camera-off", true);
    // Longer than every rule on a silent microphone or a missing picture needs.
    await demo.page.waitForTimeout(14_000);
    await demo.set("mic-mute", false);
    await demo.set("camera-off", false);
    await demo.page.waitForTimeout(2_000);
    expect(await blamed()).toEqual([]);
  });

  test("a microphone that picks up nothing is named", async () => {
    await demo.set("mic-silent", true);
    await raised("microphone-silent", "outbound", 30_000);
    await demo.set("mic-silent", false);
  });

  test("a connection that the app closes is not taken for a fault", async () => {
    await demo.page.getByTestId("close-connection").click();
    await demo.page.waitForTimeout(8_000);
    expect((await blamed()).filter((id) => id !== "microphone-silent")).toEqual([]);
  });

  async function raised(id: string, direction: "inbound" | "outbound", withinMs: number): Promise<void> {
    const hurtAt = Date.now();
    await eventually(
      id,
      withinMs,
      async () => {
        const { observations } = await readAnalysis(server, demo.sessionId);
        // A machine under load may have had one before: the worst of it must be from now.
        const isNew = (one: Observation): boolean =>
          Math.max(one.startedAt, one.peak?.to ?? 0) >= hurtAt - 1_000;
        return observations.some((one) => one.id === id && one.scope.direction === direction && isNew(one))
          ? true
          : null;
      },
      250,
    );
    console.log(`${id} ${Date.now() - hurtAt} ms after the control`);
  }

  async function blamed(): Promise<string[]> {
    const { observations } = await readAnalysis(server, demo.sessionId);
    return observations.map(({ id }) => id).filter((id) => blames.includes(id));
  }
});
