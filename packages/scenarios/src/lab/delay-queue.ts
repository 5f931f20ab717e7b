/** Runs deliveries at their time, in the order of their times, with one timer for all. */
export interface DelayQueue {
  /** Runs `deliver` at `at`, on the clock of the queue; at once when that is over. */
  add(at: number, deliver: () => void): void;
  /** Forgets what waits. */
  close(): void;
}

/**
 * A queue on the clock `now`, in milliseconds. Timers of one packet each would swap packets whose times differ by less
 * than a millisecond, which a receiver would count as reordering.
 */
export function createDelayQueue(now: () => number = () => performance.now()): DelayQueue {
  const waiting: { readonly at: number; readonly deliver: () => void }[] = [];
  let timer: NodeJS.Timeout | null = null;

  const arm = (): void => {
    if (timer !== null) clearTimeout(timer);
    const next = waiting[0];
    timer = next === undefined ? null : setTimeout(run, Math.max(0, next.at - now()));
  };
  const run = (): void => {
    timer = null;
    // Half a millisecond early is nearer than a timer's next whole one.
    while (waiting[0] !== undefined && waiting[0].at <= now() + 0.5) waiting.shift()?.deliver();
    arm();
  };
  return {
    add(at, deliver) {
      if (waiting.length === 0 && at <= now() + 0.5) {
        deliver();
        return;
      }
      // Nearly always the last: search from the end.
      let index = waiting.length;
      while (index > 0 && (waiting[index - 1]?.at ?? 0) > at) index -= 1;
      waiting.splice(index, 0, { at, deliver });
      if (index === 0) arm();
    },
    close() {
      waiting.length = 0;
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
