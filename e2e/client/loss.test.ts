import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SessionRecord } from "@peerscope/schema";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { measureBundle } from "../../packages/client/scripts/size.ts";
import { launchChromium } from "../support/browser.ts";
import { eventually, readSession } from "../support/demo-page.ts";
import { openNetwork, openStrictProxy } from "../support/lossy-network.ts";
import { startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { readLogOnDisk, type LogOnDisk } from "../support/session-log.ts";
import { openTickingApp, type TickingApp } from "../support/ticking-app.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

let browser: Browser;
let cachingBrowser: Browser;
let app: TickingApp;
let mortal: PeerscopeProcess;
let steady: PeerscopeProcess;
let hanging: PeerscopeProcess;
let mortalData: string;

beforeAll(async () => {
  console.log(`seed ${seed} (set SEED to repeat)`);
  await measureBundle();
  mortalData = await mkdtemp(join(tmpdir(), "peerscope-loss-"));
  [mortal, steady, hanging, browser, cachingBrowser, app] = await Promise.all([
    startPeerscope({ dataDir: mortalData }),
    startPeerscope(),
    startPeerscope(),
    launchChromium(),
    launchChromium({ backForwardCache: true }),
    openTickingApp(),
  ]);
});
afterAll(async () => {
  await Promise.all([browser?.close(), cachingBrowser?.close()]);
  await Promise.all([mortal?.stop(), steady?.stop(), hanging?.stop(), app?.close()]);
  await rm(mortalData, { recursive: true, force: true });
});

const pause = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));

/** One page of the app in a context of its own. */
interface Visit {
  readonly page: Page;
  readonly sessionId: string;
  reload(): Promise<void>;
  /** Milliseconds until the server has everything that the app fired. */
  caughtUp(): Promise<number>;
}

async function visit(
  url: string,
  token: string,
  more: Record<string, string | number> = {},
  from: Browser = browser,
): Promise<Visit> {
  const context = await from.newContext({ permissions: ["microphone"] });
  const page = await context.newPage();
  const loaded = async (): Promise<void> => {
    await page.waitForFunction(() => typeof globalThis.ticking === "object");
    await page.evaluate(() => globalThis.ticking.called);
  };
  await page.goto(app.page({ server: url, token, seed, ...more }));
  await loaded();
  const sessionId = await page.evaluate(() => globalThis.ticking.monitor.sessionId);
  return {
    page,
    sessionId,
    async reload() {
      await page.reload();
      await loaded();
      expect(await page.evaluate(() => globalThis.ticking.monitor.sessionId)).toBe(sessionId);
    },
    async caughtUp() {
      const began = performance.now();
      await eventually("an empty buffer", 30_000, () =>
        page.evaluate(() => {
          const { connected, recordsQueued } = globalThis.ticking.monitor.status();
          return connected && recordsQueued < 10 ? true : null;
        }),
      );
      return performance.now() - began;
    },
  };
}

interface Outcome {
  readonly log: LogOnDisk;
  /** What the log says. */
  readonly ticks: readonly unknown[];
  readonly samples: number;
  readonly told: number;
  /** Longest time between two samples of one connection, in milliseconds. */
  readonly longestGapMs: number;
  /** What the page says. */
  readonly fired: number;
  readonly taken: number;
  readonly lost: number;
}

/** Ends the recording and closes the page, as an app does when somebody hangs up. */
async function hangUp({ page }: Visit): Promise<Pick<Outcome, "fired" | "taken" | "lost">> {
  await page.evaluate(() => globalThis.ticking.finish());
  const { ticks: fired, samples: taken } = await page.evaluate(() => globalThis.ticking.counts());
  const { lost } = await page.evaluate(() => globalThis.ticking.monitor.status());
  // The browser stays, and sends what the page has left to it.
  await page.close();
  return { fired, taken, lost };
}

async function finish(name: string, visited: Visit, server: PeerscopeProcess): Promise<Outcome> {
  return await outcomeOf(name, visited, server, await hangUp(visited));
}

