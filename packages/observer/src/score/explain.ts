import type { ScoreReason } from "@peerscope/schema";
import { averageTracks, combineMedia, trackShares, type Weighted } from "./combine.ts";
import { scoreConstants as constants } from "./constants.ts";
import { poolingWeights } from "./session-score.ts";
import type { ScoreTerm, WindowTerm } from "./window-result.ts";
import { ln } from "./real-functions.ts";

/** A track's scored window as the explanation needs it. */
export interface ExplainedTrack extends Weighted {
  readonly terms: readonly WindowTerm[];
}

/** MOS that one term of one medium took from a combined window. */
export interface WindowLoss {
  readonly subject: "audio in" | "video in";
  readonly term: ScoreTerm;
  readonly lostMos: number;
}

/** Highest MOS a combination can reach. */
export const perfectMos = (audio: boolean, video: boolean): number =>
  combineMedia(
    audio ? constants.audioMosMaximum.value : null,
    video ? constants.videoMosMaximum.value : null,
  ) ?? constants.audioMosMaximum.value;

/** Terms of several tracks of one kind, as shares of that kind's loss; they add up to 1, or to nothing without loss. */
function mediumShares(tracks: readonly ExplainedTrack[]): Map<ScoreTerm, number> {
  const weights = trackShares(tracks);
  const sums = new Map<ScoreTerm, number>();
  let total = 0;
  for (const [index, track] of tracks.entries()) {
    for (const { term, lostMos } of track.terms) {
      const part = lostMos * (weights[index] ?? 0);
      sums.set(term, (sums.get(term) ?? 0) + part);
      total += part;
    }
  }
  return new Map([...sums].map(([term, part]) => [term, part / total]));
}

/** How much of a combined window's loss the audio took, 0..1: by the logarithms of the two factors of the product. */
function audioShare(audio: number, video: number): number {
  const unit = (mos: number, maximum: number): number => Math.max(0, (mos - 1) / (maximum - 1));
  const a = unit(audio, constants.audioMosMaximum.value);
  const v = unit(video, constants.videoMosMaximum.value);
  const { audioWeight, videoWeight } = constants;
  if (a === 0 || v === 0) {
    if (a === 0 && v === 0) return audioWeight.value;
    return a === 0 ? 1 : 0;
  }
  const forAudio = -audioWeight.value * ln(a);
  const forVideo = -videoWeight.value * ln(v);
  return forAudio + forVideo > 0 ? forAudio / (forAudio + forVideo) : audioWeight.value;
}

/**
 * What each term of each medium took from one combined window. Adds up to the highest possible MOS minus the window's.
 */
export function explainWindow(
  audioTracks: readonly ExplainedTrack[],
  videoTracks: readonly ExplainedTrack[],
): WindowLoss[] {
  const audio = averageTracks(audioTracks);
  const video = averageTracks(videoTracks);
  const mos = combineMedia(audio, video);
  if (mos === null) return [];
  const lost = perfectMos(audio !== null, video !== null) - mos;
  if (lost <= 0) return [];
  const share = audio === null ? 0 : video === null ? 1 : audioShare(audio, video);
  const losses: WindowLoss[] = [];
  const add = (subject: WindowLoss["subject"], part: number, tracks: readonly ExplainedTrack[]): void => {
    if (part <= 0) return;
    for (const [term, of] of mediumShares(tracks)) losses.push({ subject, term, lostMos: lost * part * of });
  };
  add("audio in", share, audioTracks);
  add("video in", 1 - share, videoTracks);
  return losses;
}

/** A scored window of the session. */
export interface PooledWindow {
  readonly from: number;
  readonly to: number;
  readonly mos: number;
  readonly losses: readonly WindowLoss[];
}

/** A window that lost this much more MOS by a term than the term takes anyway gets a line with its own time range. Ours. */
const notableMos = 0.3;
/** What a term takes anyway: this quantile of its losses over all windows. Ours. */
const usualQuantile = 0.25;
/** Ranges beyond this number join the line of the rest. Ours. */
const rangeLimit = 12;
/** Lines below this many points join another. Ours. */
const smallestLine = 0.05;

interface Line {
  points: number;
  readonly term: ScoreTerm;
  from: number;
  to: number;
  readonly subject: string;
}

function extend(
  line: Line,
  by: { readonly points: number; readonly from: number; readonly to: number },
): void {
  line.points += by.points;
  line.from = Math.min(line.from, by.from);
  line.to = Math.max(line.to, by.to);
}

