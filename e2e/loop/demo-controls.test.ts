import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { eventually, openDemo, readAnalysis, type DemoPage } from "../support/demo-page.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";

// One call, hurt in one way after the other: what is asked for is not a fault, what breaks is named.
describe("the demo's controls", () => {
  let server: PeerscopeProcess;
  let browser: Browser;
  let demo: DemoPage;

  beforeAll(async () => {
    ensureBuilt();
    server = await startPeerscope();
    browser = await launchChromium();
    demo = await openDemo(browser, server, { user: "kim", call: "controls" });
    await demo.page.waitForTimeout(5_000);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  test("mute and camera off raise nothing", async () => {
    await demo.set("mic-mute", true);
    await demo.set("camera-off", true);
    // Longer than every rule on a silent microphone or a missing picture needs.
    await demo.page.waitForTimeout(14_000);
    await demo.set("mic-mute", false);
    await demo.set("camera-off", false);
    await demo.page.waitForTimeout(3_000);
    expect(await above(server, demo.sessionId)).toEqual([]);
  });

  test("a busy page raises nothing", async () => {
    await demo.set("main-thread-load", 80);
    await demo.page.waitForTimeout(12_000);
    await demo.set("main-thread-load", 0);
    await demo.page.waitForTimeout(3_000);
    expect(await above(server, demo.sessionId)).toEqual([]);
  });

  test("lost sound is named at the ear", async () => {
    await demo.set("drop-audio", 40);
    await raised("audio-concealment");
    await demo.set("drop-audio", 0);
  });

  test("a microphone that picks up nothing is named", async () => {
    await demo.set("mic-silent", true);
    await raised("microphone-silent");
    await demo.set("mic-silent", false);
  });

  test("a few lost frames freeze the picture", async () => {
    await demo.set("drop-video", 8);
    await raised("video-freeze");
  });

  async function raised(observation: string): Promise<void> {
    const began = performance.now();
    await eventually(
      observation,
      30_000,
      async () => {
        const ids = await above(server, demo.sessionId);
        return ids.includes(observation) ? true : null;
      },
      250,
    );
    console.log(`${observation} ${(performance.now() - began).toFixed(0)} ms after the control`);
  }
});

/** Ids of what was ever raised above info. */
async function above(server: PeerscopeProcess, sessionId: string): Promise<string[]> {
  const { observations } = await readAnalysis(server, sessionId);
  return observations.filter(({ severity }) => severity !== "info").map(({ id }) => id);
}
