import type { Browser, Page } from "playwright-core";
import { writeRtcstatsDump } from "@peerscope/interop";
import { readCapture } from "@peerscope/scenarios";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { violationsInBothThemes } from "./both-themes.ts";
import { importSessions, recordedCapture, replay } from "./recorded-sessions.ts";

/** A session of the server beside a file that is only on this machine. */
let server: PeerscopeProcess;
let browser: Browser;
let page: Page;
const [lossy] = readCapture("loss-10").sessions;
if (lossy === undefined) throw new Error("The capture has no session.");
const dump = {
  name: "from-a-customer.txt",
  mimeType: "text/plain",
  buffer: Buffer.from([...writeRtcstatsDump(lossy.records)].join("\n")),
};

beforeAll(async () => {
  ensureBuilt();
  [server, browser] = await Promise.all([startPeerscope(), launchChromium()]);
  page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  const good = replay(recordedCapture("good-call"), {
    startAt: Date.UTC(2026, 10, 20, 10),
    callId: "good-call",
    users: { a: "anna" },
  });
  await importSessions(server, good.slice(0, 1));
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

describe("comparing with a file", () => {
  test("puts it beside a session, and sends it nowhere", async () => {
    const sent: string[] = [];
    page.on("request", (request) => {
      if (request.method() !== "GET") sent.push(request.url());
    });
    await page.goto(`${server.url}/compare?a=good-call-a`);
    await page.locator("input[type=file]").setInputFiles(dump);
    await page.getByTestId("side-A").waitFor();
    await page.getByTestId("side-B").getByText(dump.name).waitFor();
    await page.locator("[data-difference=Cause]").waitFor();
    await page.getByRole("region", { name: "Charts of both" }).locator("canvas").first().waitFor();
    expect(await violationsInBothThemes(page)).toEqual([]);
    await page.getByRole("button", { name: "Swap" }).click();
    await page.getByTestId("side-A").getByText(dump.name).waitFor();
    await page.getByTestId("side-B").getByRole("link", { name: "anna" }).waitFor();
    expect(sent).toEqual([]);
  });

  test("begins at an open dump", async () => {
    await page.goto(`${server.url}/dump`);
    await page.locator("input[type=file]").setInputFiles(dump);
    await page.getByTestId("verdict-headline").waitFor();
    await page.getByRole("link", { name: "Compare" }).click();
    await page.getByRole("region", { name: "Session A" }).getByText(dump.name).waitFor();
    await page.locator("button[data-session-id=good-call-a]").click();
    await page.locator("[data-difference=Cause]").waitFor();
  });
});
