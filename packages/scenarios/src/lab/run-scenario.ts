import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { createRandom } from "../random.ts";
import { launchChromium, type LabBrowser } from "./chromium.ts";
import { createCpuQuota, type CpuQuota } from "./cpu-quota.ts";
import { launchFirefox } from "./firefox.ts";
import { createIceRelay, type IceRelay } from "./ice-relay.ts";
import { janusRoom, startJanus } from "./janus.ts";
import { runLabPage, type LabPageConfig } from "./lab-page.ts";
import { startLabServer, type LabServer } from "./lab-server.ts";
import { matrix } from "./matrix.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
import { scenarios, type Scenario, type Step } from "./scenarios.ts";
import { joinSfu } from "./sfu-page.ts";
import { startTurnRelay, type TurnRelay } from "./turn-relay.ts";

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

/** Over a media server a third one shows what is one participant's own trouble. */
const peersOf = ({ over }: Scenario): readonly string[] => (over === "sfu" ? ["a", "b", "c"] : ["a", "b"]);
const connectWithinMs = 15_000;
const defaultMedia: MediaStreamConstraints = {
  audio: true,
  video: { width: 640, height: 360, frameRate: 30 },
};

/** One participant, with what is done to them. */
interface Participant {
  readonly peer: string;
  readonly browser: LabBrowser;
  readonly page: Page;
  quota: CpuQuota | null;
  /** The tab that hides the call's. */
  otherTab: Page | null;
}

/** A run in progress. */
interface Run {
  readonly participants: Map<string, Participant>;
  readonly relay: IceRelay;
  /** The same relay, where the call goes over a TURN server. */
  readonly turn: TurnRelay | null;
  readonly recorder: Recorder;
}

/** The scenario of this name, of the matrix too. */
export function findScenario(name: string): Scenario | undefined {
  for (const all of [scenarios, matrix]) if (Object.hasOwn(all, name)) return all[name];
  return undefined;
}

/**
 * Makes one real call between two browsers, does to it what the scenario says, and records it into
 * `<outFolder>/<name>`. What was recorded is written even when the run fails.
 * @throws Error for an unknown name, without the browser, or when the call should connect and does not.
 */
export async function runScenario(
  name: string,
  outFolder: string,
  options: RunOptions = {},
): Promise<RunResult> {
  const scenario = findScenario(name);
  if (scenario === undefined)
    throw new Error(
      `There is no scenario "${name}". There are: ${[...Object.keys(scenarios), ...Object.keys(matrix)].join(", ")}`,
    );
  const folder = join(outFolder, name);
  const recorder = createRecorder();
  const random = createRandom(options.seed ?? 1);
  const turn = scenario.over === "turn" ? await startTurnRelay(random) : null;
  const relay = turn ?? createIceRelay(random);
  const janus = scenario.over === "sfu" ? await startJanus() : null;
  const server = await startLabServer(relay, recorder, janus);
  const run: Run = { participants: new Map(), relay, turn, recorder };
  try {
    for (const peer of peersOf(scenario)) await openPage(peer, scenario, server, run);
    if (scenario.unreachable !== undefined) impair(run, scenario.unreachable, "both", { outage: true });
    recorder.event("start");
    for (const { page } of run.participants.values()) {
      await page.evaluate("lab.media()");
      await page.evaluate("lab.join()");
    }
    const connectedMs = scenario.unreachable === undefined ? await waitConnected(run) : null;
    recorder.event("connected", { connectedMs });
    await runSteps(scenario, options.seconds ?? scenario.seconds, run);
    recorder.event("hangup");
    for (const { page } of run.participants.values()) await page.evaluate("lab.leave()");
    // The last messages of the pages are still on their way.
    await sleep(500);
    return { folder, connectedMs };
  } finally {
    recorder.event("relay", { counters: relay.counters() });
    for (const { browser, quota } of run.participants.values()) {
      quota?.limit(null);
      await browser.close();
      quota?.close();
    }
    relay.close();
    await server.close();
    janus?.close();
    recorder.write(folder);
  }
}

