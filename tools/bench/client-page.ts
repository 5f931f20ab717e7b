/**
 * The part of the client benchmark that runs in a page. Each candidate has a page of its own; all get the same reports.
 */
import { ClientMonitor } from "@observertc/client-monitor-js";
import { ClientSampleEncoder } from "@observertc/samples-json-codec";
import type { StatsObject } from "@peerscope/schema";
import type { Connection } from "../../packages/client/src/collect/connection.ts";
import { createPrivacyRule } from "../../packages/client/src/collect/privacy.ts";
import { browserPlatform } from "../../packages/client/src/platform.ts";
import { createRecorder, type Recorder } from "../../packages/client/src/recorder.ts";
import { createCadence } from "../../packages/client/src/sample/cadence.ts";
import { createSampler } from "../../packages/client/src/sample/sampler.ts";
import { createVirtualPlatform } from "../../packages/client/src/testing/virtual-platform.ts";
import { toPlain } from "../../packages/client/src/sample/plain-copy.ts";
import { createFrameQueue } from "../../packages/client/src/transport/frame-queue.ts";
import { createReportSeries } from "../../packages/scenarios/src/load/report-series.ts";

/** Whose collections a page measures. */
export type PageCandidate = "peerscope" | "client-monitor-js";

/** Milliseconds of one collection until each of its parts was done: of Peerscope read and queue, of its peer collect, createSample and encode. */
export type CollectionTimes = readonly number[];

/** So many collections, with a pause after each in milliseconds. */
export interface Collections {
  readonly rounds: number;
  readonly pauseMs: number;
}

/** What the page offers. */
export interface PageFunctions {
  readonly measureCollections: typeof measureCollections;
  readonly runFor: typeof runFor;
}

const noop = (): void => {};

/** Reports that count as the browser's own, whose objects need no look for what a page could have put into them. */
class FakeReport extends Map<string, StatsObject> {}
Object.assign(globalThis, { RTCStatsReport: FakeReport });

/** A peer connection whose getStats answers with what was laid out for it. */
class FakePeerConnection extends EventTarget {
  connectionState = "connected";
  iceConnectionState = "connected";
  iceGatheringState = "complete";
  signalingState = "stable";
  report = new FakeReport();
  getStats = (): Promise<RTCStatsReport> => Promise.resolve(this.report as unknown as RTCStatsReport);
  getSenders = (): unknown[] => [];
  getReceivers = (): unknown[] => [];
  getTransceivers = (): unknown[] => [];
  lay(stats: readonly StatsObject[]): void {
    this.report = new FakeReport(stats.map((object) => [object.id, object]));
  }
}

/** The SDK from the answer of getStats to the frame that waits to be sent. */
function createPeerscope(platform = browserPlatform()) {
  const pc = new FakePeerConnection();
  const rule = createPrivacyRule(false);
  const queue = createFrameQueue(platform.now, 4_000_000, undefined, (name, value) =>
    toPlain(rule(name, value), rule),
  );
  const acknowledge = (): void => queue.acknowledge(queue.frames.at(-1)?.sequence ?? -1);
  const recorder = createRecorder(platform, queue, rule, undefined, acknowledge, noop);
  const connection = { id: "pc-1", pc, isPending: false } as unknown as Connection;
  let readAt = 0;
  const record: Recorder["record"] = (...said) => {
    readAt = performance.now();
    recorder.record(...said);
  };
  const sampler = createSampler(platform, { ...recorder, record }, queue, rule, 1_000, pc.getStats, () => [
    connection,
  ]);
  sampler.follow((replan) => createCadence(platform.now, recorder, queue, 1_000, 0.01, replan));
  return { pc, queue, sampler, connection, readAt: () => readAt };
}

/** A collection of the SDK. */
function createOurs(): Collect {
  const { pc, sampler, queue, connection, readAt } = createPeerscope();
  return async (stats) => {
    pc.lay(stats);
    const startedAt = performance.now();
    // The only connection ends the round: its frame is in the queue when it has answered.
    await sampler.sample(connection);
    const endedAt = performance.now();
    if (queue.bytesEncoded === 0) throw new Error("Nothing was collected.");
    return [readAt() - startedAt, endedAt - startedAt];
  };
}

/** The same of client-monitor-js with the encoder that belongs to it. */
function createTheirs(): Collect {
  const monitor = new ClientMonitor({
    collectingPeriodInMs: 0,
    samplingPeriodInMs: 0,
    integrateNavigatorMediaDevices: false,
  });
  const pc = new FakePeerConnection();
  monitor.addSource(pc, "RTCPeerConnection");
  const encoder = new ClientSampleEncoder({ clientId: "client" });
  return async (stats) => {
    pc.lay(stats);
    const startedAt = performance.now();
    await monitor.collect();
    const collectedAt = performance.now();
    const sample = monitor.createSample();
    const sampledAt = performance.now();
    if (!sample) throw new Error("Nothing was collected.");
    const { length } = encoder.encodeToJson(sample as never);
    const endedAt = performance.now();
    if (length === 0) throw new Error("Nothing was encoded.");
    return [collectedAt - startedAt, sampledAt - startedAt, endedAt - startedAt];
  };
}

type Collect = (stats: readonly StatsObject[]) => Promise<CollectionTimes>;

let nextReport: (() => readonly StatsObject[]) | undefined;
let collect: Collect | undefined;

/** Goes on with the collections of a page. `recordedJson`: reports as StatsObject[][]; objects of a page do not cross into it otherwise. */
async function measureCollections(
  candidate: PageCandidate,
  recordedJson: string,
  objects: number,
  { rounds, pauseMs }: Collections,
): Promise<readonly CollectionTimes[]> {
  if (nextReport === undefined) {
    const series = createReportSeries(JSON.parse(recordedJson) as StatsObject[][], objects);
    let step = 0;
    nextReport = () => series(step++);
  }
  collect ??= candidate === "peerscope" ? createOurs() : createTheirs();
  const times: CollectionTimes[] = [];
  for (let round = 0; round < rounds; round++) {
    times.push(await collect(nextReport()));
    // The browser gets its turn, with its garbage, outside of what is measured.
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return times;
}

/** Goes on with the pipeline by so many virtual seconds; every frame is acknowledged. */
let goOn: ((seconds: number) => Promise<{ samples: number; bytes: number }>) | undefined;

async function runFor(
  recordedJson: string,
  objects: number,
  seconds: number,
): Promise<{ samples: number; bytes: number }> {
  if (!goOn) {
    const platform = createVirtualPlatform();
    const series = createReportSeries(JSON.parse(recordedJson) as StatsObject[][], objects);
    const { pc, queue, sampler } = createPeerscope(platform);
    let samples = 0;
    sampler.start();
    goOn = async (duration) => {
      for (let second = 0; second < duration; second++) {
        pc.lay(series(samples++));
        platform.advance(1_000);
        // What getStats and its time-out wait for.
        for (let turn = 0; turn < 10; turn++) await Promise.resolve();
      }
      return { samples, bytes: queue.bytesEncoded };
    };
  }
  return await goOn(seconds);
}

Object.assign(globalThis, { measureCollections, runFor } satisfies PageFunctions);
