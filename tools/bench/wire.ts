/**
 * Bytes and CPU of the codec over recorded calls, beside what others make of the same reports. See docs/reference/benchmarks.md.
 */
import { constants, createDeflateRaw } from "node:zlib";
import { ClientSampleEncoder as ProtobufEncoder } from "@observertc/samples-encoder";
import { ClientSampleDecoder, ClientSampleEncoder, type ClientSample } from "@observertc/samples-json-codec";
import { createFrameDecoder, createFrameEncoder, type SampleRecord } from "@peerscope/schema";
import { readReports } from "./captures.ts";
import type { Candidate } from "./candidate-process.ts";
import { type BenchmarkResult, type Figure, meanOf, quantile } from "./figures.ts";
import { cpuSecondsInTurn } from "./in-turn.ts";
import { createClientSamples } from "./observertc.ts";
import { createReportSeries } from "../../packages/scenarios/src/load/report-series.ts";
import { createRtcstatsDelta } from "./rtcstats-delta.ts";

/** Recorded calls, with the bounds of the mean bytes of a sample after the first. */
const calls: readonly { readonly capture: string; readonly peer: string; readonly atMost?: number }[] = [
  { capture: "good-call", peer: "a", atMost: 190 },
  { capture: "sfu-3p", peer: "a", atMost: 150 },
  { capture: "good-call", peer: "b" },
  { capture: "loss-10", peer: "a" },
  { capture: "cap-150kbps", peer: "a" },
  { capture: "turn-relay", peer: "a" },
  { capture: "firefox-good", peer: "a" },
];
const maxFirstBytes = 3_000;

/** As the SDK does. */
const framesPerKeyframe = 600;
const flushDelayMs = 250;

/** Of the CPU figures. */
const objects = 28;
const samplesPerPass = 1_500;
const passes = 7;
/** Passes before those that count: a server has been running for longer than its compiler needs. */
const warmUpPasses = 12;

export async function benchWire(): Promise<BenchmarkResult> {
  const figures: Figure[] = [];
  for (const call of calls) figures.push(...(await measureBytes(call)));
  figures.push(...(await measureCpu()));
  return { benchmark: "wire", at: new Date().toISOString(), node: process.version, figures };
}

/** Reports that leave the page in one frame: those of one round. */
function roundsOf(records: readonly SampleRecord[]): SampleRecord[][] {
  const rounds: SampleRecord[][] = [];
  for (const record of records.toSorted((a, b) => a.at - b.at)) {
    const round = rounds.at(-1);
    if (round?.[0] && record.at - round[0].at < flushDelayMs) round.push(record);
    else rounds.push([record]);
  }
  return rounds;
}

/** Bytes of a WebSocket message from a client: header, mask, length (RFC 6455 section 5.2). */
const framed = (bytes: number): number => bytes + 6 + (bytes > 65_535 ? 8 : bytes > 125 ? 2 : 0);

/** An acknowledgement: a text message with the sequence in decimal. */
const acknowledgement = (sequence: number): number => 2 + String(sequence).length;

async function measureBytes({ capture, peer, atMost }: (typeof calls)[number]): Promise<Figure[]> {
  const rounds = roundsOf(readReports(capture, peer));
  const counts = rounds.map((round) => round.length);
  const encoder = createFrameEncoder();
  const ours = rounds.map((round, sequence) =>
    encoder.encode(round, { keyframe: sequence % framesPerKeyframe === 0 }),
  );
  const ourBytes = ours.map((frame, sequence) => framed(frame.length) + acknowledgement(sequence));
  const clientSamples = await createClientSamples(rounds);
  const text = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
  const json = rounds.map((round) => text(round));
  // Each connection has a stream of its own.
  const deltas = new Map<string, ReturnType<typeof createRtcstatsDelta>>();
  const rtcstats = rounds.map((round) =>
    Buffer.concat(
      round.map(({ connectionId, stats }) => {
        const delta = deltas.get(connectionId) ?? createRtcstatsDelta();
        deltas.set(connectionId, delta);
        return Buffer.from(delta(stats));
      }),
    ),
  );
  const jsonCodec = new ClientSampleEncoder({ clientId: "client" });
  const observertcJson = clientSamples.map((sample) => Buffer.from(jsonCodec.encodeToJson(sample)));
  const protobuf = new ProtobufEncoder("client");
  const observertcProtobuf = clientSamples.map((sample) => protobuf.encodeToBytes(sample as never));
  const others: readonly [string, readonly Uint8Array[]][] = [
    ["samples-encoder (protobuf)", observertcProtobuf],
    ["samples-json-codec", observertcJson],
    ["rtcstats delta", rtcstats],
    ["JSON of the reports", json],
  ];
  const subject = `${capture} ${peer}`;
  const measure = "bytes of a sample after the first, mean";
  const mean = (bytes: readonly number[]): number =>
    meanOf(bytes.slice(1)) / meanOf(counts.slice(1, bytes.length));
  const figures: Figure[] = [
    {
      subject,
      candidate: "Peerscope",
      measure,
      value: mean(ourBytes),
      unit: "B",
      ...(atMost === undefined ? {} : { atMost }),
    },
    {
      subject,
      candidate: "Peerscope",
      measure: "first frame",
      value: ours[0]?.length ?? Number.NaN,
      unit: "B",
      ...(atMost === undefined ? {} : { atMost: maxFirstBytes }),
    },
  ];
  for (const [candidate, messages] of others) {
    const sizes = messages.map(({ length }) => framed(length));
    figures.push({ subject, candidate, measure, value: mean(sizes), unit: "B" });
    const deflated = (await deflateStream(messages)).map(framed);
    figures.push({ subject, candidate: `${candidate}, deflate`, measure, value: mean(deflated), unit: "B" });
  }
  return figures;
}

