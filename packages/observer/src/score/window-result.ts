/** Why a window, a component or a session has no number. */
export type NullReason =
  | "no-stats"
  | "invalid-input"
  | "out-of-range"
  | "codec-unsupported"
  | "sender-unknown"
  | "too-short";

/** What qualifies a number that exists. */
export type ScoreFlag =
  | "extrapolated"
  | "delay_partial"
  | "fallback_loss"
  | "default_playout"
  | "default_bitrate"
  | "short_window"
  | "low_coverage"
  | "no-display-size"
  | "join_unknown"
  | "poor_session";

/** Names of what can cost points; the closed list of `ScoreReason.term`. */
export type ScoreTerm =
  | "codec"
  | "loss"
  | "delay"
  | "compression"
  | "frame-rate"
  | "resolution"
  | "freeze"
  | "join"
  | "drop"
  | "never-connected"
  | "blackout";

/** MOS that one term took. The terms of a window add up to its maximum minus its MOS. */
export interface WindowTerm {
  readonly term: ScoreTerm;
  readonly lostMos: number;
}

/** Result of a window model: a value with its terms, or null with its reason. */
export interface WindowResult {
  /** Mean opinion score as this model estimates it, 1..4.5 (audio) or 1..4.9 (video). */
  readonly mos: number | null;
  readonly reason: NullReason | null;
  readonly flags: readonly ScoreFlag[];
  readonly terms: readonly WindowTerm[];
}

/** No number, and why. */
export const unscored = (reason: NullReason): WindowResult => ({ mos: null, reason, flags: [], terms: [] });

/** A counter difference that can be used: not negative, and no more than a counter can count exactly. */
export const isCount = (value: number): boolean => value >= 0 && value <= Number.MAX_SAFE_INTEGER;