/** What the log has of a visit that is over, as soon as its last word has reached the disk. */
async function outcomeOf(
  name: string,
  { page, sessionId }: Visit,
  server: PeerscopeProcess,
  { fired, taken, lost }: Pick<Outcome, "fired" | "taken" | "lost">,
): Promise<Outcome> {
  const began = performance.now();
  let last: LogOnDisk | undefined;
  const log = await eventually("the end of the session in its log", 30_000, async () => {
    last = await readLogOnDisk(server.dataDir, sessionId);
    return last.records.some(isStop) ? last : null;
  }).catch((error: unknown) => {
    if (last === undefined) throw error;
    // What is missing says more than that something is.
    return last;
  });
  const waitedMs = performance.now() - began;
  await page.context().close();
  const ticks: unknown[] = [];
  const lastAt = new Map<string, number>();
  let samples = 0;
  let told = 0;
  let longestGapMs = 0;
  for (const record of log.records) {
    if (record.kind === "sample") {
      samples += 1;
      longestGapMs = Math.max(longestGapMs, record.at - (lastAt.get(record.connectionId) ?? record.at));
      lastAt.set(record.connectionId, record.at);
    } else if (record.kind === "event" && record.name === "app-event") {
      const data = record.data?.["data"] as { readonly n?: unknown } | undefined;
      ticks.push(data?.n);
    } else if (record.kind === "event" && record.name === "sdk-records-lost") {
      told += Number(record.data?.["samples"]) + Number(record.data?.["events"]);
    }
  }
  console.log(
    `${name}: ${fired} events, ${samples} of ${taken} samples, longest gap ${longestGapMs.toFixed(0)} ms, ${log.sequences.length} frames, on disk ${waitedMs.toFixed(0)} ms after the end`,
  );
  return { log, ticks, samples, told, longestGapMs, fired, taken, lost };
}

const isStop = (record: SessionRecord): boolean =>
  record.kind === "event" && record.name === "session-ended" && record.data?.["reason"] === "stopped";

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Every event exactly once, in order, in a log without a hole. */
function expectEveryEvent({ log, ticks, fired }: Outcome): void {
  expect(log.problems).toEqual([]);
  expect(log.sequences).toEqual(upTo(log.sequences.length));
  expect(fired).toBeGreaterThan(20);
  expect(ticks).toEqual(upTo(fired));
}

const resumes = ({ log }: Outcome): readonly unknown[] =>
  log.records.filter((record) => record.kind === "event" && record.name === "session-resumed");

function expectEverySample(outcome: Outcome): void {
  expect(outcome.taken).toBeGreaterThan(20);
  expect(outcome.samples).toBe(outcome.taken);
  expect([outcome.lost, outcome.told]).toEqual([0, 0]);
  // Two intervals, and what a busy test machine adds to a timer.
  expect(outcome.longestGapMs).toBeLessThan(2_500);
}

