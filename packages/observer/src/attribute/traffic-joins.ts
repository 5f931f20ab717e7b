import type { SessionAnalysis, StreamWindows } from "@peerscope/schema";
import { windowMs } from "./joins.ts";

/** Windows that both must have; fewer fit by chance. Ours. */
const minWindows = 3;
/** How far the bytes may differ, of those sent: windows of two clocks end a little apart. Ours. */
const maxError = 0.08;
/** How much worse the next best sender has to fit. Ours. */
const minLead = 2.5;
/** And by at least this share of the bytes: two that both fit are one too many. Ours. */
const minGap = 0.02;

/**
 * Guesses whose stream a receiver gets from a server that gives streams other ids: the one whose bytes, window by window, are those
 * that arrived. A guess is good enough to sort people on a screen, and is never part of a verdict.
 * Returns the place of the sender, or null when nobody or several fit.
 */
export function senderByTraffic(
  sessions: readonly SessionAnalysis[],
  receiver: number,
  received: StreamWindows,
): number | null {
  let best = { person: -1, error: Infinity };
  let next = Infinity;
  for (const [person, { callShare }] of sessions.entries()) {
    if (person === receiver) continue;
    // The layers of one source compete with those of other people, not with each other.
    const error = (callShare?.streams ?? [])
      .filter(({ direction, kind }) => direction === "outbound" && kind === received.kind)
      .reduce((least, sent) => Math.min(least, errorOf(sent, received)), Infinity);
    if (error < best.error) {
      next = best.error;
      best = { person, error };
    } else next = Math.min(next, error);
  }
  const stands = next >= Math.max(best.error * minLead, best.error + minGap);
  return best.error <= maxError && stands ? best.person : null;
}

/** Share of the sent bytes by which the received ones differ; infinite when too few windows can be compared. */
function errorOf(sent: StreamWindows, received: StreamWindows): number {
  const shift = Math.round((received.from - sent.from) / windowMs);
  let [compared, total, difference] = [0, 0, 0];
  // The first and the last window of a stream are incomplete.
  for (let place = 1; place < received.bytes.length - 1; place += 1) {
    const arrived = received.bytes[place];
    const left =
      place + shift < sent.bytes.length - 1 && place + shift > 0 ? sent.bytes[place + shift] : null;
    if (arrived == null || left == null || left === 0) continue;
    compared += 1;
    total += left;
    difference += Math.abs(left - arrived);
  }
  return compared < minWindows ? Infinity : difference / total;
}
