import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { SessionRecord } from "@peerscope/schema";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { readLogOnDisk } from "../support/session-log.ts";
import { violationsInBothThemes } from "./both-themes.ts";
import { importSessions, recordedCapture, replay } from "./recorded-sessions.ts";

/** Nothing recorded is hidden: every record as it came, found, compared, copied, taken along. */
let server: PeerscopeProcess;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const sessionId = "records-of-loss-a";
const [recorded] = replay(recordedCapture("loss-10"), {
  startAt: Date.UTC(2026, 10, 20, 10),
  callId: "records-of-loss",
  users: { a: "anna" },
});
if (recorded === undefined) throw new Error("The capture has no session.");
/** As the server has them: importing adds to what was recorded. */
let records: readonly SessionRecord[];
let samples: readonly SessionRecord[];

beforeAll(async () => {
  ensureBuilt();
  [server, browser] = await Promise.all([startPeerscope(), launchChromium()]);
  context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    permissions: ["clipboard-read", "clipboard-write"],
    reducedMotion: "reduce",
  });
  page = await context.newPage();
  await importSessions(server, [recorded]);
  ({ records } = await readLogOnDisk(server.dataDir, sessionId));
  samples = records.filter(({ kind }) => kind === "sample");
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const list = (): ReturnType<Page["locator"]> => page.getByRole("listbox", { name: "Records" });
const status = (): ReturnType<Page["locator"]> =>
  page.getByRole("region", { name: "Records" }).getByRole("status");
const chosen = (): ReturnType<Page["locator"]> => page.getByRole("region", { name: "Chosen record" });

async function open(query = ""): Promise<void> {
  await page.goto(`${server.url}/sessions/${sessionId}?tab=records${query}`);
  await list().waitFor();
  await page.waitForFunction(() =>
    /^\d.* records?$/.test(document.querySelector("[role=status]")?.textContent ?? ""),
  );
}

describe("the records of a session", () => {
  test("are all there, and go by keyboard from one to the next with the cursor of the charts", async () => {
    await open();
    expect(await status().textContent()).toBe(`${records.length} records`);
    await list().focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Home");
    const index = records.findIndex(({ kind }) => kind === "event");
    const event = records[index];
    if (event?.kind !== "event") throw new Error("There is no event.");
    for (let step = 0; step < index; step += 1) await page.keyboard.press("ArrowDown");
    await page.waitForURL(new RegExp(`record=${index}(&|$)`));
    await chosen().getByRole("heading", { name: event.name }).waitFor();
    const seconds = Math.round(((event.at - (records[0]?.at ?? 0)) / 1000) * 10) / 10;
    await page.waitForFunction((at) => new URL(location.href).searchParams.get("at") === String(at), seconds);
    // And back: the cursor leads to the record.
    await open("&at=20");
    // The one at the cursor is there when all before it is read.
    await page.getByText(`${records.length} records`, { exact: true }).first().waitFor();
    await page.getByRole("button", { name: "At the cursor" }).click();
    const start = records[0]?.at ?? 0;
    const expected = records.findLastIndex(({ at }) => at <= start + 20_000);
    await page.waitForURL(new RegExp(`record=${expected}(&|$)`));
    await page.getByRole("button", { name: "In the charts" }).click();
    await page.waitForSelector("canvas");
    expect(new URL(page.url()).searchParams.get("at")).not.toBeNull();
  });

  test("say what changed since the sample before, and copy as they came", async () => {
    const [first, second] = samples;
    if (first?.kind !== "sample" || second?.kind !== "sample") throw new Error("There are no samples.");
    await open(`&record=${records.indexOf(second)}`);
    const out = second.stats.find(({ type, kind }) => type === "outbound-rtp" && kind === "audio");
    const before = first.stats.find(({ id }) => id === out?.id);
    const by = Number(out?.["bytesSent"]) - Number(before?.["bytesSent"]);
    const object = chosen()
      .locator("div")
      .filter({ has: page.getByRole("button", { name: out?.id ?? "" }) })
      .last();
    await object
      .getByText(`+${by.toLocaleString("en-GB")}`, { exact: true })
      .first()
      .waitFor();
    expect(await chosen().getByText("encoderImplementation").count()).toBeGreaterThan(0);
    await chosen().getByText("What changed").click();
    await expect.poll(() => chosen().getByText("encoderImplementation").count()).toBe(0);
    await chosen().getByRole("button", { name: "Copy JSON" }).click();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(JSON.parse(copied)).toEqual(second);
  });

  test("are filtered by kind, type and words, and are taken along as NDJSON", async () => {
    await open();
    await page.getByText(`Samples ${samples.length}`, { exact: true }).click();
    await expect.poll(() => status().textContent()).toBe(`${samples.length} of ${records.length} records`);
    await page.getByText("All", { exact: true }).click();
    await page.getByRole("combobox", { name: "Type" }).selectOption("api-settled");
    const settled = records.filter((record) => record.kind === "event" && record.name === "api-settled");
    await expect.poll(() => status().textContent()).toBe(`${settled.length} of ${records.length} records`);
    await page.getByRole("combobox", { name: "Type" }).selectOption("");
    await page.getByRole("textbox", { name: "Words in the record" }).fill("GETUSERMEDIA settled");
    await expect.poll(() => status().textContent()).toBe(`${settled.length} of ${records.length} records`);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download these" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`${sessionId}.ndjson.gz`);
    const lines = gunzipSync(readFileSync(await download.path()))
      .toString()
      .trimEnd()
      .split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(settled);
    await page.getByRole("textbox", { name: "Words in the record" }).fill("no such word");
    await page.getByText(`None of ${records.length} records fits.`).waitFor();
    await page.getByRole("button", { name: "Show all" }).click();
    await expect.poll(() => status().textContent()).toBe(`${records.length} records`);
  });

  test("break no rule that axe knows, in both themes", async () => {
    await open("&record=30");
    await chosen().getByRole("button", { name: "Copy JSON" }).waitFor();
    expect(await violationsInBothThemes(page)).toEqual([]);
  });
});
