import type { ScoreReason, ScoreWindow, SessionScore } from "@peerscope/schema";
import { scoreConstants as constants } from "./constants.ts";
import { explainMedia } from "./explain.ts";
import { SmallMap } from "../pack/small-map.ts";
import type {
  ScoreCollector,
  ScoreCollectorOptions,
  ScoreInterval,
  ScoreOutline,
  SenderConfirmation,
  SessionOutcome,
} from "./inputs.ts";
import {
  goodShare,
  isPoorSession,
  joinFactor,
  poolWindows,
  scoreClass,
  scoreFromMos,
} from "./session-score.ts";
import { type EvaluatedTrack, sessionWindow, type SessionWindow, trackWindow } from "./session-window.ts";
import { TrackCollector, type TrackSettings } from "./track-collector.ts";
import { milliseconds, toSeconds } from "./units.ts";
import { scoreVersion } from "./version.ts";
import type { ScoreFlag } from "./window-result.ts";

/** Flags of windows that say something about the whole session when they occur. */
const inheritedFlags: readonly ScoreFlag[] = [
  "delay_partial",
  "fallback_loss",
  "default_playout",
  "default_bitrate",
  "no-display-size",
];

/** More received tracks than any call has; a hostile log stops here. Ours. */
const trackLimit = 512;

/** What was said of the windows before `next`: the same the next time, unless one of them changed. */
interface EarlierWindows {
  next: number;
  readonly track: ScoreWindow[];
  readonly session: SessionWindow[];
}

/** The tracks of one window in which media was expected. */
interface EvaluatedTracks {
  readonly index: number;
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
  readonly tracks: readonly EvaluatedTrack[];
}

/** Nobody adds to it: of most sessions nothing is told yet. */
const nothingTold: readonly number[] = [];

/** Windows at the end that are always looked at anew: the last two may be joined, and those before still change. */
const latestWindows = 4;

/** The reason that most windows without a number give. */
function commonReason(windows: readonly ScoreWindow[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of windows) if (reason !== null) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  let common: string = "no-stats";
  let most = 0;
  for (const [reason, count] of counts) {
    if (count > most) [common, most] = [reason, count];
  }
  return common;
}

/**
 * Gathers what every received track delivered and gives the Experience Score of the session: ten-second windows from
 * `sessionStart`, pooled, with join factor and drop cap, and every lost point named.
 */
export function createScoreCollector(options: ScoreCollectorOptions): ScoreCollector {
  return new ScoreWindows(options);
}

const windowMs = constants.windowLength.value * 1000;

export class ScoreWindows implements ScoreCollector {
  private readonly settings: TrackSettings;
  private tracks: readonly TrackCollector[] = [];
  /** The same by connection and track: nothing is put together to find one. */
  private readonly byConnection = new SmallMap<string, SmallMap<string, TrackCollector>>();
  private attemptedAt: number | null = null;
  private joinedAt: number | null = null;
  private latest: number;
  /** Held weakly: who asks often and keeps the answer pays little for the next, who does not ask keeps no windows as objects. */
  private earlier: WeakRef<EarlierWindows> | null = null;
  /** MOS of the session in its windows before `toldNext`, as far as something was expected in them: NaN for one without. */
  private told = nothingTold;
  private toldNext = 0;

  constructor({ sessionStart: start, audience, settled }: ScoreCollectorOptions) {
    this.settings = { start, broadcast: audience === "broadcast", settled };
    this.latest = start;
  }

  private startOf(index: number): number {
    return this.settings.start + index * windowMs;
  }

  private untilOf(end: number): number {
    return Number.isFinite(end) ? Math.max(end, this.latest) : this.latest;
  }

  private lastIndexOf(until: number): number {
    return Math.max(0, Math.ceil((until - this.settings.start) / windowMs) - 1);
  }

  /** The first of the windows that are always looked at anew. */
  private latestFrom(until: number): number {
    return Math.max(0, this.lastIndexOf(until) - latestWindows);
  }

