export interface BackOffOptions {
  /** Pause after the first failure, in milliseconds. */
  readonly firstMs: number;
  /** It doubles with each further failure, up to this, in milliseconds. */
  readonly longestMs: number;
  /** 0 to 1, injected so that tests decide. */
  readonly random: () => number;
}

/** How long to leave something alone that fails again and again. */
export interface BackOff {
  /** The pause after one more failure, in milliseconds: half to the whole of it, so that many do not come back at once. */
  failed(): number;
  worked(): void;
}

export function createBackOff({ firstMs, longestMs, random }: BackOffOptions): BackOff {
  let failures = 0;
  return {
    failed() {
      const pauseMs = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 30));
      failures += 1;
      return pauseMs * (0.5 + random() / 2);
    },
    worked() {
      failures = 0;
    },
  };
}
