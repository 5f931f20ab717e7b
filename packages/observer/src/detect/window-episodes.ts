/** One judged window; null: it could not be judged and counts neither way. */
export interface WindowValue {
  readonly from: number;
  readonly to: number;
  readonly value: number | null;
}

/** When a state of a call lasted. */
export interface Episode {
  readonly from: number;
  readonly to: number;
  readonly peak: WindowValue & { readonly value: number };
}

export interface EpisodeRule {
  /** Raised at this value or more. */
  readonly on: number;
  /** Let go below it. */
  readonly clear: number;
  /** Windows in a row that raise it, and that let it go. */
  readonly windows: number;
  readonly clearWindows: number;
}

/** Nothing is known for so long: what was open ended before. Ours: six windows. */
const unknownEndsMs = 60_000;

/** The hysteresis of windows: raised and let go by several in a row; those that could not be judged count neither way. */
export function windowEpisodes(values: readonly WindowValue[], rule: EpisodeRule): Episode[] {
  const episodes: Episode[] = [];
  let open: { from: number; to: number; peak: Episode["peak"]; quiet: number } | null = null;
  let candidate: { from: number; to: number; peak: Episode["peak"]; count: number } | null = null;
  const close = (): void => {
    if (open !== null) episodes.push({ from: open.from, to: open.to, peak: open.peak });
    open = null;
  };
  for (const { from, to, value } of values) {
    if (value === null) continue;
    const judged = { from, to, value };
    const last: { to: number } | null = open ?? candidate;
    if (last !== null && from - last.to > unknownEndsMs) {
      close();
      candidate = null;
    }
    if (open !== null) {
      if (value >= rule.clear) {
        open.to = to;
        open.quiet = 0;
        if (value > open.peak.value) open.peak = judged;
      } else {
        open.quiet += 1;
        if (open.quiet >= rule.clearWindows) close();
      }
      continue;
    }
    if (value < rule.on) {
      candidate = null;
      continue;
    }
    if (candidate === null) candidate = { from, to, peak: judged, count: 0 };
    candidate.count += 1;
    candidate.to = to;
    if (value > candidate.peak.value) candidate.peak = judged;
    if (candidate.count >= rule.windows) {
      open = { from: candidate.from, to, peak: candidate.peak, quiet: 0 };
      candidate = null;
    }
  }
  close();
  return episodes;
}