  /** Evaluates the windows from `since` up to `until`, in order; a last one shorter than five seconds belongs to the one before. */
  private *windowsFrom(since: number, until: number): Generator<EvaluatedTracks> {
    const lastIndex = this.lastIndexOf(until);
    const joinLast = lastIndex > 0 && until - this.startOf(lastIndex) < constants.windowMinimum.value * 1000;
    const indexes = new Set<number>();
    const settled = this.tracks.map((track) => track.settledWindows(since));
    for (const windows of settled) for (const { index } of windows) indexes.add(index);
    for (const track of this.tracks) {
      for (const index of track.openIndexes())
        indexes.add(joinLast && index === lastIndex ? index - 1 : index);
    }
    /** Of each track, how many of its settled windows are done. */
    const done = this.tracks.map(() => 0);
    for (const index of [...indexes].sort((a, b) => a - b)) {
      if (index < since) continue;
      const withNext = joinLast && index === lastIndex - 1;
      const from = this.startOf(index);
      const to = withNext ? until : Math.min(this.startOf(index + 1), until);
      const tracks: EvaluatedTrack[] = [];
      for (const [place, track] of this.tracks.entries()) {
        const next = settled[place]?.[done[place] ?? 0];
        const isSettled = next !== undefined && next.index === index;
        const window = isSettled ? next.window : track.evaluate(index, withNext);
        if (isSettled) done[place] = (done[place] ?? 0) + 1;
        if (window === null || !window.expected) continue;
        const { expected, rampUp, result, weight } = window;
        tracks.push({ expected, rampUp, result, weight, track });
      }
      yield { index, from, to, tracks };
    }
  }

  /** All windows up to `until`. */
  private evaluate(until: number): { track: ScoreWindow[]; session: SessionWindow[]; measured: boolean } {
    const latestFrom = this.latestFrom(until);
    const before = this.earlierWindows(latestFrom);
    const latestOnes: EarlierWindows = { next: Infinity, track: [], session: [] };
    for (const { index, from, to, tracks } of this.windowsFrom(before.next, until)) {
      const all = index < latestFrom ? before : latestOnes;
      for (const of of tracks) all.track.push(trackWindow(of, from, to));
      const session = sessionWindow(tracks, from, to);
      if (session !== null) all.session.push(session);
    }
    before.next = latestFrom;
    this.earlier = new WeakRef(before);
    return {
      track: [...before.track, ...latestOnes.track],
      session: [...before.session, ...latestOnes.session],
      measured: this.tracks.some(({ measured }) => measured),
    };
  }

  /** What is still known of the windows before the latest ones; nothing when one of them changed since, or the memory was needed. */
  private earlierWindows(latestFrom: number): EarlierWindows {
    this.forgetChanged();
    const known = this.earlier?.deref();
    return known !== undefined && known.next <= latestFrom ? known : { next: 0, track: [], session: [] };
  }

  /** What was said of windows that changed since is not true any more. */
  private forgetChanged(): void {
    let changedFrom = Infinity;
    for (const track of this.tracks) changedFrom = Math.min(changedFrom, track.takeChangedFrom());
    if (changedFrom < (this.earlier?.deref()?.next ?? 0)) this.earlier = null;
    if (changedFrom >= this.toldNext) return;
    this.told = nothingTold;
    this.toldNext = 0;
  }

  outline(end: number, outcome: SessionOutcome = {}): ScoreOutline {
    const until = this.untilOf(end);
    const latestFrom = this.latestFrom(until);
    this.forgetChanged();
    const latest: SessionWindow[] = [];
    const added: number[] = [];
    for (const { index, from, to, tracks } of this.windowsFrom(this.toldNext, until)) {
      const session = sessionWindow(tracks, from, to);
      if (session === null) continue;
      if (index < latestFrom) added.push(session.pooled?.mos ?? Number.NaN);
      else latest.push(session);
    }
    if (added.length > 0) this.told = this.told.concat(added);
    this.toldNext = Math.max(this.toldNext, latestFrom);
    const windows = latest.map(({ window }) => window);
    if (outcome.neverConnected === true) return { value: 0, class: "failed", coverage: 0, windows };
    const values = this.told.filter((mos) => !Number.isNaN(mos));
    for (const { pooled } of latest) if (pooled !== null) values.push(pooled.mos);
    const mean = poolWindows(values);
    if (mean === null) return { value: null, class: scoreClass(null, outcome), coverage: 0, windows };
    const { value } = this.pointsOf(mean, outcome);
    const coverage = values.length / (this.told.length + latest.length);
    return { value, class: scoreClass(value, outcome), coverage, windows };
  }

