/** Keeps the page's main thread busy for a share of the time, in slices of 400 ms (long tasks). */
export interface MainThreadLoad {
  /** 0..0.95 */
  setShare(share: number): void;
  stop(): void;
}

const sliceMs = 400;

export function createMainThreadLoad(): MainThreadLoad {
  let share = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  function slice(): void {
    const until = performance.now() + sliceMs * share;
    // Really busy: this is the point of it.
    while (performance.now() < until);
    timer = setTimeout(slice, sliceMs * (1 - share));
  }
  return {
    setShare(next) {
      share = Math.min(0.95, Math.max(0, next));
      clearTimeout(timer);
      if (share > 0) timer = setTimeout(slice, 0);
    },
    stop() {
      share = 0;
      clearTimeout(timer);
    },
  };
}
