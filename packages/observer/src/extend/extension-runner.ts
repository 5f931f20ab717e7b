import type { EventRecord, MetricPoint, SampleRecord, StatsObject } from "@peerscope/schema";
import { growth } from "../derive/delta.ts";
import { attach, type Board } from "../detect/board.ts";
import { evidence } from "../detect/open-record.ts";
import type { Connection } from "../model/connection.ts";
import { numberOf } from "../model/stat-members.ts";
import type { Subject } from "../model/streams.ts";
import type { CustomMetric, StatsInterval } from "./define-metric.ts";
import type { Extension } from "./define-observation.ts";

/** Runs what a project added, on the raw samples. Kept apart: a project without extensions pays nothing for it. */
export interface ExtensionRunner {
  onEvent(event: EventRecord, at: number): void;
  /** A sample that can be compared with the one before. */
  onSample(connection: Connection, sample: SampleRecord): void;
  /** A gap: nothing is compared across it. */
  forget(connectionId: string): void;
}

/** An evaluation step of the catalogue, ms, less the jitter of sampling timers. */
const stepAfterMs = 1750;

/** Subject of what the events of the page say. */
const page: Subject = { key: "page", scope: {} };

/** Connections whose last samples are kept. Ours. */
const maximumConnections = 100;

/** Of a connection: the last sample, and the one that began the step. */
export interface KeptSamples {
  sample: SampleRecord;
  stepStart: SampleRecord;
}

/**
 * @param kept all that it remembers, by connection.
 * @param onMetric gets every custom metric of every interval, named `custom:<id>`.
 */
export function createExtensionRunner(
  extensions: readonly Extension[],
  metrics: readonly CustomMetric[],
  board: Board,
  kept: Map<string, KeptSamples>,
  onMetric: ((point: MetricPoint) => void) | undefined,
): ExtensionRunner {
  function forget(connectionId: string): void {
    kept.delete(connectionId);
  }

  function onSample(connection: Connection, sample: SampleRecord): void {
    const before = kept.get(connection.id);
    if (before === undefined) {
      if (kept.size < maximumConnections) kept.set(connection.id, { sample, stepStart: sample });
      return;
    }
    if (onMetric !== undefined) {
      for (const metric of metrics) {
        eachInterval(metric, before.sample, sample, (interval) =>
          onMetric(pointOf(connection, metric, interval, valueOf(metric, interval))),
        );
      }
    }
    before.sample = sample;
    if (sample.at - before.stepStart.at < stepAfterMs) return;
    for (const extension of extensions) judge(extension, connection, before.stepStart, sample);
    before.stepStart = sample;
  }

  function judge(
    { observation, definition }: Extension,
    connection: Connection,
    before: SampleRecord,
    sample: SampleRecord,
  ): void {
    const { metric, unless } = observation;
    if (metric === undefined) return;
    eachInterval(metric, before, sample, (interval) => {
      const subject = subjectOf(connection, interval.now);
      const value = valueOf(metric, interval);
      if (value === null) {
        board.absent(definition, `custom.${metric.id}`);
        board.unknown(definition, subject, interval.from, interval.to);
        return;
      }
      const excluded = unless !== undefined && guarded(() => unless(interval)) === true;
      const change = board.vote(definition, subject, interval.from, interval.to, excluded ? null : value);
      attach(change, [evidence("custom", metric.id, value, metric.unit, interval.from, interval.to)]);
    });
  }

  function onEvent(event: EventRecord, at: number): void {
    for (const { observation, definition } of extensions) {
      if (observation.onEvent === undefined) continue;
      const { onEvent: told } = observation;
      guarded(() =>
        told(event, {
          raise(severity, fields = {}) {
            const record = board.raise(definition, page, at, severity);
            if (record === null || record.onEvidence.length > 0) return;
            record.onEvidence = Object.entries(fields).map(([field, value]) =>
              evidence("event", field, value, "", at, at),
            );
          },
          clear: () => void board.clear(definition, page, at),
        }),
      );
    }
  }

  return { onEvent, onSample, forget };
}

/** What a project wrote may throw: that must not cost the analysis of the call. */
function guarded<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null;
  }
}

function valueOf(metric: CustomMetric, interval: StatsInterval): number | null {
  const value = guarded(() => metric.compute(interval));
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function eachInterval(
  metric: CustomMetric,
  before: SampleRecord,
  sample: SampleRecord,
  run: (interval: StatsInterval) => void,
): void {
  for (const now of sample.stats) {
    if (now.type !== metric.stats) continue;
    const { when } = metric;
    if (when !== undefined && guarded(() => when(now)) !== true) continue;
    const then = before.stats.find(({ id }) => id === now.id);
    if (then === undefined || then["ssrc"] !== now["ssrc"]) continue;
    const seconds = (now.timestamp - then.timestamp) / 1000;
    if (!(seconds > 0)) continue;
    run({
      from: before.at,
      to: sample.at,
      seconds,
      now,
      before: then,
      value: (member) => numberOf(now, member),
      growth: (member) => growth(numberOf(then, member), numberOf(now, member)),
      related: (id) => sample.stats.find((other) => other.id === id) ?? null,
    });
  }
}

function subjectOf(connection: Connection, { id }: StatsObject): Subject {
  const stream = connection.inbound.get(id) ?? connection.outbound.get(id);
  return stream?.subject ?? { key: `${connection.subject.key}/${id}`, scope: connection.subject.scope };
}

function pointOf(
  connection: Connection,
  { id }: CustomMetric,
  { now, to }: StatsInterval,
  value: number | null,
): MetricPoint {
  const { scope } = subjectOf(connection, now);
  return {
    at: to,
    name: `custom:${id}`,
    subject: {
      ...scope,
      pcId: connection.id,
      statsId: now.id,
      kind: scope.kind ?? "transport",
      direction: scope.direction ?? "outbound",
    },
    value,
  };
}