  private failed(until: number, windows: readonly ScoreWindow[]): SessionScore {
    const from = this.attemptedAt ?? this.settings.start;
    return {
      modelVersion: scoreVersion,
      value: 0,
      reason: null,
      class: "failed",
      flags: [],
      coverage: 0,
      goodMinutes: null,
      reasons: [{ points: 100, term: "never-connected", from, to: until, subject: "session" }],
      windows,
    };
  }

  private joinSeconds(): number | null {
    if (this.attemptedAt === null || this.joinedAt === null || this.joinedAt < this.attemptedAt) return null;
    return toSeconds(milliseconds(this.joinedAt - this.attemptedAt));
  }

  /** Of 100: for the media, with the wait before the first of it, and after a drop. */
  private pointsOf(
    mean: number,
    outcome: SessionOutcome,
  ): { readonly media: number; readonly joined: number; readonly value: number } {
    const media = scoreFromMos(mean);
    const join = this.joinSeconds();
    const joined = media * (join === null ? 1 : joinFactor(toSeconds(milliseconds(join * 1000))));
    const value = outcome.dropped === true ? Math.min(joined, constants.dropCap.value) : joined;
    return { media, joined, value };
  }

  result(end: number, outcome: SessionOutcome = {}): SessionScore {
    const until = this.untilOf(end);
    const { track, session, measured } = this.evaluate(until);
    const windows = [...session.map((of) => of.window), ...track];
    if (outcome.neverConnected === true) return this.failed(until, windows);

    const pooled = session.flatMap((of) => (of.pooled === null ? [] : [of.pooled]));
    const values = pooled.map((of) => of.mos);
    const coverage = session.length > 0 ? pooled.length / session.length : 0;
    const flags = new Set<string>();
    for (const { window } of session) {
      for (const flag of window.flags) if (inheritedFlags.some((known) => known === flag)) flags.add(flag);
    }
    if (coverage < constants.coverageLow.value) flags.add("low_coverage");
    const mean = poolWindows(values);
    if (mean === null) {
      const none = track.length === 0 && session.length === 0;
      return {
        modelVersion: scoreVersion,
        value: null,
        reason: none ? (measured ? "too-short" : "no-stats") : commonReason(windows),
        class: scoreClass(null, outcome),
        flags: [...flags].toSorted(),
        coverage: 0,
        goodMinutes: null,
        reasons: [],
        windows,
      };
    }
    if (isPoorSession(values, session.length)) flags.add("poor_session");

    const { media, joined, value } = this.pointsOf(mean, outcome);
    const reasons: ScoreReason[] = explainMedia(pooled, 100 - media);
    if (this.joinSeconds() === null) flags.add("join_unknown");
    const points = media - joined;
    if (points > 0 && this.attemptedAt !== null && this.joinedAt !== null) {
      reasons.push({ points, term: "join", from: this.attemptedAt, to: this.joinedAt, subject: "session" });
    }
    if (joined > value) {
      reasons.push({ points: joined - value, term: "drop", from: until, to: until, subject: "session" });
    }
    return {
      modelVersion: scoreVersion,
      value,
      reason: null,
      class: scoreClass(value, outcome),
      flags: [...flags].toSorted(),
      coverage,
      goodMinutes: goodShare(values),
      reasons,
      windows,
    };
  }

  push(interval: ScoreInterval): void {
    let track = this.byConnection.get(interval.pcId)?.get(interval.trackId);
    if (track === undefined) {
      if (this.tracks.length >= trackLimit) return;
      track = new TrackCollector(interval, this.settings);
      this.tracks = this.tracks.concat([track]);
      let own = this.byConnection.get(interval.pcId);
      if (own === undefined) this.byConnection.set(interval.pcId, (own = new SmallMap()));
      own.set(interval.trackId, track);
    }
    if (track.push(interval) && interval.to > this.latest) this.latest = interval.to;
  }

  connectionAttempted(at: number): void {
    this.attemptedAt = earliest(this.attemptedAt, at);
  }

  joined(at: number): void {
    this.joinedAt = earliest(this.joinedAt, at);
  }

  senderConfirmed(confirmation: SenderConfirmation): void {
    this.byConnection.get(confirmation.pcId)?.get(confirmation.trackId)?.senderConfirmed(confirmation);
  }
}

function earliest(known: number | null, at: number): number | null {
  if (!Number.isFinite(at)) return known;
  return known === null ? at : Math.min(known, at);
}
