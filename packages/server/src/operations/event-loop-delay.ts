import { monitorEventLoopDelay, type IntervalHistogram } from "node:perf_hooks";

/** How late timers of the main thread are, over the last whole minute; while there is none, since the start. */
export interface EventLoopDelay {
  readonly p50Seconds: number;
  readonly p99Seconds: number;
  readonly maxSeconds: number;
}

const periodMs = 60_000;
const resolutionMs = 20;

/** Measures until `stop`. How often somebody reads it changes nothing. */
export function watchEventLoop(): { readonly delay: EventLoopDelay; stop(): void } {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  let last: EventLoopDelay | null = null;
  histogram.enable();
  const timer = setInterval(() => {
    last = read(histogram);
    histogram.reset();
  }, periodMs);
  timer.unref();
  return {
    get delay() {
      return last ?? read(histogram);
    },
    stop() {
      clearInterval(timer);
      histogram.disable();
    },
  };
}

/** Node counts the interval itself as delay. */
function read(histogram: IntervalHistogram): EventLoopDelay {
  const seconds = (nanoseconds: number): number =>
    histogram.count === 0 ? 0 : Math.max(0, nanoseconds / 1e9 - resolutionMs / 1e3);
  return {
    p50Seconds: seconds(histogram.percentile(50)),
    p99Seconds: seconds(histogram.percentile(99)),
    maxSeconds: seconds(histogram.max),
  };
}
