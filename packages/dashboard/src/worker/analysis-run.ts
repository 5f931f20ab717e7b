import { createSessionObserver } from "@peerscope/observer";
import type { SessionAnalysis, SessionRecord } from "@peerscope/schema";
import type { EventRow, FromWorker } from "./messages.ts";
import { createMetricColumns } from "./metric-columns.ts";

type Update = Extract<FromWorker, { type: "update" }>;

/** How far reading has come, told with every update. */
export type Progress = Pick<Update, "bytes" | "totalBytes" | "phase" | "connectionLost">;

/** Runs the observer over records as they come, and tells the page what is new in pieces of its own size. */
export interface AnalysisRun {
  push(records: readonly SessionRecord[]): void;
  /** Tells the page what is new. Without `force` only when the last time is long enough ago. */
  tell(progress: Progress, force?: boolean): void;
  /** Unix ms of the newest record; null before the first. */
  readonly newestAt: number | null;
}

export interface AnalysisRunOptions {
  readonly sessionId: string;
  readonly peer: string | null;
  readonly post: (message: FromWorker, transfer: Transferable[]) => void;
}

/** Shortest time between two updates; the page redraws at most this often. Ours. */
const shortestPauseMs = 200;
/**
 * While a recording is being read, its analysis is summed up this seldom: at least so many ms apart, and so many times
 * what it takes. Each is a copy of all that was found, and those of eight hours fill the memory of the tab. Ours.
 */
const readingPauseMs = 1_500;
const readingPauseTimes = 20;

export function createAnalysisRun({ sessionId, peer, post }: AnalysisRunOptions): AnalysisRun {
  const columns = createMetricColumns();
  const observer = createSessionObserver({ sessionId, peer, onMetric: (point) => columns.add(point) });
  let events: EventRow[] = [];
  let newestAt: number | null = null;
  let newestSampleAt: number | null = null;
  let fed = false;
  let lastTold = -Infinity;
  let pauseMs = shortestPauseMs;
  let nextAnalysisAt = -Infinity;

  const analyse = (over: boolean): SessionAnalysis | null => {
    if (!fed) return null;
    return over ? observer.finish() : observer.analysis();
  };

  return {
    get newestAt() {
      return newestAt;
    },
    push(records) {
      for (const record of records) {
        observer.push(record);
        fed = true;
        newestAt = Math.max(newestAt ?? record.at, record.at);
        if (record.kind === "sample") newestSampleAt = Math.max(newestSampleAt ?? record.at, record.at);
        if (record.kind === "event") {
          events.push({
            at: record.at,
            name: record.name,
            connectionId: record.connectionId ?? null,
            data: record.data ?? null,
          });
        }
      }
    },
    tell(progress, force = false) {
      const began = performance.now();
      if (!force && began - lastTold < pauseMs) return;
      const isReading = progress.phase === "loading";
      const analysis = isReading && began < nextAnalysisAt ? null : analyse(progress.phase === "done");
      if (analysis !== null) {
        const cost = performance.now() - began;
        nextAnalysisAt = began + Math.max(readingPauseMs, cost * readingPauseTimes);
      }
      const series = columns.take();
      post(
        { type: "update", ...progress, analysis, series, events, newestSampleAt },
        series.flatMap((chunk) => [chunk.times.buffer, chunk.values.buffer]),
      );
      events = [];
      lastTold = performance.now();
      // A long session costs more to sum up: never spend more than a tenth of the time on it.
      pauseMs = Math.max(shortestPauseMs, (lastTold - began) * 10);
    },
  };
}
