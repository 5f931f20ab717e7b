/**
 * The part of the client benchmark that runs in the page. The peers get the same reports, in turn, in the same run.
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
import { createFrameQueue } from "../../packages/client/src/transport/frame-queue.ts";
import { createReportSeries } from "../../packages/scenarios/src/load/report-series.ts";

/** Milliseconds of each collection, by part: the SDK's own two, and the peers' three. */
export type CollectionTimes = Readonly<
  Record<"sample" | "flush" | "collect" | "createSample" | "encode", number[]>
>;

/** Collections before those that are measured, and those, with what is between them in milliseconds. */
export interface Pace {
  readonly warmUp: number;
  readonly rounds: number;
  readonly pauseMs: number;
}

/** What the page offers. */
export interface PageFunctions {
  readonly measureCollections: typeof measureCollections;
  readonly runFor: typeof runFor;
}

const noop = (): void => {};

/** A peer connection whose getStats answers with what was laid out for it. */
class FakePeerConnection extends EventTarget {
  connectionState = "connected";
  iceConnectionState = "connected";
  iceGatheringState = "complete";
  signalingState = "stable";
  report = new Map<string, StatsObject>();
  getStats = (): Promise<RTCStatsReport> => Promise.resolve(this.report as unknown as RTCStatsReport);
  getSenders = (): unknown[] => [];
  getReceivers = (): unknown[] => [];
  getTransceivers = (): unknown[] => [];
  lay(stats: readonly StatsObject[]): void {
    this.report = new Map(stats.map((object) => [object.id, object]));
  }
}

/** The SDK from the answer of getStats to the frame that waits to be sent. */
function createPeerscope(platform = browserPlatform()) {
  const pc = new FakePeerConnection();
  const rule = createPrivacyRule(false);
  const queue = createFrameQueue(platform.now, 4_000_000);
  const acknowledge = (): void => queue.acknowledge(queue.frames.at(-1)?.sequence ?? -1);
  const recorder = createRecorder(platform, queue, rule, undefined, acknowledge, noop);
  const connection = { id: "pc-1", pc, isPending: false } as unknown as Connection;
  let copiedAt = 0;
  const record: Recorder["record"] = (...said) => {
    copiedAt = performance.now();
    recorder.record(...said);
  };
  const sampler = createSampler(platform, { ...recorder, record }, queue, rule, 1_000, pc.getStats, () => [
    connection,
  ]);
  sampler.follow((replan) => createCadence(platform.now, recorder, queue, 1_000, 0.01, replan));
  return { pc, queue, sampler, connection, copiedAt: () => copiedAt };
}

/** `recordedJson`: reports as StatsObject[][]; objects of a page do not cross into it otherwise. */
async function measureCollections(
  recordedJson: string,
  objects: number,
  { warmUp, rounds, pauseMs }: Pace,
): Promise<CollectionTimes> {
  const series = createReportSeries(JSON.parse(recordedJson) as StatsObject[][], objects);
  const peerscope = createPeerscope();
  const monitor = new ClientMonitor({
    collectingPeriodInMs: 0,
    samplingPeriodInMs: 0,
    integrateNavigatorMediaDevices: false,
  });
  const theirs = new FakePeerConnection();
  monitor.addSource(theirs, "RTCPeerConnection");
  const encoder = new ClientSampleEncoder({ clientId: "client" });
  const times: CollectionTimes = { sample: [], flush: [], collect: [], createSample: [], encode: [] };
  let bytes = 0;

  const measureOurs = async (): Promise<void> => {
    const startedAt = performance.now();
    // The only connection ends the round: its frame is in the queue when it has answered.
    await peerscope.sampler.sample(peerscope.connection);
    times.sample.push(peerscope.copiedAt() - startedAt);
    times.flush.push(performance.now() - peerscope.copiedAt());
  };
  const measureTheirs = async (): Promise<void> => {
    const startedAt = performance.now();
    await monitor.collect();
    const collectedAt = performance.now();
    const sample = monitor.createSample();
    const sampledAt = performance.now();
    if (sample) bytes += encoder.encodeToJson(sample as never).length;
    times.collect.push(collectedAt - startedAt);
    times.createSample.push(sampledAt - collectedAt);
    times.encode.push(performance.now() - sampledAt);
  };

  for (let round = 0; round < warmUp + rounds; round++) {
    peerscope.pc.lay(series(round));
    theirs.lay(series(round));
    // Who comes first finds the colder caches: in turn.
    if (round % 2 === 0) {
      await measureOurs();
      await measureTheirs();
    } else {
      await measureTheirs();
      await measureOurs();
    }
    // The browser gets its turn, with its garbage, outside of what is measured.
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  monitor.close();
  if (bytes === 0 || peerscope.queue.bytesEncoded === 0) throw new Error("Nothing was collected.");
  for (const values of Object.values(times)) values.splice(0, warmUp);
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
