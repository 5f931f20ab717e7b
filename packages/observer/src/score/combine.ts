import { scoreConstants as constants } from "./constants.ts";
import { power } from "./real-functions.ts";

/** One track's value and how much it matters among the tracks of its kind. */
export interface Weighted {
  readonly mos: number;
  /** Speech-active time or displayed pixels; null where unknown. */
  readonly weight: number | null;
}

/** Shares of the tracks, adding up to 1: by weight when all are known and some is positive, else equal. */
export function trackShares(tracks: readonly Weighted[]): number[] {
  let total = 0;
  for (const { weight } of tracks) total += weight ?? Number.NaN;
  if (!(total > 0) || !Number.isFinite(total)) return tracks.map(() => 1 / tracks.length);
  return tracks.map((track) => (track.weight ?? 0) / total);
}

/** Average over the tracks of one kind, never a sum: more streams of equal quality score the same. Null without tracks. */
export function averageTracks(tracks: readonly Weighted[]): number | null {
  if (tracks.length === 0) return null;
  const shares = trackShares(tracks);
  let sum = 0;
  for (const [index, { mos }] of tracks.entries()) sum += mos * (shares[index] ?? 0);
  return sum;
}

/** Audio and video of one person together, 1..5: audio counts more, and either one dead makes the whole dead. */
export function combineMedia(audio: number | null, video: number | null): number | null {
  if (audio === null || video === null) return audio ?? video;
  const unit = (mos: number): number => Math.max(0, (mos - 1) / 4);
  return (
    1 + 4 * power(unit(audio), constants.audioWeight.value) * power(unit(video), constants.videoWeight.value)
  );
}