/** Sizes after permessage-deflate with context takeover (RFC 7692): one stream, the last four bytes of a flush left out. */
async function deflateStream(messages: readonly Uint8Array[]): Promise<number[]> {
  const stream = createDeflateRaw();
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => (bytes += chunk.length));
  const sizes: number[] = [];
  for (const message of messages) {
    bytes = 0;
    stream.write(message);
    await new Promise<void>((resolve) => stream.flush(constants.Z_SYNC_FLUSH, resolve));
    sizes.push(bytes - 4);
  }
  stream.close();
  return sizes;
}

const encodeAll = (records: readonly SampleRecord[]): Uint8Array[] => {
  const encoder = createFrameEncoder();
  return records.map((record, index) =>
    encoder.encode([record], { keyframe: index % framesPerKeyframe === 0 }),
  );
};

const encodeJson = (samples: readonly ClientSample[]): string[] => {
  const encoder = new ClientSampleEncoder({ clientId: "client" });
  return samples.map((sample) => encoder.encodeToJson(sample));
};

const clientSamples = (): Promise<ClientSample[]> =>
  createClientSamples(createRecords().map((record) => [record]));

/** A pass of each: all samples, from the first on. */
export const candidates: Readonly<Record<string, Candidate>> = {
  "encode, Peerscope": () => {
    const records = createRecords();
    return () => encodeAll(records);
  },
  "encode, samples-encoder (protobuf)": async () => {
    const samples = await clientSamples();
    return () => encodeProtobuf(samples);
  },
  "encode, samples-json-codec": async () => {
    const samples = await clientSamples();
    return () => encodeJson(samples);
  },
  "encode, rtcstats delta": () => {
    const records = createRecords();
    return () => {
      const delta = createRtcstatsDelta();
      return records.map(({ stats }) => delta(stats));
    };
  },
  "encode, JSON of the reports": () => {
    const records = createRecords();
    return () => records.map((record) => JSON.stringify(record));
  },
  "decode, Peerscope": () => {
    const frames = encodeAll(createRecords());
    return () => decodeAll(frames);
  },
  "decode, samples-json-codec": async () => {
    const deltas = encodeJson(await clientSamples());
    return () => decodeJson(deltas);
  },
  "decode, JSON of the reports": () => {
    const texts = createRecords().map((record) => JSON.stringify(record));
    return () => readAll(texts, (text) => JSON.parse(text) as unknown);
  },
};

const atLeast: Readonly<Record<string, number>> = {
  "encode, Peerscope": 25_000,
  "decode, Peerscope": 40_000,
};

function createRecords(): SampleRecord[] {
  const recorded = readReports("good-call", "a").slice(5);
  const series = createReportSeries(
    recorded.map(({ stats }) => stats),
    objects,
  );
  const startAt = recorded[0]?.at ?? 0;
  return Array.from({ length: samplesPerPass }, (_, index): SampleRecord => ({
    kind: "sample",
    at: startAt + index * 1_000,
    connectionId: "pc-1",
    durationMs: 3,
    stats: series(index),
  }));
}

async function measureCpu(): Promise<Figure[]> {
  const names = Object.keys(candidates);
  const seconds = await cpuSecondsInTurn("wire", names, { warmUpPasses, passes });
  return names.map((name, index) => {
    const [what = "", candidate = ""] = name.split(/, (.*)/, 2);
    return {
      subject: `${objects} objects`,
      candidate,
      measure: `samples ${what}d in a CPU second`,
      value: samplesPerPass / quantile(seconds[index] ?? [], 0.5),
      unit: "1/s",
      ...(Object.hasOwn(atLeast, name) ? { atLeast: atLeast[name] } : {}),
    };
  });
}

function encodeProtobuf(samples: readonly ClientSample[]): unknown {
  const encoder = new ProtobufEncoder("client");
  return samples.map((sample) => encoder.encodeToBytes(sample as never));
}

/** Reads one after the other and keeps none, as a server does: what is measured is not the memory for all of them. */
function readAll<T>(items: readonly T[], read: (item: T) => unknown): void {
  for (const item of items) read(item);
}

function decodeAll(frames: readonly Uint8Array[]): void {
  const decoder = createFrameDecoder();
  readAll(frames, (frame) => {
    const result = decoder.decode(frame);
    if (!result.ok) throw new Error(result.error.code);
  });
}

function decodeJson(deltas: readonly string[]): void {
  const decoder = new ClientSampleDecoder();
  readAll(deltas, (delta) => decoder.decodeJson(delta));
}
