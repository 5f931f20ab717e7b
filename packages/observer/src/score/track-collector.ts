import {
  addCounters,
  addSpan,
  createAccumulator,
  framesOf,
  isMeasured,
  mergeAccumulators,
  type Accumulator,
  type Gap,
  type GapSlice,
} from "./accumulator.ts";
import { scoreConstants as constants } from "./constants.ts";
import type { ScoreCollectorOptions, ScoreInterval, SenderConfirmation } from "./inputs.ts";
import { evaluateTrackWindow, hasUndecidedGap, speechKbps, type EvaluatedWindow } from "./track-window.ts";
import { isCount } from "./window-result.ts";

/** Intervals longer than this are no samples of one recording rhythm and contribute nothing. Ours. */
const longestIntervalMs = 120_000;

/** Open while it can still change: sums, evaluated when asked for. Settled: only its result is kept. */
type TrackWindow =
  | { readonly sums: Accumulator; readonly settled: null }
  | { readonly sums: null; readonly settled: EvaluatedWindow };

/** Gathers the windows of one received track. */
export interface TrackCollector {
  readonly pcId: string;
  readonly trackId: string;
  readonly kind: "audio" | "video";
  /** False when the interval could not be placed: unordered, too long, or before the session. */
  push(interval: ScoreInterval): boolean;
  senderConfirmed(confirmation: SenderConfirmation): void;
  /** Indexes of the windows with data, ascending. */
  indexes(): readonly number[];
  /** The window, with the next one joined to it when `withNext`; null without data. */
  evaluate(index: number, withNext: boolean): EvaluatedWindow | null;
}

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

