/**
 * CPU and memory of the analysis, beside observer-js: the same reports as each of them takes them, already parsed. See
 * docs/reference/benchmarks.md.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createObserver, type ClientSample } from "@observertc/observer-js";
import { createSessionObserver } from "@peerscope/observer";
import type { JsonValue, SampleRecord, StatsObject } from "@peerscope/schema";
import { readReports } from "./captures.ts";
import type { Candidate } from "./candidate-process.ts";
import { type BenchmarkResult, type Figure, quantile } from "./figures.ts";
import { cpuSecondsInTurn } from "./in-turn.ts";
import { createReportSeries } from "../../packages/scenarios/src/load/report-series.ts";

const samples = 600;
const passes = 7;
const warmUpPasses = 25;
/** Seconds of each client of a fleet. */
const fleetSamples = 40;
const fleets = [1_000, 4_000] as const;

/** Bounds: samples in a CPU second, what 4,000 clients may cost more each than 1,000, kB of heap of a client. */
const bounds = { rate: 25_000, growth: 1.15, heapKb: 40 };

type Analyse = (records: readonly SampleRecord[]) => { push(index: number): void; end(): void };

const rooms: readonly [string, () => (step: number) => StatsObject[]][] = [
  ["18 stats, 8 tracks", createRoom],
  ["18 stats, 4 tracks", createPair],
];
const peerscope = "Peerscope, all observations and scores";
const observerJs = "observer-js accept";

/** A pass of each: a session from its first sample to its end. */
export const candidates: Readonly<Record<string, Candidate>> = Object.fromEntries(
  rooms.flatMap(([subject, create]): [string, Candidate][] => [
    [`${subject}, ${peerscope}`, () => passOf(ours, recordsOf(create()))],
    [
      `${subject}, ${observerJs}`,
      () => {
        const records = recordsOf(create());
        return passOf(theirsOf(records.map(toClientSample)), records);
      },
    ],
  ]),
);

export async function benchObserver(): Promise<BenchmarkResult> {
  const figures = await measureRates();
  figures.push(...measureFleets(recordsOf(createRoom())));
  return { benchmark: "observer", at: new Date().toISOString(), node: process.version, figures };
}

const startAt = 1_700_000_000_000;

function recordsOf(series: (step: number) => StatsObject[]): SampleRecord[] {
  return Array.from({ length: samples }, (_, index): SampleRecord => {
    const at = startAt + index * 1000;
    const stats = series(index).map((object) => ({ ...object, timestamp: at }));
    // By way of JSON: objects as compact as those that a decoder makes.
    return { kind: "sample", at, connectionId: "pc-1", stats: JSON.parse(JSON.stringify(stats)) };
  });
}

/** The objects of a recorded good call that everybody has. */
function recordedObjects(): Map<string, (step: number) => StatsObject> {
  const recorded = readReports("good-call", "a")
    .slice(5)
    .map(({ stats }) => stats);
  const [first = []] = recorded;
  const series = createReportSeries(recorded, first.length);
  const names = new Map<string, (step: number) => StatsObject>();
  const reports: StatsObject[][] = [];
  const report = (step: number): StatsObject[] => (reports[step] ??= series(step));
  const ids = report(0).map(({ id }) => id);
  const selected = report(0).find(({ type }) => type === "transport")?.["selectedCandidatePairId"];
  for (const [index, object] of report(0).entries()) {
    const { type, id } = object;
    if (type === "candidate-pair" && id !== selected) continue;
    const kind = typeof object["kind"] === "string" ? ` ${object["kind"]}` : "";
    const codec =
      type === "codec" && typeof object["mimeType"] === "string"
        ? ` ${object["mimeType"].split("/")[0]}`
        : "";
    const name = `${type}${kind}${codec}`;
    if (!names.has(name)) names.set(name, (step) => report(step)[index] ?? missing(ids[index]));
  }
  return names;
}

function missing(id: string | undefined): never {
  throw new Error(`The recorded call has no object ${String(id)}.`);
}

function pick(objects: ReadonlyMap<string, (step: number) => StatsObject>, names: readonly string[]) {
  return (step: number): StatsObject[] =>
    names.map((name) => {
      const [type = "", copy] = name.split("#");
      const object = objects.get(type)?.(step) ?? missing(type);
      return copy === undefined ? object : replicated(object, Number(copy));
    });
}

/** Another stream like it. */
function replicated(object: StatsObject, copy: number): StatsObject {
  const members: { [name: string]: JsonValue } = {};
  for (const [name, value] of Object.entries(object)) {
    members[name] =
      name === "ssrc" && typeof value === "number"
        ? value + copy
        : (name === "id" || name === "trackIdentifier" || name === "mid") && typeof value === "string"
          ? `${value}${copy}`
          : value;
  }
  return { ...members, id: `${object.id}${copy}`, type: object.type, timestamp: object.timestamp };
}

const base = [
  "transport",
  "candidate-pair",
  "local-candidate",
  "remote-candidate",
  "codec audio",
  "codec video",
  "media-source audio",
  "media-source video",
  "outbound-rtp audio",
  "outbound-rtp video",
  "inbound-rtp audio",
  "inbound-rtp video",
];

/** One of four in a room of a media server: it sends two tracks and receives six. */
function createRoom(): (step: number) => StatsObject[] {
  return pick(recordedObjects(), [
    ...base,
    "remote-inbound-rtp audio",
    "remote-inbound-rtp video",
    "inbound-rtp audio#1",
    "inbound-rtp video#1",
    "inbound-rtp audio#2",
    "inbound-rtp video#2",
  ]);
}

