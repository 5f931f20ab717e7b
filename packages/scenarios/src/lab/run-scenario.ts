import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { createRandom } from "../random.ts";
import { launchChromium, type LabBrowser } from "./chromium.ts";
import { createIceRelay, type IceRelay } from "./ice-relay.ts";
import { runLabPage, type LabPageConfig } from "./lab-page.ts";
import { startLabServer, type LabServer } from "./lab-server.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { scenarios, type Scenario, type Step } from "./scenarios.ts";

export interface RunOptions {
  /** For the relay's dice (default 1). Browsers and timing stay real, so a run is alike, not the same. */
  readonly seed?: number;
  /** Seconds of media instead of the scenario's own; later steps are left out. */
  readonly seconds?: number;
}

/** What a run gave. */
export interface RunResult {
  /** Folder with events.jsonl.gz and getstats.jsonl.gz. */
  readonly folder: string;
  /** Milliseconds until a and b were connected; null when they were not. */
  readonly connectedMs: readonly number[] | null;
}

const peers = ["a", "b"] as const;
const connectWithinMs = 15_000;

/**
 * Makes one real call between two browsers, does to it what the scenario says, and records it into
 * `<outFolder>/<name>`. What was recorded is written even when the run fails.
 * @throws Error for an unknown name, without Chromium, or when the call should connect and does not.
 */
export async function runScenario(
  name: string,
  outFolder: string,
  options: RunOptions = {},
): Promise<RunResult> {
  const scenario = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined;
  if (scenario === undefined)
    throw new Error(`There is no scenario "${name}". There are: ${Object.keys(scenarios).join(", ")}`);
  const folder = join(outFolder, name);
  const recorder = createRecorder();
  const relay = createIceRelay(createRandom(options.seed ?? 1));
  const server = await startLabServer(relay, recorder);
  const browsers: LabBrowser[] = [];
  try {
    const pages = await openPages(scenario, server, recorder, browsers);
    if (scenario.unreachable !== undefined)
      impair(relay, recorder, scenario.unreachable, "both", { outage: true });
    recorder.event("start");
    for (const page of pages.values()) {
      await page.evaluate("lab.media()");
      await page.evaluate("lab.join()");
    }
    const connectedMs = scenario.unreachable === undefined ? await waitConnected(pages) : null;
    recorder.event("connected", { connectedMs });
    await runSteps(scenario, options.seconds ?? scenario.seconds, pages, relay, recorder);
    recorder.event("hangup");
    for (const page of pages.values()) await page.evaluate("lab.leave()");
    // The last messages of the pages are still on their way.
    await sleep(500);
    return { folder, connectedMs };
  } finally {
    recorder.event("relay", { counters: relay.counters() });
    for (const browser of browsers) await browser.close();
    relay.close();
    await server.close();
    recorder.write(folder);
  }
}

async function openPages(
  scenario: Scenario,
  server: LabServer,
  recorder: Recorder,
  browsers: LabBrowser[],
): Promise<Map<string, Page>> {
  const pages = new Map<string, Page>();
  for (const peer of peers) {
    // A browser each: two pages of one would share a process, and one of them would be hidden.
    const started = await launchChromium({ grantMedia: scenario.denied !== peer });
    browsers.push(started);
    const page = await started.browser.newPage();
    page.on("pageerror", (error) => recorder.event("pageerror", { peer, message: String(error) }));
    if (scenario.denied === peer) await denyMedia(page, server.pageUrl);
    const config: LabPageConfig = {
      peer,
      serverUrl: server.socketUrl(peer),
      constraints: { audio: true, video: { width: 640, height: 360, frameRate: 30 } },
    };
    // esbuild wraps functions in a helper for their names, which the page does not have.
    await page.evaluateOnNewDocument(
      `var __name = (value) => value;\n(${runLabPage.toString()})(${JSON.stringify(config)});`,
    );
    await page.goto(server.pageUrl);
    recorder.event("page", {
      peer,
      browser: (await started.browser.version()).replace("HeadlessChrome", "Chrome"),
    });
    pages.set(peer, page);
  }
  return pages;
}

async function denyMedia(page: Page, origin: string): Promise<void> {
  const session = await page.browser().target().createCDPSession();
  for (const name of ["camera", "microphone"])
    await session.send("Browser.setPermission", { permission: { name }, setting: "denied", origin });
}

async function waitConnected(pages: ReadonlyMap<string, Page>): Promise<number[]> {
  const waits = [...pages.values()].map((page) => page.evaluate(`lab.connected(${connectWithinMs})`));
  return (await Promise.all(waits)).map(Number);
}

async function runSteps(
  { steps }: Scenario,
  seconds: number,
  pages: ReadonlyMap<string, Page>,
  relay: IceRelay,
  recorder: Recorder,
): Promise<void> {
  const start = performance.now();
  const until = (at: number): Promise<void> => sleep(Math.max(0, start + at * 1000 - performance.now()));
  for (const step of steps) {
    if (step.at >= seconds) break;
    await until(step.at);
    recorder.event("schedule", { at: step.at, label: step.label });
    await runStep(step, pages, relay, recorder);
  }
  await until(seconds);
}

async function runStep(
  step: Step,
  pages: ReadonlyMap<string, Page>,
  relay: IceRelay,
  recorder: Recorder,
): Promise<void> {
  if ("restore" in step) {
    relay.clear();
    recorder.event("impair.clear");
  } else if ("impair" in step) impair(relay, recorder, step.peer, step.impair, step.settings);
  else await pages.get(step.peer)?.evaluate(`(${step.page.toString()})(lab)`);
}

function impair(
  relay: IceRelay,
  recorder: Recorder,
  peer: string,
  direction: Parameters<IceRelay["impair"]>[1],
  settings: Parameters<IceRelay["impair"]>[2],
): void {
  relay.impair(peer, direction, settings);
  recorder.event("impair", { peer, direction, settings });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
