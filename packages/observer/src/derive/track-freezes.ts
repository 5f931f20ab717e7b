import type { InboundStream } from "../model/streams.ts";
import type { InboundInterval } from "./inbound-interval.ts";
import type { ConnectionInterval } from "./interval.ts";

/** Shortest time without a decoded frame that counts as a running freeze (scoring reference 2.4). */
const runningFreezeS = 0.5;

/** Frames without a freeze for this long: the ramp-up of the stream is over (guard G9). Ours: three steps. */
export const steadyAfterMs = 6000;

/**
 * Frames come evenly while their gaps, weighted by length, are at most this much longer than the mean gap. Ours: even ones give 1,
 * the freezes of the recorded calls gave 1.5 and more.
 */
const evenRatio = 1.25;

/** A pace explains freezes that were at most this much longer than its gaps. Ours. */
const paceFactor = 1.5;

/**
 * Frozen time of the interval. The browser books freezes and pauses only when the next frame is rendered, so a running freeze is
 * taken from framesDecoded, and what the browser books later is reduced by what was already counted.
 *
 * A freeze is a gap of three average gaps, and of 150 ms more than one (w3c webrtc-stats, freezeCount). A camera that goes down to
 * two frames a second makes many of them until the average has followed: nothing is lost and the frames come evenly.
 * Freezes without loss therefore wait for the next sample, and are dropped when it shows such a pace.
 */
export function trackFreezes(
  stream: InboundStream,
  inbound: InboundInterval,
  interval: ConnectionInterval,
): void {
  const packets = inbound.packetsReceived ?? 0;
  const expected = packets > 0 || stream.senderEvidence !== null;
  settleDoubt(stream, inbound);
  stream.frozenMsOfSample = countFreezes(stream, inbound, interval.to - interval.from, expected);
}

/** Frozen milliseconds of the sample. */
function countFreezes(
  stream: InboundStream,
  inbound: InboundInterval,
  lengthMs: number,
  expected: boolean,
): number {
  const decoded = inbound.framesDecoded;
  if (decoded === 0 && inbound.seconds >= runningFreezeS && expected && !stream.latest.screenShare) {
    if (stream.runningFrozenS === 0) stream.sinceStep.freezeEvents += 1;
    stream.runningFrozenS += inbound.seconds;
    stream.sinceStep.frozenMs += lengthMs;
    stream.steadyMs = 0;
    return lengthMs;
  }
  const flowing = decoded !== null && decoded > 0;
  let booked = (inbound.totalFreezesDuration ?? 0) + (inbound.totalPausesDuration ?? 0);
  let frozenMs = 0;
  // The browser books a pause when the first frame after it is shown, mostly before the sender's next report: what the
  // reports inside of it said holds until then.
  if (flowing && stream.isPausedBySender) {
    stream.isPausedBySender = false;
    booked = 0;
  }
  if (booked > 0) {
    // What began before this interval was not seen as frozen then; it cannot fill more than this interval.
    frozenMs = Math.min(lengthMs, 1000 * Math.max(0, booked - stream.runningFrozenS));
    book(stream, inbound, booked, frozenMs);
    stream.steadyMs = 0;
  } else if (flowing) stream.steadyMs += lengthMs;
  if (stream.steadyMs >= steadyAfterMs) stream.wasSteady = true;
  if (flowing && (booked > 0 || inbound.totalFreezesDuration === null || stream.steadyMs >= 3000)) {
    stream.runningFrozenS = 0;
  }
  return frozenMs;
}

/** Counts what the browser booked, or sets it aside until the next sample. */
function book(stream: InboundStream, inbound: InboundInterval, booked: number, frozenMs: number): void {
  const events = (inbound.freezeCount ?? 0) + (inbound.pauseCount ?? 0);
  const running = stream.runningFrozenS > 0;
  const freezes = Math.max(0, events - (running ? 1 : 0));
  const doubtful =
    !running && freezes > 0 && isClean(inbound) && inbound.totalSquaredInterFrameDelay !== null;
  if (doubtful) stream.doubtfulFreeze = { frozenMs, freezes, meanS: booked / freezes };
  else {
    stream.sinceStep.freezeEvents += freezes;
    stream.sinceStep.frozenMs += frozenMs;
  }
}

/** The next sample has come: either its frames come as slowly all the time, or what was set aside was a freeze. */
function settleDoubt(stream: InboundStream, inbound: InboundInterval): void {
  const { doubtfulFreeze } = stream;
  if (doubtfulFreeze === null) return;
  stream.doubtfulFreeze = null;
  const pace = isClean(inbound) ? paceOf(inbound, doubtfulFreeze.meanS) : null;
  if (pace !== null && pace * paceFactor >= doubtfulFreeze.meanS) return;
  stream.sinceStep.freezeEvents += doubtfulFreeze.freezes;
  stream.sinceStep.frozenMs += doubtfulFreeze.frozenMs;
}

/** Nothing lost, nothing asked for again, and decoded as it came: neither the way nor the decoder held the frames up. */
function isClean(inbound: InboundInterval): boolean {
  const { packetsLost, pliCount, packetsReceived, framesReceived, framesDecoded } = inbound;
  const undecoded = (framesReceived ?? 0) - (framesDecoded ?? framesReceived ?? 0);
  return (packetsLost ?? 0) <= 0 && (pliCount ?? 0) === 0 && (packetsReceived ?? 0) > 0 && undecoded <= 1;
}

/** Seconds from frame to frame when they come evenly; null when they do not, or when nobody knows. */
function paceOf(inbound: InboundInterval, likeS: number): number | null {
  const { framesDecoded, framesRendered, totalInterFrameDelay, totalSquaredInterFrameDelay } = inbound;
  const frames = framesRendered ?? framesDecoded;
  if (frames === null || totalInterFrameDelay === null || totalSquaredInterFrameDelay === null) return null;
  if (frames < 1 || totalInterFrameDelay <= 0) return null;
  // One gap is even by itself; it tells something only beside the one before.
  if (frames === 1) {
    const alike = totalInterFrameDelay * paceFactor >= likeS && totalInterFrameDelay <= likeS * paceFactor;
    return alike ? totalInterFrameDelay : null;
  }
  // Gaps weighted by their own length: the mean of even ones, the long ones of uneven ones.
  const typical = totalSquaredInterFrameDelay / totalInterFrameDelay;
  // Frames are decoded before they are rendered: one may belong to the next sample.
  const gaps = frames >= 3 && framesRendered === null ? frames - 1 : frames;
  return (typical * gaps) / totalInterFrameDelay <= evenRatio ? typical : null;
}