async function openPage(peer: string, scenario: Scenario, server: LabServer, run: Run): Promise<void> {
  const { recorder } = run;
  // A browser each: two pages of one would share a process, and one of them would be hidden.
  const browser =
    scenario.browser === "firefox"
      ? await launchFirefox()
      : await launchChromium({ grantMedia: scenario.denied !== peer });
  const page = await browser.browser.newPage();
  run.participants.set(peer, { peer, browser, page, quota: null, otherTab: null });
  page.on("pageerror", (error) => recorder.event("pageerror", { peer, message: String(error) }));
  if (scenario.denied === peer) await denyMedia(page, server.pageUrl);
  const config: LabPageConfig = {
    peer,
    serverUrl: server.socketUrl(peer),
    constraints: scenario.constraints ?? defaultMedia,
    picture: scenario.picture ?? null,
    videoCodec: scenario.videoCodec ?? null,
    silenceSuppressed: scenario.silenceSuppressed === true,
    configuration: (await run.turn?.configurationOf(peer)) ?? {},
    sfu: scenario.over === "sfu" ? { url: server.sfuUrl(peer), room: janusRoom } : null,
  };
  // esbuild wraps functions in a helper for their names, which the page does not have.
  await page.evaluateOnNewDocument(
    `var __name = (value) => value;\nwindow.joinSfu = ${joinSfu.toString()};\n(${runLabPage.toString()})(${JSON.stringify(config)});`,
  );
  await page.goto(server.pageUrl);
  recorder.event("page", {
    peer,
    browser: (await browser.browser.version()).replace("HeadlessChrome", "Chrome"),
  });
}

async function denyMedia(page: Page, origin: string): Promise<void> {
  const session = await page.browser().target().createCDPSession();
  for (const name of ["camera", "microphone"])
    await session.send("Browser.setPermission", { permission: { name }, setting: "denied", origin });
}

async function waitConnected({ participants }: Run): Promise<number[]> {
  const waits = [...participants.values()].map(({ page }) =>
    page.evaluate(`lab.connected(${connectWithinMs})`),
  );
  return (await Promise.all(waits)).map(Number);
}

async function runSteps({ steps }: Scenario, seconds: number, run: Run): Promise<void> {
  const start = performance.now();
  const until = (at: number): Promise<void> => sleep(Math.max(0, start + at * 1000 - performance.now()));
  for (const step of steps.toSorted((a, b) => a.at - b.at)) {
    if (step.at >= seconds) break;
    await until(step.at);
    run.recorder.event("schedule", { at: step.at, label: step.label });
    await runStep(step, run);
  }
  await until(seconds);
}

async function runStep(step: Step, run: Run): Promise<void> {
  const { relay, recorder, participants } = run;
  if ("restore" in step) {
    relay.clear();
    recorder.event("impair.clear");
    return;
  }
  if ("impair" in step) return impair(run, step.peer, step.impair, step.settings);
  const participant = participants.get(step.peer);
  if (participant === undefined) return;
  if ("cpuShare" in step) limitCpu(participant, step.cpuShare, recorder);
  else if ("visible" in step) await showTab(participant, step.visible);
  else await participant.page.evaluate(`(${step.page.toString()})(lab)`);
}

function limitCpu(participant: Participant, cpuShare: number | null, recorder: Recorder): void {
  const { peer, browser } = participant;
  const pid = browser.browser.process()?.pid;
  if (pid === undefined) throw new Error("the browser's process is not known");
  participant.quota ??= createCpuQuota(pid, peer);
  participant.quota.limit(cpuShare);
  recorder.event("cpu-limit", { peer, cpuShare });
}

/** A second tab in front hides the first; the page is told by the browser itself. */
async function showTab(participant: Participant, visible: boolean): Promise<void> {
  if (!visible) {
    participant.otherTab = await participant.browser.browser.newPage();
    await participant.otherTab.bringToFront();
    return;
  }
  await participant.page.bringToFront();
  await participant.otherTab?.close();
  participant.otherTab = null;
}

function impair(
  { relay, recorder }: Run,
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
