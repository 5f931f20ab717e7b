import type { ScoreWindow } from "@peerscope/schema";
import { averageTracks, combineMedia } from "./combine.ts";
import { explainWindow, type ExplainedTrack, type PooledWindow } from "./explain.ts";
import { scoreFromMos } from "./session-score.ts";
import type { TrackCollector } from "./track-collector.ts";
import type { EvaluatedWindow } from "./track-window.ts";

/** A window of one track. */
export interface EvaluatedTrack extends EvaluatedWindow {
  readonly track: TrackCollector;
}

const scoreOf = (mos: number | null): number | null => (mos === null ? null : scoreFromMos(mos));

/** What the score says of it. */
export function trackWindow(of: EvaluatedTrack, from: number, to: number): ScoreWindow {
  const { mos, reason, flags, terms } = of.result;
  return {
    scope: "track",
    from,
    to,
    pcId: of.track.pcId,
    trackId: of.track.trackId,
    kind: of.track.kind,
    mos,
    score: scoreOf(mos),
    reason,
    flags: of.rampUp ? [...flags, "ramp_up"] : flags,
    terms,
  };
}

/** The tracks of one kind of media that are pooled. */
interface Medium {
  tracks: number;
  readonly scored: ExplainedTrack[];
}

/** A window of the session, and what goes into its number. */
export interface SessionWindow {
  readonly window: ScoreWindow;
  readonly pooled: PooledWindow | null;
}

/** Audio and video of one window together; null where nothing of it is pooled. */
export function sessionWindow(
  tracks: readonly EvaluatedTrack[],
  from: number,
  to: number,
): SessionWindow | null {
  const audio: Medium = { tracks: 0, scored: [] };
  const video: Medium = { tracks: 0, scored: [] };
  const flags = new Set<string>();
  let firstReason: ScoreWindow["reason"] = null;
  for (const { rampUp, result, track, weight } of tracks) {
    if (rampUp) continue;
    const { mos, reason, terms } = result;
    if (audio.tracks + video.tracks === 0) firstReason = reason;
    const medium = track.kind === "audio" ? audio : video;
    medium.tracks += 1;
    if (mos !== null) medium.scored.push({ mos, weight, terms });
    for (const flag of result.flags) flags.add(flag);
  }
  if (audio.tracks + video.tracks === 0) return null;
  const a = averageTracks(audio.scored);
  const v = averageTracks(video.scored);
  const mos = combineMedia(a, v);
  if (mos !== null && ((audio.tracks > 0 && a === null) || (video.tracks > 0 && v === null))) {
    flags.add("low_coverage");
  }
  const losses = explainWindow(audio.scored, video.scored);
  const terms = new Map<string, number>();
  for (const { term, lostMos } of losses) terms.set(term, (terms.get(term) ?? 0) + lostMos);
  return {
    window: {
      scope: "session",
      from,
      to,
      mos,
      score: scoreOf(mos),
      reason: mos === null ? (firstReason ?? "no-stats") : null,
      flags: [...flags].toSorted(),
      terms: [...terms].map(([term, lostMos]) => ({ term, lostMos })),
    },
    pooled: mos === null ? null : { from, to, mos, losses },
  };
}