/** Points of each window and term, so that all of them add up to `lostPoints`. */
function allot(windows: readonly PooledWindow[], lostPoints: number): Line[] {
  const weights = poolingWeights(windows.map((window) => window.mos));
  const best = constants.audioMosMaximum.value;
  // A window above 4.5 has nothing to explain: 4.5 is already 100 points.
  const costs = windows.map((window, index) => Math.max(0, best - window.mos) * (weights[index] ?? 0));
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  return windows.flatMap((window, index) => {
    const points = total > 0 ? (lostPoints * (costs[index] ?? 0)) / total : 0;
    const lost = window.losses.reduce((sum, loss) => sum + loss.lostMos, 0);
    if (points <= 0 || lost <= 0) return [];
    return window.losses.map(({ subject, term, lostMos }) => ({
      points: (points * lostMos) / lost,
      term,
      from: window.from,
      to: window.to,
      subject,
    }));
  });
}

const keyOf = (of: { readonly subject: string; readonly term: string }): string => `${of.subject} ${of.term}`;

/** Windows that stand out by a term, as "subject term from". */
function notableWindows(windows: readonly PooledWindow[]): Set<string> {
  const byTerm = new Map<string, { readonly from: number; readonly lostMos: number }[]>();
  for (const { from, losses } of windows) {
    for (const loss of losses) {
      const list = byTerm.get(keyOf(loss)) ?? [];
      list.push({ from, lostMos: loss.lostMos });
      byTerm.set(keyOf(loss), list);
    }
  }
  const notable = new Set<string>();
  for (const [key, list] of byTerm) {
    // Windows in which the term took nothing have no entry and count as 0.
    const absent = windows.length - list.length;
    const rank = Math.floor((windows.length - 1) * usualQuantile) - absent;
    const usual = rank < 0 ? 0 : (list.map((of) => of.lostMos).toSorted((a, b) => a - b)[rank] ?? 0);
    for (const { from, lostMos } of list) if (lostMos >= usual + notableMos) notable.add(`${key} ${from}`);
  }
  return notable;
}

/** Neighbouring notable windows of one term become one range, everything else one line per term. */
function intoRanges(
  windows: readonly PooledWindow[],
  lines: readonly Line[],
): { ranges: Line[]; rest: Line[] } {
  const notable = notableWindows(windows);
  const ranges: Line[] = [];
  const rest = new Map<string, Line>();
  const openRange = new Map<string, Line>();
  for (const line of lines) {
    const key = keyOf(line);
    if (notable.has(`${key} ${line.from}`)) {
      const range = openRange.get(key);
      // One unremarkable window between two notable ones does not make two stories of them.
      if (range !== undefined && line.from - range.to <= constants.windowLength.value * 1000)
        extend(range, line);
      else {
        const started = { ...line };
        openRange.set(key, started);
        ranges.push(started);
      }
    } else {
      const known = rest.get(key);
      if (known === undefined) rest.set(key, { ...line });
      else extend(known, line);
    }
  }
  return { ranges, rest: [...rest.values()] };
}

const byPoints = (a: Line, b: Line): number =>
  b.points - a.points || a.from - b.from || (a.term < b.term ? -1 : a.term > b.term ? 1 : 0);

/** Folds a line into the one of the same subject and term, else of the same subject, else into the largest. */
function fold(into: Line[], line: Line): void {
  const same = into.find((other) => other.subject === line.subject && other.term === line.term);
  const target = same ?? into.find((other) => other.subject === line.subject) ?? into[0];
  if (target === undefined) into.push({ ...line });
  else if (target === same) extend(target, line);
  else target.points += line.points;
}

/**
 * The lines of the media part, largest first. Their points add up to `lostPoints` (100 minus the media score).
 */
export function explainMedia(windows: readonly PooledWindow[], lostPoints: number): ScoreReason[] {
  const { ranges, rest } = intoRanges(windows, allot(windows, lostPoints));
  ranges.sort(byPoints);
  const restLines = rest;
  for (const line of ranges.slice(rangeLimit)) {
    const same = restLines.find((other) => other.subject === line.subject && other.term === line.term);
    if (same === undefined) restLines.push({ ...line });
    else extend(same, line);
  }
  const all = [...ranges.slice(0, rangeLimit), ...restLines].toSorted(byPoints);
  const lines = all.filter((line) => line.points >= smallestLine);
  for (const line of all) if (line.points < smallestLine) fold(lines, line);
  return lines.toSorted(byPoints);
}
