import {
  add,
  addCounters,
  createAccumulator,
  framesOf,
  isMeasured,
  mergeAccumulators,
  ofPicture,
  ofSound,
  ofWindow,
  sumOf,
  withSpan,
  type Accumulator,
  type Gap,
  type GapSlice,
} from "./accumulator.ts";
import { scoreConstants as constants } from "./constants.ts";
import type { ScoreCollectorOptions, ScoreInterval, SenderConfirmation } from "./inputs.ts";
import { evaluateTrackWindow, hasUndecidedGap, speechKbps, type EvaluatedWindow } from "./track-window.ts";
import { type LoggedWindow, WindowLog } from "./window-log.ts";
import { isCount } from "./window-result.ts";

/** Intervals longer than this are no samples of one recording rhythm and contribute nothing. Ours. */
const longestIntervalMs = 120_000;

/**
 * Windows of a track that may wait to learn whether its sender sent in a gap, five minutes of them; older ones stay unknown, so
 * that a track without packets for hours costs no more. Ours.
 */
const openLimit = 30;

const isUsable = (value: number | null): boolean => value === null || isCount(value);

/**
 * Every number of the interval can be used: finite, and not negative where the counter never goes back (`packetsLost` may, and counts
 * as 0 then). Written out, because it is asked of every interval.
 */
function isValid(interval: ScoreInterval): boolean {
  const { packetsLost } = interval;
  return (
    isCount(interval.from) &&
    isCount(interval.to) &&
    isUsable(interval.clockRate) &&
    isUsable(interval.packetsReceived) &&
    isUsable(interval.packetsDiscarded) &&
    isUsable(interval.bytesReceived) &&
    isUsable(interval.retransmittedBytesReceived) &&
    isUsable(interval.jitterBufferDelayMs) &&
    isUsable(interval.playoutDelayMs) &&
    isUsable(interval.rttMs) &&
    isUsable(interval.senderRttMs) &&
    isUsable(interval.totalSamplesReceived) &&
    isUsable(interval.concealedSamples) &&
    isUsable(interval.silentConcealedSamples) &&
    isUsable(interval.concealmentEvents) &&
    isUsable(interval.speechActiveMs) &&
    isUsable(interval.framesDecoded) &&
    isUsable(interval.framesRendered) &&
    isUsable(interval.freezeCount) &&
    isUsable(interval.pauseCount) &&
    isUsable(interval.freezesDurationMs) &&
    isUsable(interval.pausesDurationMs) &&
    isUsable(interval.runningFreezeMs) &&
    isUsable(interval.frameWidth) &&
    isUsable(interval.frameHeight) &&
    isUsable(interval.neededPixels) &&
    (packetsLost === null || isCount(Math.abs(packetsLost)))
  );
}

/** What all tracks of a session share. */
export interface TrackSettings {
  /** Unix ms at which the first window begins. */
  readonly start: number;
  readonly broadcast: boolean;
  readonly settled: ScoreCollectorOptions["settled"];
}

const windowMs = constants.windowLength.value * 1000;

/** Gathers the windows of one received track: sums of those that can still change, and the log of the others. */
export class TrackCollector {
  readonly pcId: string;
  readonly trackId: string;
  readonly kind: "audio" | "video";
  private readonly settings: TrackSettings;
  private readonly log = new WindowLog();
  /** Any window has data, also one that does not count because too little of it was expected. */
  private hasMeasured = false;
  /** Windows that can still change, oldest first; the newest is always one of them. */
  private open: Accumulator[] = [];
  private newest = -1;
  private lastTo = -Infinity;
  private seenMedia = false;
  /** Since when media has been expected without a break; freezes do not reach back before it. */
  private expectedSince = -Infinity;
  private gap: Gap | null = null;
  private noFramesSince: number | null = null;
  private jitterBufferMs: number | null = null;
  private jitterBufferAt = 0;
  /** The earliest window that changed since somebody asked. */
  private changedFrom = Infinity;

  constructor(
    { pcId, trackId, kind }: Pick<ScoreInterval, "pcId" | "trackId" | "kind">,
    settings: TrackSettings,
  ) {
    this.pcId = pcId;
    this.trackId = trackId;
    this.kind = kind;
    this.settings = settings;
  }

  /** Some of its time could be placed in a window. */
  get measured(): boolean {
    return this.hasMeasured;
  }

