import type { EventRecord, SampleRecord, SessionContext, SessionRecord } from "@peerscope/schema";
import { generateSession } from "../generate/generate-session.ts";
import type { SessionKind } from "../generate/conditions.ts";
import { readCapture, type CaptureName } from "../recorded/captures.ts";
import { createReportSeries } from "./report-series.ts";

/** A session that can be played for any client at any time: who it is and when it began is put in by the one who plays it. */
export interface LoadTemplate {
  readonly name: string;
  /** What comes with the first frame, without the context: the setup of the call and the first sample. Times in ms since the start. */
  readonly opening: readonly SessionRecord[];
  /** All that follow, one an interval. */
  readonly samples: readonly SampleRecord[];
  /** The last records; when it ends is up to the one who plays it. */
  readonly ending: readonly EventRecord[];
  readonly context: Omit<SessionContext, "userId" | "callId" | "tags">;
}

export interface LoadTemplateOptions {
  /** Samples after the first. */
  readonly samples: number;
  readonly intervalMs: number;
  /** Of the recorded calls only this one: a long one takes its time to make. */
  readonly only?: CaptureName;
}

/** Recorded calls that are played without end, and objects in each of their reports. Ours. */
const recorded: readonly (readonly [CaptureName, number])[] = [
  ["good-call", 0],
  ["good-call", 1],
  ["loss-10", 0],
  ["cap-150kbps", 0],
  ["jitter-150-down", 1],
  ["cpu-15", 0],
];
const recordedObjects = 28;

/** Seconds of a recorded call before its counters are those of a running call. */
const settledAfter = 5;

/** Recorded calls whose counters go on where the recording ends, with 28 objects in each report. */
export function recordedTemplates(options: LoadTemplateOptions): LoadTemplate[] {
  const wanted = recorded.filter(([name]) => options.only === undefined || name === options.only);
  return wanted.map(([name, index]) => {
    const session = readCapture(name).sessions[index];
    if (session === undefined) throw new Error(`${name} has no participant ${index}`);
    const first = session.samples[0];
    if (first === undefined) throw new Error(`${name} has no sample`);
    const series = createReportSeries(
      session.samples.slice(settledAfter).map(({ stats }) => stats),
      recordedObjects,
    );
    const before = session.records.filter(
      (record): record is EventRecord => record.kind === "event" && record.at <= first.at,
    );
    const startAt = Math.floor(before[0]?.at ?? first.at);
    const openedMs = Math.ceil(first.at - startAt);
    const sample = (step: number): SampleRecord => {
      const at = openedMs + step * options.intervalMs;
      const report = series(step);
      const newest = Math.max(...report.map(({ timestamp }) => timestamp));
      return {
        kind: "sample",
        at,
        connectionId: first.connectionId,
        durationMs: 3,
        stats: report.map((object) => ({
          ...object,
          // What is older than the report stays as much older, and always has microseconds, as those of browsers have.
          timestamp: at + Math.round(object.timestamp - newest) + (1 + ((step * 389) % 997)) / 1_000,
        })),
      };
    };
    const context = session.records.find((record) => record.kind === "context")?.context ?? {};
    const { userId: _user, callId: _call, tags: _tags, ...rest } = context;
    return {
      name: `recorded-${name}`,
      opening: [...before.map((record) => ({ ...record, at: Math.floor(record.at) - startAt })), sample(0)],
      samples: Array.from({ length: options.samples }, (_, step) => sample(step + 1)),
      ending: endingOf(first),
      context: rest,
    };
  });
}

const syntheticKinds: readonly SessionKind[] = ["good", "loss", "jitter", "bandwidth", "outage", "muted"];

/** Sessions of the seeded generator, with 17 objects in each report. */
export function syntheticTemplates(options: LoadTemplateOptions): LoadTemplate[] {
  return syntheticKinds.map((kind, seed) => {
    const { records } = generateSession({ seed, durationSeconds: options.samples + 1, kind, startAt: 0 });
    const samples = records.filter((record) => record.kind === "sample");
    const [first, ...others] = samples;
    if (first === undefined) throw new Error(`a generated session of kind ${kind} has no sample`);
    const context = records.find((record) => record.kind === "context")?.context ?? {};
    const { userId: _user, callId: _call, tags: _tags, ...rest } = context;
    const move = (sample: SampleRecord, index: number): SampleRecord => {
      const at = first.at + index * options.intervalMs;
      const moved = at - sample.at;
      return {
        ...sample,
        at,
        stats: sample.stats.map((object) => ({ ...object, timestamp: object.timestamp + moved })),
      };
    };
    return {
      name: `synthetic-${kind}`,
      opening: [
        ...records.filter(
          (record): record is EventRecord => record.kind === "event" && record.at <= first.at,
        ),
        first,
      ],
      samples: others.map((sample, index) => move(sample, index + 1)),
      ending: endingOf(first),
      context: rest,
    };
  });
}

function endingOf({ at, connectionId }: SampleRecord): EventRecord[] {
  return [
    { kind: "event", at, name: "connection-closed", connectionId, data: {} },
    { kind: "event", at, name: "session-ended", data: { reason: "stopped" } },
  ];
}
