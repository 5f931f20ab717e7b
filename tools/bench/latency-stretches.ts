/** Ten seconds of a run of `peerscope generate`. */
export interface Stretch {
  /** Unix ms of its begin. */
  readonly at: number;
  /** Of its acknowledgements, ms. */
  readonly p99: number;
  readonly count: number;
}

/** Unix ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const stretchMs = 10_000;

export function isWithin({ at }: Stretch, { from, to }: Span): boolean {
  return at >= from && at + stretchMs <= to;
}

export function isApart({ at }: Stretch, { from, to }: Span): boolean {
  return at + stretchMs <= from || at >= to;
}

/** Of the whole stretches of a run that are counted; NaN without any. */
export function medianP99(stretches: readonly Stretch[], isCounted: (stretch: Stretch) => boolean): number {
  // The last one may be the rest of a second.
  const isWhole = ({ count }: Stretch): boolean => count * 2 > (stretches[0]?.count ?? 0);
  const found = stretches.filter((stretch) => isWhole(stretch) && isCounted(stretch)).map(({ p99 }) => p99);
  return found.toSorted((a, b) => a - b)[found.length >> 1] ?? Number.NaN;
}
