import type { MetricPoint, MetricSubject } from "@peerscope/schema";
import type { SeriesChunk } from "./messages.ts";

interface Buffer {
  readonly first: MetricPoint;
  times: number[];
  values: number[];
}

/** Gathers derived values into columns, one pair per series, until they are taken. */
export interface MetricColumns {
  add(point: MetricPoint): void;
  /** Everything since the last take. */
  take(): SeriesChunk[];
}

/** What tells one line from another: metric, direction, connection, object. */
export function seriesKeyOf(
  name: MetricPoint["name"],
  direction: MetricSubject["direction"],
  pcId: string,
  statsId: string,
): string {
  return `${name}|${direction}|${pcId}|${statsId}`;
}

export function createMetricColumns(): MetricColumns {
  const buffers = new Map<string, Buffer>();
  return {
    add(point) {
      const { direction, pcId, statsId } = point.subject;
      const key = seriesKeyOf(point.name, direction, pcId, statsId);
      let buffer = buffers.get(key);
      if (buffer === undefined) {
        buffer = { first: point, times: [], values: [] };
        buffers.set(key, buffer);
      }
      buffer.times.push(point.at);
      buffer.values.push(point.value ?? Number.NaN);
    },
    take() {
      const chunks: SeriesChunk[] = [];
      for (const [key, buffer] of buffers) {
        if (buffer.times.length === 0) continue;
        const { name, subject } = buffer.first;
        chunks.push({
          key,
          name,
          subject,
          times: Float64Array.from(buffer.times),
          values: Float32Array.from(buffer.values),
        });
        buffer.times = [];
        buffer.values = [];
      }
      return chunks;
    },
  };
}
