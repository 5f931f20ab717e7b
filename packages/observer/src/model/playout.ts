import type { PlayoutStats } from "./report.ts";

/** What the loudspeaker was given in one evaluation step. */
export interface PlayoutStep {
  readonly from: number;
  readonly to: number;
  readonly playedSeconds: number;
  /** Of those, what was made up because nothing was ready in time. */
  readonly filledSeconds: number;
}

/** The loudspeaker of the page over the last seconds. */
export interface PlayoutState {
  /** Connection whose reports are followed; all of a page say the same. */
  connectionId: string | null;
  before: PlayoutStats | null;
  readonly steps: PlayoutStep[];
  /** Sums of these steps. */
  playedSeconds: number;
  filledSeconds: number;
  /** Something was made up in them, or a finding is open. */
  isJudged: boolean;
}

/** Nothing played yet. */
export function createPlayout(): PlayoutState {
  return {
    connectionId: null,
    before: null,
    steps: [],
    playedSeconds: 0,
    filledSeconds: 0,
    isJudged: false,
  };
}
