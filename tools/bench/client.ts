/**
 * What the SDK costs a page, in a real Chromium, beside client-monitor-js: time of a collection, bundle size, and memory after
 * eight hours. See docs/reference/benchmarks.md.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { launchChromium } from "../../e2e/support/browser.ts";
import { bundleForPage } from "./bundle.ts";
import { readReports } from "./captures.ts";
import type { CollectionTimes, PageCandidate, PageFunctions } from "./client-page.ts";
import { type BenchmarkResult, type Figure, quantile } from "./figures.ts";

/** Objects of a report, with the bounds of the median collection in milliseconds. */
const sizes = [
  { objects: 28 },
  { objects: 56, atMost: 0.25 },
  { objects: 424, atMost: 1.4 },
] as const satisfies readonly { readonly objects: number; readonly atMost?: number }[];
/** Collections before those that are measured; then those, in turns of the candidates; and a pause after each. */
interface Pace {
  readonly warmUp: number;
  readonly turns: number;
  readonly roundsOfTurn: number;
  readonly pauseMs: number;
}
/** One collection after the other: engines have compiled what they will, and caches are as warm as they get. */
const atOnce: Pace = { warmUp: 100, turns: 6, roundsOfTurn: 100, pauseMs: 0 };
/** As in a page: other work has had the caches meanwhile, and much is not compiled yet. */
const onceASecond: Pace = { warmUp: 5, turns: 3, roundsOfTurn: 10, pauseMs: 1_000 };

const minuteSeconds = 60;
const hoursSeconds = 8 * 3_600;
const heapObjects = 40;

export async function benchClient(): Promise<BenchmarkResult> {
  const figures = await measureSizes();
  const { code } = await bundleForPage('import "../client-page.ts";', false);
  const browser = await launchChromium();
  const server = createServer((_, response) => {
    // Isolated pages have a clock of 5 µs; others of 100 µs.
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    response.setHeader("Content-Type", "text/html");
    response.end("<!doctype html><title>bench</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const open = async (): Promise<Page> => {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${port}/`);
      await page.addScriptTag({ content: code, type: "module" });
      // A module runs a moment after its tag is there.
      await page.waitForFunction(() => "measureCollections" in globalThis);
      return page;
    };
    for (const size of sizes)
      figures.push(...(await measureTime(open, size, `${size.objects} objects`, atOnce)));
    const paced = { objects: 56 };
    figures.push(...(await measureTime(open, paced, "56 objects, once a second", onceASecond)));
    figures.push(...(await measureHeap(await open())));
    return {
      benchmark: "client",
      at: new Date().toISOString(),
      node: process.version,
      browser: `Chromium ${browser.version()}`,
      figures,
    };
  } finally {
    server.close();
    await browser.close();
  }
}

/** Reports of a call that was set up: the first ones lack objects that later ones have. */
const recordedReports = (): string =>
  JSON.stringify(
    readReports("good-call", "a")
      .slice(5)
      .map(({ stats }) => stats),
  );

const pageCandidates: readonly PageCandidate[] = ["peerscope", "client-monitor-js"];

async function measureTime(
  open: () => Promise<Page>,
  { objects, atMost }: { readonly objects: number; readonly atMost?: number },
  subject: string,
  { warmUp, turns, roundsOfTurn, pauseMs }: Pace,
): Promise<Figure[]> {
  const pages = await Promise.all(pageCandidates.map(open));
  const times = pageCandidates.map((): CollectionTimes[] => []);
  // In turn, so that what else happens on the machine falls on both.
  for (let turn = 0; turn <= turns; turn += 1) {
    for (const [index, candidate] of pageCandidates.entries()) {
      const rounds = turn === 0 ? warmUp : roundsOfTurn;
      const measured = await pages[index]?.evaluate(
        async ([whose, reports, count, collections]) =>
          await (globalThis as unknown as PageFunctions).measureCollections(
            whose,
            reports,
            count,
            collections,
          ),
        [candidate, recordedReports(), objects, { rounds, pauseMs }] as const,
      );
      if (turn > 0) times[index]?.push(...(measured ?? []));
    }
  }
  await Promise.all(pages.map((page) => page.close()));
  const part = (of: number, place: number): number[] => (times[of] ?? []).map((parts) => parts[place] ?? NaN);
  const [read, peerscope, sampled, encoded] = [part(0, 0), part(0, 1), part(1, 1), part(1, 2)];
  const ratio = (theirs: readonly number[]): number => quantile(theirs, 0.5) / quantile(peerscope, 0.5);
  const candidates: [string, readonly number[]][] = [
    ["Peerscope: read, encode, queue", peerscope],
    ["Peerscope: read alone", read],
    ["client-monitor-js: collect, createSample", sampled],
    ["the same and samples-json-codec", encoded],
  ];
  return [
    ...candidates.flatMap(([candidate, values], index): Figure[] => [
      {
        subject,
        candidate,
        measure: "collection, median",
        value: quantile(values, 0.5),
        unit: "ms",
        ...(index === 0 && atMost !== undefined ? { atMost } : {}),
      },
      { subject, candidate, measure: "collection, p95", value: quantile(values, 0.95), unit: "ms" },
    ]),
    {
      subject,
      candidate: "client-monitor-js / Peerscope",
      measure: "ratio of medians",
      value: ratio(sampled),
      unit: "",
    },
    {
      subject,
      candidate: "with codec / Peerscope",
      measure: "ratio of medians",
      value: ratio(encoded),
      unit: "",
    },
  ];
}

async function measureSizes(): Promise<Figure[]> {
  const sources = [
    ["Peerscope", 'export * from "../../../packages/client/src/index.ts";', { atMost: 8_000 }],
    ["client-monitor-js", 'export * from "@observertc/client-monitor-js";', {}],
    [
      "samples-json-codec, encoder",
      'export { ClientSampleEncoder } from "@observertc/samples-json-codec";',
      {},
    ],
    ["samples-encoder", 'export * from "@observertc/samples-encoder";', {}],
  ] as const;
  const figures: Figure[] = [];
  for (const [candidate, source, bound] of sources) {
    const { gzipBytes } = await bundleForPage(source);
    figures.push({
      subject: "bundle",
      candidate,
      measure: "minified, gzip -9",
      value: gzipBytes,
      unit: "B",
      ...bound,
    });
  }
  return figures;
}

async function measureHeap(page: Page): Promise<Figure[]> {
  const devtools = await page.context().newCDPSession(page);
  const run = async (seconds: number): Promise<number> => {
    await page.evaluate(
      async ([reports, objects, duration]) =>
        await (globalThis as unknown as PageFunctions).runFor(reports, objects, duration),
      [recordedReports(), heapObjects, seconds] as const,
    );
    // The second time takes what only the first made free.
    for (let times = 0; times < 2; times++) await devtools.send("HeapProfiler.collectGarbage");
    return (await devtools.send("Runtime.getHeapUsage")).usedSize;
  };
  const afterMinute = await run(minuteSeconds);
  const afterHours = await run(hoursSeconds - minuteSeconds);
  await page.close();
  const subject = `${heapObjects} objects, 1 Hz`;
  const candidate = "Peerscope";
  const mega = 1_000_000;
  return [
    { subject, candidate, measure: "heap of the page after 1 minute", value: afterMinute / mega, unit: "MB" },
    {
      subject,
      candidate,
      measure: "growth over that in 8 hours",
      value: (afterHours - afterMinute) / mega,
      unit: "MB",
      atMost: 1,
    },
  ];
}