  /** False when the interval could not be placed: unordered, too long, or before the session. */
  push(interval: ScoreInterval): boolean {
    const { from, to, kind } = interval;
    // Written so that NaN is refused too. One millisecond of overlap is rounding.
    const isOrdered = to > from && to - from <= longestIntervalMs && from >= this.lastTo - 1;
    if (!(isOrdered && to > this.settings.start)) return false;
    if (from > this.lastTo + 1) {
      // Nothing is known about the time between: a freeze or gap cannot be carried across it.
      this.gap = null;
      this.noFramesSince = null;
    }
    this.lastTo = to;
    const packets = interval.packetsReceived;
    const valid = isValid(interval);
    const media = kind === "video" ? (framesOf(interval) ?? packets ?? 0) > 0 : (packets ?? 0) > 0;
    const waiting = !this.seenMedia && !media && interval.rampUp;
    if (valid && media) this.seenMedia = true;
    if (interval.expectation.state === "not-expected" || waiting) {
      this.breakOff();
      return true;
    }
    if (this.expectedSince === Infinity || this.expectedSince === -Infinity) this.expectedSince = from;
    this.followGap(interval, valid);
    if (valid && interval.jitterBufferDelayMs !== null) {
      this.jitterBufferMs = interval.jitterBufferDelayMs;
      this.jitterBufferAt = to;
    }
    for (let index = Math.max(0, this.indexOf(from)); this.startOf(index) < to; index += 1) {
      const sums = this.windowAt(index);
      if (sums !== null) this.addPart(sums, interval, valid);
    }
    // A shared screen that stands still is no freeze; only a blackout of it is.
    if (valid && kind === "video" && !interval.screenShare) this.followFreezes(interval);
    return true;
  }

  senderConfirmed({ from, to, sending }: Pick<SenderConfirmation, "from" | "to" | "sending">): void {
    for (const sums of this.open) {
      for (const slice of sums.gaps) {
        const overlap = Math.min(to, slice.to) - Math.max(from, slice.from);
        if (slice.sending !== null || overlap * 2 < slice.to - slice.from) continue;
        slice.sending = sending;
        this.noteChange(sums);
      }
    }
    this.settle();
  }

  /** Index of the earliest window that changed since the last call; Infinity when none did. */
  takeChangedFrom(): number {
    const changed = this.changedFrom;
    this.changedFrom = Infinity;
    return changed;
  }

  /** Windows from an index on that cannot change any more, in order, those that do not count left out. */
  settledWindows(since: number): LoggedWindow[] {
    return this.log.read(since);
  }

  /** Indexes of the windows that can still change, ascending. */
  openIndexes(): number[] {
    return this.open.map(({ index }) => index);
  }

  /** A window that can still change, with the next one joined to it when `withNext`; null without data. */
  evaluate(index: number, withNext: boolean): EvaluatedWindow | null {
    // A settled window cannot be reopened; the few seconds after it are then left out.
    const own = this.open.find((sums) => sums.index === index);
    const next = withNext ? this.open.find((sums) => sums.index === index + 1) : undefined;
    const sums = own !== undefined && next !== undefined ? mergeAccumulators(own, next) : (own ?? next);
    return sums === undefined ? null : evaluateTrackWindow(sums, this.settings.broadcast);
  }

  private indexOf(at: number): number {
    return Math.floor((at - this.settings.start) / windowMs);
  }

  private startOf(index: number): number {
    return this.settings.start + index * windowMs;
  }

  private settle(): void {
    const oldest = this.open[0];
    if (oldest === undefined || oldest.index > this.newest - 2) return;
    const all = this.open;
    let staying = 0;
    for (let place = 0; place < all.length; place += 1) if (this.staysOpen(all, place)) staying += 1;
    if (staying === all.length) return;
    // Of its length from the start: what grows keeps room for sixteen more.
    const stay = all.slice(all.length - staying);
    const settled: Accumulator[] = [];
    let place = 0;
    for (const [index, sums] of all.entries()) {
      if (!this.staysOpen(all, index)) settled.push(sums);
      else stay[place++] = sums;
    }
    this.open = stay;
    for (const sums of settled) this.close(sums);
  }

  private staysOpen(all: readonly Accumulator[], place: number): boolean {
    const sums = all[place];
    if (sums === undefined || sums.index > this.newest - 2) return true;
    return place >= all.length - openLimit && hasUndecidedGap(sums);
  }

  private close(sums: Accumulator): void {
    const { broadcast, settled } = this.settings;
    const window = evaluateTrackWindow(sums, broadcast);
    if (!window.expected) return;
    this.log.add(sums.index, window);
    if (settled === undefined) return;
    const { pcId, trackId, kind } = this;
    const coverage = sumOf(sums, ofWindow.measuredMs) / windowMs;
    const from = this.startOf(sums.index);
    settled.keep({
      pcId,
      trackId,
      kind,
      from,
      to: this.startOf(sums.index + 1),
      mos: window.result.mos,
      coverage,
    });
  }