/** One of two people. */
function createPair(): (step: number) => StatsObject[] {
  return pick(recordedObjects(), [
    ...base,
    "remote-inbound-rtp audio",
    "remote-inbound-rtp video",
    "remote-outbound-rtp audio",
    "remote-outbound-rtp video",
    "media-playout audio",
    "peer-connection",
  ]);
}

const ours: Analyse = (records) => {
  const observer = createSessionObserver({ sessionId: "session" });
  return {
    push(index) {
      const record = records[index];
      if (record !== undefined) observer.push(record);
    },
    end: () => void observer.finish(),
  };
};

let clients = 0;

function theirsOf(clientSamples: readonly ClientSample[]): Analyse {
  return () => {
    const observer = createObserver({ defaultServiceId: "service", defaultMediaUnitId: "unit" });
    const clientId = `client-${(clients += 1)}`;
    const call = observer.createObservedCall({ roomId: "room", callId: `call-${clientId}`, appData: {} });
    const client = call.createClient({ clientId, mediaUnitId: "unit", appData: {} });
    return {
      push(index) {
        const sample = clientSamples[index];
        if (sample !== undefined) client.accept({ ...sample, clientId });
      },
      end: () => call.close(),
    };
  };
}

/** The same reports as a client of ObserveRTC sends them: collections by kind, a track with the members of its stream. */
function toClientSample({ at, stats }: SampleRecord): ClientSample {
  const own = (type: string, kind?: string): object[] =>
    stats
      .filter((object) => object.type === type && (kind === undefined || object["kind"] === kind))
      .map((object) => ({
        ...object,
        peerConnectionId: "pc-1",
        trackId: object["trackIdentifier"] ?? object.id,
      }));
  const sent = (kind: string): object[] =>
    own("outbound-rtp", kind).map((track) => {
      const remote = stats.find((object) => object.type === "remote-inbound-rtp" && object["kind"] === kind);
      return {
        ...track,
        packetsLost: remote?.["packetsLost"],
        jitter: remote?.["jitter"],
        roundTripTime: remote?.["roundTripTime"],
      };
    });
  return {
    clientId: "client",
    timestamp: at,
    pcTransports: own("transport").map((transport) => ({ ...transport, transportId: "T" })),
    iceCandidatePairs: own("candidate-pair").map((pair) => ({ ...pair, candidatePairId: "CP" })),
    iceLocalCandidates: own("local-candidate"),
    iceRemoteCandidates: own("remote-candidate"),
    mediaSources: own("media-source"),
    codecs: own("codec"),
    inboundAudioTracks: own("inbound-rtp", "audio"),
    inboundVideoTracks: own("inbound-rtp", "video"),
    outboundAudioTracks: sent("audio"),
    outboundVideoTracks: sent("video"),
  } as unknown as ClientSample;
}

function cpuSecondsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function passOf(analyse: Analyse, records: readonly SampleRecord[]): () => void {
  return () => {
    const one = analyse(records);
    for (let step = 0; step < samples; step += 1) one.push(step);
    one.end();
  };
}

async function measureRates(): Promise<Figure[]> {
  const measured = rooms.flatMap(([subject]) =>
    [peerscope, observerJs].map((candidate) => ({ subject, candidate })),
  );
  const seconds = await cpuSecondsInTurn(
    "observer",
    measured.map(({ subject, candidate }) => `${subject}, ${candidate}`),
    { warmUpPasses, passes },
  );
  return measured.map(({ subject, candidate }, index) => ({
    subject,
    candidate,
    measure: "samples in a CPU second",
    value: samples / quantile(seconds[index] ?? [], 0.5),
    unit: "",
    ...(candidate === peerscope ? { atLeast: bounds.rate } : {}),
  }));
}

/** A function of its own: what it made is garbage when it returns, and not counted for the next. */
function runFleet(
  size: number,
  records: readonly SampleRecord[],
  collect: () => void,
): { sampleMs: number; heapKb: number } {
  collect();
  const before = process.memoryUsage().heapUsed;
  const fleet = Array.from({ length: size }, () => ours(records));
  const seconds = cpuSecondsOf(() => {
    for (let step = 0; step < fleetSamples; step += 1) for (const one of fleet) one.push(step);
  });
  collect();
  const heapKb = (process.memoryUsage().heapUsed - before) / size / 1024;
  for (const one of fleet) one.end();
  return { sampleMs: (1000 * seconds) / (size * fleetSamples), heapKb };
}

/** Many clients at once, a sample of each in turn, as a server gets them. */
function measureFleets(records: readonly SampleRecord[]): Figure[] {
  const collect = garbageCollector();
  const figures: Figure[] = [];
  const costs: number[] = [];
  for (const size of fleets) {
    const runs = Array.from({ length: 3 }, () => runFleet(size, records, collect));
    const times = runs.map(({ sampleMs }) => sampleMs);
    const heapKb = quantile(
      runs.map((run) => run.heapKb),
      0.5,
    );
    const cost = quantile(times, 0.5);
    costs.push(cost);
    const subject = `${size.toLocaleString("en-US")} clients, 18 stats, 8 tracks`;
    figures.push(
      { subject, candidate: "Peerscope", measure: "CPU of a sample", value: cost * 1000, unit: "µs" },
      {
        subject,
        candidate: "Peerscope",
        measure: "heap of a client",
        value: heapKb,
        unit: "kB",
        atMost: bounds.heapKb,
      },
    );
  }
  const [few = 1, many = 1] = costs;
  figures.push({
    subject: "4,000 clients against 1,000",
    candidate: "Peerscope",
    measure: "CPU of a sample, ratio",
    value: many / few,
    unit: "",
    atMost: bounds.growth,
  });
  return figures;
}

/** Collects garbage at once, without a flag at the start of the process. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("This Node cannot collect garbage on demand.");
  return () => void collect();
}
