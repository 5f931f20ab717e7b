/** Remembers whether logs can be written, for reasons other than a full disk, which is watched by itself. */
export interface WriteWatch {
  failed(): void;
  worked(): void;
  readonly isFailing: boolean;
}

/**
 * A failure counts for so long, in milliseconds, when nothing was written since. Ours: a server that is asked for nothing
 * because of it has to be tried again.
 */
const memoryMs = 30_000;

/** @param monotonicMs milliseconds of a clock that is never set. */
export function createWriteWatch(monotonicMs: () => number): WriteWatch {
  let failedAt = -Infinity;
  return {
    failed: () => void (failedAt = monotonicMs()),
    worked: () => void (failedAt = -Infinity),
    get isFailing() {
      return monotonicMs() - failedAt < memoryMs;
    },
  };
}