// Five at once: those that take longest come first.
describe.concurrent("nothing is lost", () => {
  test("while the server is dead for 20 s, also not what a page knew that was reloaded meanwhile", async () => {
    const [stayed, reloaded] = await Promise.all([
      visit(mortal.url, mortal.ingestKey),
      visit(mortal.url, mortal.ingestKey),
    ]);
    await pause(4_000);
    await mortal.kill9();
    const killedAt = performance.now();
    await pause(5_000);
    await reloaded.reload();
    await pause(20_000 - (performance.now() - killedAt));
    mortal = await startPeerscope({ dataDir: mortalData, port: mortal.port });
    const waits = await Promise.all([stayed.caughtUp(), reloaded.caughtUp()]);
    console.log(`caught up ${waits.map((ms) => ms.toFixed(0)).join(" and ")} ms after the restart`);
    await pause(2_000);
    for (const [name, page] of Object.entries({ "server killed": stayed, "killed and reloaded": reloaded })) {
      const outcome = await finish(name, page, mortal);
      expectEveryEvent(outcome);
      expectEverySample(outcome);
    }
  });

  test("while the server hangs for 12 s, also not of pages that ended meanwhile, one of which had no connection", async () => {
    const [stayed, ended, reloaded] = await Promise.all(
      ["stayed", "ended", "reloaded"].map((call) => visit(hanging.url, hanging.ingestKey, { call })),
    );
    if (!stayed || !ended || !reloaded) throw new Error("There are three pages.");
    await pause(4_000);
    process.kill(hanging.pid, "SIGSTOP");
    const hungAt = performance.now();
    await reloaded.reload();
    await pause(2_000);
    const [endedSaid, reloadedSaid] = await Promise.all([hangUp(ended), hangUp(reloaded)]);
    await pause(12_000 - (performance.now() - hungAt));
    process.kill(hanging.pid, "SIGCONT");
    await stayed.caughtUp();
    await pause(2_000);
    for (const outcome of [
      await outcomeOf("server hung, ended", ended, hanging, endedSaid),
      await outcomeOf("server hung, reloaded", reloaded, hanging, reloadedSaid),
      await finish("server hung, stayed", stayed, hanging),
    ]) {
      expectEveryEvent(outcome);
      expectEverySample(outcome);
    }
  });

  test("while the network is away for 15 s", async () => {
    const network = await openNetwork(steady.port);
    const visited = await visit(network.url, steady.ingestKey);
    await pause(4_000);
    await visited.page.context().setOffline(true);
    network.cut();
    await pause(15_000);
    network.mend();
    await visited.page.context().setOffline(false);
    console.log(`caught up ${(await visited.caughtUp()).toFixed(0)} ms after the network was back`);
    await pause(2_000);
    const outcome = await finish("network away", visited, steady);
    expectEveryEvent(outcome);
    expectEverySample(outcome);
    await network.close();
  });

  test("beyond the buffer but samples, the oldest first, and they are counted", async () => {
    const network = await openNetwork(steady.port);
    const visited = await visit(network.url, steady.ingestKey, { buffer: 1_000 });
    await pause(4_000);
    network.cut();
    await pause(22_000);
    network.mend();
    await visited.caughtUp();
    await pause(2_000);
    const outcome = await finish("small buffer", visited, steady);
    expectEveryEvent(outcome);
    expect(outcome.lost).toBeGreaterThan(5);
    expect(outcome.taken - outcome.samples).toBe(outcome.lost);
    expect(outcome.told).toBe(outcome.lost);
    await network.close();
  });

  test("when the page is reloaded during the call, twice; a copy of the tab is a session of its own", async () => {
    const visited = await visit(steady.url, steady.ingestKey, { call: "reloaded" });
    await pause(4_000);
    const [copy] = await Promise.all([
      visited.page.context().waitForEvent("page"),
      visited.page.evaluate(() => void window.open(location.href)),
    ]);
    await copy.waitForFunction(() => typeof globalThis.ticking === "object");
    expect(await copy.evaluate(() => globalThis.ticking.monitor.sessionId)).not.toBe(visited.sessionId);
    await copy.close();
    await visited.reload();
    await pause(3_000);
    await visited.reload();
    await pause(3_000);
    const outcome = await finish("reloaded twice", visited, steady);
    expectEveryEvent(outcome);
    expectEverySample(outcome);
    const { records } = outcome.log;
    expect(resumes(outcome)).toMatchObject([{ data: { pages: 2 } }, { data: { pages: 3 } }]);
    const session = await eventually("the end of the session", 10_000, async () => {
      const found = await readSession(steady, visited.sessionId);
      // The page before said goodbye as well: until the last one was analysed, that is the end.
      const isWhole = found !== null && found.lastAt - found.startedAt > 10_000;
      return isWhole && found.ended && !found.live ? found : null;
    });
    // The connections of the pages before were left, not lost.
    expect(["dropped", "failed"]).not.toContain(session.scoreClass);
    const connections = new Set(
      records.flatMap((record) => (record.kind === "sample" ? [record.connectionId] : [])),
    );
    expect([...connections].toSorted()).toEqual(["p2-pc-1", "p2-pc-2", "p3-pc-1", "p3-pc-2", "pc-1", "pc-2"]);
    for (const [index, { at }] of records.entries())
      expect(at).toBeGreaterThan((records[index - 1]?.at ?? 0) - 6_000);
  });

  test("when the page is left and shown again, and then reloaded", async () => {
    const visited = await visit(steady.url, steady.ingestKey, { idle: 1 }, cachingBrowser);
    const { page } = visited;
    await page.evaluate(() => addEventListener("pageshow", () => (document.title = "shown again")));
    await pause(3_000);
    await page.goto(`${steady.url}/healthz`);
    await pause(2_000);
    // A page that was kept does not load.
    await page.goBack({ waitUntil: "commit" });
    await page.waitForFunction(() => document.title === "shown again");
    await pause(3_000);
    await visited.reload();
    await pause(2_000);
    const outcome = await finish("left and shown again", visited, steady);
    expectEveryEvent(outcome);
    expect([outcome.lost, outcome.told]).toEqual([0, 0]);
    expect(resumes(outcome)).toMatchObject([{ data: { pages: 1 } }, { data: { pages: 2 } }]);
  });

  test("where no WebSocket gets through, and the page is reloaded there", async () => {
    const proxy = await openStrictProxy(steady.port);
    const visited = await visit(proxy.url, steady.ingestKey, { call: "no sockets" });
    await visited.caughtUp();
    await pause(5_000);
    await visited.reload();
    await visited.caughtUp();
    await pause(3_000);
    const outcome = await finish("no WebSocket", visited, steady);
    expectEveryEvent(outcome);
    expectEverySample(outcome);
    console.log(`${proxy.refusedUpgrades} WebSockets refused, ${proxy.posts} POSTs`);
    expect(proxy.refusedUpgrades).toBeGreaterThan(1);
    await proxy.close();
  });
});