  private windowAt(index: number): Accumulator | null {
    const last = this.open[this.open.length - 1] ?? null;
    if (last !== null && last.index === index) return last;
    if (index <= this.newest) return this.open.find((sums) => sums.index === index) ?? null;
    const sums = createAccumulator(this.kind, index, last);
    if (this.kind === "audio") {
      add(sums, ofSound.heldKbps, last === null ? null : speechKbps(last));
      const isFresh = this.startOf(index) - this.jitterBufferAt <= constants.jitterBufferHold.value * 1000;
      add(sums, ofSound.heldJitterBufferMs, isFresh ? this.jitterBufferMs : null);
    }
    // Not pushed: that would keep room for sixteen more.
    this.open = this.open.concat([sums]);
    this.newest = index;
    this.hasMeasured = true;
    this.settle();
    return sums;
  }

  private addPart(sums: Accumulator, interval: ScoreInterval, valid: boolean): void {
    const { from, to } = interval;
    const partFrom = Math.max(from, this.startOf(sums.index));
    const partTo = Math.min(to, this.startOf(sums.index + 1));
    const ms = partTo - partFrom;
    this.noteChange(sums);
    add(sums, ofWindow.expectedMs, ms);
    const isPicture = this.kind === "video";
    if (isPicture && interval.rampUp) add(sums, ofPicture.rampUpMs, ms);
    if (!valid) {
      sums.invalid = true;
      return;
    }
    const sending = interval.interrupted ? true : interval.senderSending;
    const slice = this.gap === null ? null : sliceOf(sums, this.gap, partFrom, partTo, sending);
    if (slice === null && !isMeasured(interval)) return;
    add(sums, ofWindow.measuredMs, ms);
    if (isPicture && interval.screenShare) add(sums, ofPicture.screenMs, ms);
    addCounters(sums, interval, ms / (to - from), slice);
  }

  private followGap(
    { from, to, packetsReceived: packets, interrupted }: ScoreInterval,
    valid: boolean,
  ): void {
    const silent = valid && (packets === 0 || (packets === null && interrupted));
    if (!silent) this.gap = null;
    else if (this.gap === null) this.gap = { from, to };
    else this.gap.to = to;
    // The browser notices seconds later that its path is gone; the gap was that from its start.
    if (this.gap !== null && interrupted) this.decide(this.gap, true);
  }

  private decide(of: Gap, sending: boolean): void {
    for (const sums of this.open) {
      for (const slice of sums.gaps) {
        if (slice.gap !== of || slice.sending !== null) continue;
        slice.sending = sending;
        this.noteChange(sums);
      }
    }
  }

  private followFreezes(interval: ScoreInterval): void {
    const { from, to } = interval;
    const last = this.open[this.open.length - 1];
    const booked = (interval.freezesDurationMs ?? 0) + (interval.pausesDurationMs ?? 0);
    if (booked > 0) this.freeze(Math.max(to - booked, this.expectedSince), to);
    // What began before media was expected again (a hidden tab, say) is not a freeze of this time.
    if (last !== undefined && to - booked >= this.expectedSince) {
      if (this.kind === "video") {
        add(last, ofPicture.freezeCount, (interval.freezeCount ?? 0) + (interval.pauseCount ?? 0));
      }
      this.noteChange(last);
    }
    const running = interval.runningFreezeMs;
    if (running !== null) {
      if (running > 0) this.freeze(Math.max(to - running, this.expectedSince), to);
      return;
    }
    const arriving = (interval.packetsReceived ?? 0) > 0 || (interval.bytesReceived ?? 0) > 0;
    if (framesOf(interval) !== 0 || !(arriving || interval.senderSending === true)) {
      this.noFramesSince = null;
      return;
    }
    this.noFramesSince ??= from;
    if (to - this.noFramesSince >= constants.decodeGapMinimum.value) this.freeze(this.noFramesSince, to);
  }

  /** Marks time as frozen in every window it touches that is still open. */
  private freeze(from: number, to: number): void {
    for (const sums of this.open) {
      const start = this.startOf(sums.index);
      const frozen = withSpan(sums.frozen, Math.max(from, start), Math.min(to, start + windowMs));
      if (frozen === sums.frozen) continue;
      sums.frozen = frozen;
      this.noteChange(sums);
    }
  }

  private noteChange({ index }: Accumulator): void {
    this.changedFrom = Math.min(this.changedFrom, index);
  }

  private breakOff(): void {
    this.gap = null;
    this.noFramesSince = null;
    this.expectedSince = Infinity;
  }
}

/** The part of a gap that goes on in this window. */
function sliceOf(sums: Accumulator, of: Gap, from: number, to: number, sending: boolean | null): GapSlice {
  const before = sums.gaps.at(-1);
  if (before !== undefined && before.gap === of && before.sending === sending) {
    before.to = to;
    return before;
  }
  const slice: GapSlice = { gap: of, from, to, sending, samples: 0, concealed: 0, silent: 0 };
  sums.gaps = [...sums.gaps, slice];
  return slice;
}