/** Windows are `windowMs` long from `start` (Unix ms). */
export function createTrackCollector(
  first: Pick<ScoreInterval, "pcId" | "trackId" | "kind">,
  start: number,
  broadcast: boolean,
  onSettled?: ScoreCollectorOptions["onSettled"],
): TrackCollector {
  const windowMs = constants.windowLength.value * 1000;
  const windows = new Map<number, TrackWindow>();
  const open = new Map<number, Accumulator>();
  let newest = -1;
  let lastTo = -Infinity;
  let seenMedia = false;
  /** Since when media has been expected without a break; freezes do not reach back before it. */
  let expectedSince = -Infinity;
  let gap: Gap | null = null;
  let noFramesSince: number | null = null;
  let jitterBuffer: { value: number; at: number } | null = null;
  let last: Accumulator | null = null;

  const indexOf = (at: number): number => Math.floor((at - start) / windowMs);
  const startOf = (index: number): number => start + index * windowMs;

  function settle(): void {
    for (const [index, sums] of open) {
      if (index > newest - 2 || hasUndecidedGap(sums)) continue;
      open.delete(index);
      const settled = evaluateTrackWindow(sums, first.kind, broadcast);
      windows.set(index, { sums: null, settled });
      if (onSettled === undefined || !settled.expected) continue;
      const { pcId, trackId, kind } = first;
      const coverage = sums.measuredMs / windowMs;
      const { mos } = settled.result;
      onSettled({ pcId, trackId, kind, from: startOf(index), to: startOf(index + 1), mos, coverage });
    }
  }

  function windowAt(index: number): Accumulator | null {
    const known = open.get(index);
    if (known !== undefined) return known;
    if (index <= newest) return null;
    const sums = createAccumulator(last);
    sums.heldKbps = last === null ? null : speechKbps(last);
    const fresh =
      jitterBuffer !== null && startOf(index) - jitterBuffer.at <= constants.jitterBufferHold.value * 1000;
    sums.heldJitterBufferMs = fresh ? (jitterBuffer?.value ?? null) : null;
    windows.set(index, { sums, settled: null });
    open.set(index, sums);
    newest = index;
    last = sums;
    settle();
    return sums;
  }

  /** Marks time as frozen in every window it touches that is still open. */
  function freeze(from: number, to: number): void {
    for (const [index, sums] of open) {
      addSpan(sums.frozen, Math.max(from, startOf(index)), Math.min(to, startOf(index + 1)));
    }
  }

  function sliceOf(sums: Accumulator, of: Gap, from: number, to: number, sending: boolean | null): GapSlice {
    const before = sums.gaps.at(-1);
    if (before !== undefined && before.gap === of && before.sending === sending) {
      before.to = to;
      return before;
    }
    const slice: GapSlice = { gap: of, from, to, sending, samples: 0, concealed: 0, silent: 0 };
    sums.gaps.push(slice);
    return slice;
  }

  function decide(of: Gap, sending: boolean): void {
    for (const { gaps } of open.values()) {
      for (const slice of gaps) if (slice.gap === of) slice.sending ??= sending;
    }
  }

  function followFreezes(interval: ScoreInterval): void {
    const { from, to } = interval;
    const booked = (interval.freezesDurationMs ?? 0) + (interval.pausesDurationMs ?? 0);
    if (booked > 0) freeze(Math.max(to - booked, expectedSince), to);
    // What began before media was expected again (a hidden tab, say) is not a freeze of this time.
    if (last !== null && to - booked >= expectedSince) {
      last.freezeCount += (interval.freezeCount ?? 0) + (interval.pauseCount ?? 0);
    }
    if (interval.runningFreezeMs !== null) {
      if (interval.runningFreezeMs > 0) freeze(Math.max(to - interval.runningFreezeMs, expectedSince), to);
      return;
    }
    const arriving = (interval.packetsReceived ?? 0) > 0 || (interval.bytesReceived ?? 0) > 0;
    if (framesOf(interval) !== 0 || !(arriving || interval.senderSending === true)) {
      noFramesSince = null;
      return;
    }
    noFramesSince ??= from;
    if (to - noFramesSince >= constants.decodeGapMinimum.value) freeze(noFramesSince, to);
  }

  function breakOff(): void {
    gap = null;
    noFramesSince = null;
    expectedSince = Infinity;
  }

  function push(interval: ScoreInterval): boolean {
    const { from, to, kind } = interval;
    // Written so that NaN is refused too. One millisecond of overlap is rounding.
    if (!(to > from && to - from <= longestIntervalMs && from >= lastTo - 1 && to > start)) return false;
    if (from > lastTo + 1) {
      // Nothing is known about the time between: a freeze or gap cannot be carried across it.
      gap = null;
      noFramesSince = null;
    }
    lastTo = to;
    const packets = interval.packetsReceived;
    const valid = isValid(interval);
    const media = kind === "video" ? (framesOf(interval) ?? packets ?? 0) > 0 : (packets ?? 0) > 0;
    const waiting = !seenMedia && !media && interval.rampUp;
    if (valid && media) seenMedia = true;
    if (interval.expectation.state === "not-expected" || waiting) {
      breakOff();
      return true;
    }
    if (expectedSince === Infinity || expectedSince === -Infinity) expectedSince = from;
    const silent = valid && (packets === 0 || (packets === null && interval.interrupted));
    if (!silent) gap = null;
    else if (gap === null) gap = { from, to };
    else gap.to = to;
    // The browser notices seconds later that its path is gone; the gap was that from its start.
    if (gap !== null && interval.interrupted) decide(gap, true);
    if (valid && interval.jitterBufferDelayMs !== null)
      jitterBuffer = { value: interval.jitterBufferDelayMs, at: to };

    const sending = interval.interrupted ? true : interval.senderSending;
    for (let index = Math.max(0, indexOf(from)); startOf(index) < to; index += 1) {
      const sums = windowAt(index);
      if (sums === null) continue;
      const partFrom = Math.max(from, startOf(index));
      const partTo = Math.min(to, startOf(index + 1));
      const ms = partTo - partFrom;
      sums.expectedMs += ms;
      if (interval.rampUp) sums.rampUpMs += ms;
      if (!valid) {
        sums.invalid = true;
        continue;
      }
      const slice = gap === null ? null : sliceOf(sums, gap, partFrom, partTo, sending);
      if (slice === null && !isMeasured(interval)) continue;
      sums.measuredMs += ms;
      if (interval.screenShare) sums.screenMs += ms;
      addCounters(sums, interval, ms / (to - from), slice);
    }
    // A shared screen that stands still is no freeze; only a blackout of it is.
    if (valid && kind === "video" && !interval.screenShare) followFreezes(interval);
    return true;
  }

  return {
    pcId: first.pcId,
    trackId: first.trackId,
    kind: first.kind,
    push,
    senderConfirmed({ from, to, sending }): void {
      for (const sums of open.values()) {
        for (const slice of sums.gaps) {
          const overlap = Math.min(to, slice.to) - Math.max(from, slice.from);
          if (slice.sending === null && overlap * 2 >= slice.to - slice.from) slice.sending = sending;
        }
      }
      settle();
    },
    indexes: () => [...windows.keys()],
    evaluate(index, withNext): EvaluatedWindow | null {
      const window = windows.get(index);
      const next = withNext ? (open.get(index + 1) ?? null) : null;
      // A settled window cannot be reopened; the few seconds after it are then left out.
      if (window?.settled) return window.settled;
      const own = window?.sums ?? null;
      const sums = own !== null && next !== null ? mergeAccumulators(own, next) : (own ?? next);
      return sums === null ? null : evaluateTrackWindow(sums, first.kind, broadcast);
    },
  };
}
