import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import { writeRtcstatsDump, writeWebrtcInternals } from "@peerscope/interop";
import { readCapture, readCaptureGetStats } from "@peerscope/scenarios";
import { sessionListSchema } from "@peerscope/schema/api";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchChromium } from "../support/browser.ts";
import { ensureBuilt, startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";

/** A dump of 100 MB is open within this on an idle machine, and the page never still for longer, in milliseconds; tests share theirs with others. */
const openWithinMs = 5_000;
const stillForMs = 1_000;
const slack = 3;

let server: PeerscopeProcess;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let carried: string[];
let folder: string;

beforeAll(async () => {
  ensureBuilt();
  folder = await mkdtemp(join(tmpdir(), "peerscope-recordings-"));
  [server, browser] = await Promise.all([startPeerscope(), launchChromium()]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  page = await context.newPage();
  carried = [];
  page.on("request", (request) => {
    if (request.method() !== "GET" || request.postDataBuffer() !== null) carried.push(request.url());
  });
});

afterEach(() => context.close());

const [anna] = readCapture("loss-10").sessions;
if (anna === undefined) throw new Error("The capture has no session.");
const rtcstats = [...writeRtcstatsDump(anna.records)].join("\n");
const internals = [...writeWebrtcInternals(anna.records)].join("");

const file = (name: string, content: string): { name: string; mimeType: string; buffer: Buffer } => ({
  name,
  mimeType: "application/octet-stream",
  buffer: Buffer.from(content),
});

/** What axe finds against WCAG 2.2 A and AA, light and dark. */
async function violations(): Promise<string[]> {
  await page.evaluate(axe.source);
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.waitForFunction((theme) => document.documentElement.dataset["theme"] === theme, colorScheme);
    found.push(
      ...(await page.evaluate(async () => {
        const engine = (globalThis as unknown as { readonly axe: typeof axe }).axe;
        const { violations: rules } = await engine.run(document, {
          runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
        });
        return rules.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
      })),
    );
  }
  return found;
}

async function openDump(name: string, content: string): Promise<void> {
  await page.goto(`${server.url}/dump`);
  await page.locator("input[type=file]").setInputFiles(file(name, content));
}

describe("a dump of another tool", () => {
  test.each([
    ["rtcstats", rtcstats, "rtcstats recording"],
    ["webrtc-internals", internals, "chrome://webrtc-internals dump"],
  ])(
    "of %s is opened: verdict, charts, what it cannot show; nothing leaves the browser",
    async (_, text, words) => {
      await openDump("call.bin", text);
      await page.getByTestId("verdict-headline").waitFor();
      await page
        .getByRole("button", { name: "Open another" })
        .or(page.getByText("Open another"))
        .first()
        .waitFor();
      expect(await page.getByTestId("verdict").first().getAttribute("data-stated-cause")).toBe("uplink-loss");
      await page.getByText(words).waitFor();
      await page.waitForSelector("canvas");
      await page.getByText("This kind of file does not hold everything").click();
      expect(await page.getByTestId("file-notes").getByRole("listitem").count()).toBeGreaterThan(0);
      expect(await violations()).toEqual([]);
      expect(carried).toEqual([]);
    },
  );

  test("with damage and two participants: says what was skipped, shows each and the call, by keyboard", async () => {
    const damaged = `${readCaptureGetStats("loss-10")}rubbish\nmore of it\n`;
    await openDump("both.jsonl", damaged);
    await page.getByText(/2 lines unreadable, first at line \d+\. The rest is shown\./).waitFor();
    const group = page.getByRole("group", { name: "Sessions of the file" });
    await group.getByRole("button", { name: "The call" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("table", { name: "Sessions of the file" }).waitFor();
    expect(await page.getByTestId("verdict").getAttribute("data-stated-cause")).toMatch(/loss$/);
    expect(await violations()).toEqual([]);
    await page.getByRole("row").getByRole("button", { name: "b", exact: true }).press("Enter");
    await page.getByTestId("verdict-headline").waitFor();
    await group.getByRole("button", { name: "b", exact: true, pressed: true }).waitFor();
  });

  test("of 100 MB opens in seconds, the page answers meanwhile, and it can be cancelled", async () => {
    const path = join(folder, "large.json");
    await writeFile(path, largeInternals(100_000_000));
    await page.goto(`${server.url}/dump`);
    const input = page.locator("input[type=file]");
    await input.setInputFiles(path);
    await page.getByRole("progressbar").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Drop a file here").waitFor();

    await page.evaluate(() => {
      const state = { longestMs: 0, last: performance.now() };
      const tick = (): void => {
        const now = performance.now();
        state.longestMs = Math.max(state.longestMs, now - state.last);
        state.last = now;
        setTimeout(tick, 10);
      };
      tick();
      Object.assign(globalThis, { mainThread: state });
    });
    const began = performance.now();
    await input.setInputFiles(path);
    await page.getByTestId("verdict-headline").waitFor({ timeout: 60_000 });
    const shownMs = performance.now() - began;
    await page.getByText("Open another").waitFor({ timeout: 60_000 });
    const openMs = performance.now() - began;
    const longestMs = await page.evaluate(
      () =>
        (globalThis as unknown as { readonly mainThread: { readonly longestMs: number } }).mainThread
          .longestMs,
    );
    console.log(
      `100 MB internals dump: verdict after ${shownMs.toFixed(0)} ms, all after ${openMs.toFixed(0)} ms, page blocked ${longestMs.toFixed(0)} ms at most`,
    );
    expect(shownMs).toBeLessThan(openWithinMs * slack);
    // All of it: the better part of an hour.
    const newest = Number(await page.getByTestId("newest-sample").getAttribute("data-at"));
    expect(newest - (anna.records[0]?.at ?? 0)).toBeGreaterThan(30 * 60_000);
    expect(longestMs).toBeLessThan(stillForMs * slack);
  });
});

interface DumpedSeries {
  readonly startTime: string;
  readonly endTime: string;
  readonly values: string;
}
interface DumpedConnection {
  readonly stats: Record<string, DumpedSeries>;
}

/** A dump of that size: four connections like the recorded one, of a call that went on and on. */
function largeInternals(bytes: number): string {
  const dump: { PeerConnections: Record<string, DumpedConnection> } = JSON.parse(internals);
  const [connection] = Object.values(dump.PeerConnections);
  if (connection === undefined) throw new Error("The dump has no connection.");
  const times = Math.ceil(bytes / 4 / JSON.stringify(connection).length);
  const stats = Object.fromEntries(
    Object.entries(connection.stats).map(([name, series]) => [name, longer(series, times)]),
  );
  const text = JSON.stringify({ ...connection, stats });
  const connections = Array.from({ length: 4 }, (_, index) => `"1-${index}":${text}`);
  return JSON.stringify({ ...dump, PeerConnections: {} }).replace(
    '"PeerConnections":{}',
    () => `"PeerConnections":{${connections.join(",")}}`,
  );
}

/** Counters and times go on where they stood, everything else is repeated. */
function longer({ startTime, endTime, values, ...others }: DumpedSeries, times: number): DumpedSeries {
  const once: unknown[] = JSON.parse(values);
  const numbers = once.filter((value) => typeof value === "number");
  const isGrowing =
    numbers.length === once.length && numbers.every((value, index) => value >= (numbers[index - 1] ?? value));
  const stepMs = (Date.parse(endTime) - Date.parse(startTime)) / Math.max(1, once.length - 1);
  const isTime = isGrowing && (numbers[0] ?? 0) > 1e12;
  const growth = (numbers.at(-1) ?? 0) - (numbers[0] ?? 0) + (isTime ? stepMs : 0);
  const all = Array.from({ length: times }, (_, round) =>
    isGrowing ? numbers.map((value) => value + growth * round) : once,
  ).flat();
  const end = new Date(Date.parse(startTime) + stepMs * (all.length - 1)).toISOString();
  return { ...others, startTime, endTime: end, values: JSON.stringify(all) };
}

test("recordings are imported on the page of sessions, with what could not be read", async () => {
  await page.goto(`${server.url}/sessions`);
  await page.getByText("Import recordings").waitFor();
  const files = [
    file("call.rtcstats", rtcstats),
    file("both.jsonl", `${readCaptureGetStats("good-call")}rubbish\n`),
    file("holiday.txt", "not a recording at all\n"),
  ];
  await page.locator("main input[type=file]").setInputFiles(files);
  await page.getByRole("heading", { name: "Import finished" }).waitFor();
  await page.getByText("1 line unreadable, at line").waitFor();
  await page.getByText("This is no recording that is known here").waitFor();
  expect(await violations()).toEqual([]);
  await page.locator("main input[type=file]").setInputFiles([file("again.rtcstats", rtcstats)]);
  await page.getByText("Was there already").waitFor();
  await page.getByRole("link", { name: "Open", exact: true }).click();
  await page.getByTestId("verdict-headline").waitFor();
  expect(await page.getByTestId("verdict").getAttribute("data-stated-cause")).toBe("uplink-loss");

  const answer = await fetch(`${server.url}/api/sessions?tag=imported:getstats-lines`);
  const { sessions } = sessionListSchema.parse(await answer.json());
  expect(sessions).toHaveLength(2);
});
