import { ratio } from "../../derive/delta.ts";
import type { Connection } from "../../model/connection.ts";
import {
  baselineMs,
  correlationWith,
  oldestAt,
  rememberRoundTrip,
  shortestMs,
} from "../../model/round-trips.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { isChangingPath, isReordering } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

const thresholds = {
  /** Correlation of the round trip with the own sending from which on the queue is taken for one of the own sending. Catalogue. */
  correlation: 0.5,
  /** Loss on the way out beside which a longer round trip is a full queue. Ours: the mildest level of loss. */
  lossPercent: 1,
  /** Fewest round trips that make a baseline. Ours. */
  fewestRoundTrips: 5,
};

export const definition: ObservationDefinition = {
  id: "uplink-bufferbloat",
  category: "network-uplink",
  tier: "A",
  title: "Queue on the way out",
  meaning: "What this client sends waits in a queue on the way: the round trip grows with the own sending.",
  domainHint: "publisher-uplink",
  effect: false,
  severities: ["minor", "major"],
  unit: "ms",
  levels: [
    { severity: "minor", on: 150, clear: 75 },
    { severity: "major", on: 400, clear: 320 },
  ],
  on: { rule: "share", need: 3, of: 5, strong: 2 },
  clearSeconds: 8,
  onText:
    "the round trip exceeds the tenth percentile of two minutes by more than the level in 3 of 5 measurements (more than twice the level counts twice), and follows the sent rate more than the received one, or comes with loss on the way out",
  clearText: "less than 75 ms (major: 320 ms) above the baseline for 8 s",
  evidence: [
    "derived.roundTripTime",
    "derived.baselineRoundTripTime",
    "derived.correlationWithSending",
    "candidate-pair.bytesSent",
    "candidate-pair.bytesReceived",
    "remote-inbound-rtp.packetsLost",
  ],
  exceptions: [
    { guard: "G7", when: "the path changed a moment ago: the baseline starts anew" },
    { when: "the round trip follows what is received: the queue is on the way in" },
    { when: "the round trip grew whatever was sent" },
    { when: "packets overtake one another: a queue keeps their order" },
  ],
  blindIn: "Without round trips of the pair or of receiver reports it is not computable.",
  thresholds,
};

/** Queue builds up with own sending. */
export const uplinkBufferbloat: Detector = {
  definition,
  onStep({ connection, interval, board }: View): void {
    const { from, to, path } = interval;
    const { roundTrips } = connection;
    if (isChangingPath(connection, to)) {
      roundTrips.recent.clear();
      return;
    }
    const ms = measure(connection, interval);
    if (ms === null) {
      if (roundTrips.recent.length === 0 && isLongConnected(connection, to)) {
        board.absent(definition, "candidate-pair.currentRoundTripTime");
      }
      return;
    }
    const sentBps = rate(path?.bytesSent ?? null, path?.seconds ?? 0);
    const receivedBps = rate(path?.bytesReceived ?? null, path?.seconds ?? 0);
    if (sentBps === null || receivedBps === null) {
      board.absent(definition, "candidate-pair.bytesSent");
      board.unknown(definition, connection.outboundSubject, from, to);
      return;
    }
    rememberRoundTrip(roundTrips, { at: to, ms, sentBps, receivedBps });
    const { thresholds: limits, levels } = board.inForce(definition);
    if (roundTrips.recent.length < (limits["fewestRoundTrips"] ?? 0)) return;
    // The shortest lies below the baseline: what is near to it is near to the baseline too, and nothing needs sorting.
    const above = ms - shortestMs(roundTrips);
    const clear = levels[0]?.clear ?? 0;
    if (above < clear) {
      attach(board.vote(definition, connection.outboundSubject, from, to, above), []);
      return;
    }
    const baseline = baselineMs(roundTrips);
    const follows = correlationWith(roundTrips, "sentBps");
    const lossPercent = 100 * lossOut(connection);
    const value = ms - baseline;
    const own =
      lossPercent > (limits["lossPercent"] ?? 0) ||
      (follows !== null &&
        follows > (limits["correlation"] ?? 1) &&
        follows > (correlationWith(roundTrips, "receivedBps") ?? 0));
    const judged = value < clear || (own && !isReordering(connection, to));
    const change = board.vote(definition, connection.outboundSubject, from, to, judged ? value : null);
    if (change === null) return;
    attach(change, [
      evidence("derived", "roundTripTime", ms, "ms", from, to),
      evidence("derived", "baselineRoundTripTime", baseline, "ms", oldestAt(roundTrips) ?? from, to),
      ...known("derived", "correlationWithSending", follows, "", oldestAt(roundTrips) ?? from, to),
      evidence("candidate-pair", "bytesSent", sentBps, "bit/s", from, to),
      evidence("candidate-pair", "bytesReceived", receivedBps, "bit/s", from, to),
      ...(lossPercent > 0 ? [evidence("remote-inbound-rtp", "packetsLost", lossPercent, "%", from, to)] : []),
    ]);
  },
};

/** A round trip measured in this step, ms; null when there was none. 0 is unknown. */
function measure(connection: Connection, { path, outbound }: View["interval"]): number | null {
  const { roundTrips } = connection;
  const mean = ratio(path?.totalRoundTripTime ?? null, path?.responsesReceived ?? null);
  if (mean !== null) return mean > 0 ? 1000 * mean : null;
  const current = path?.pair.currentRoundTripTime ?? null;
  if (current !== null && current > 0) return (path?.responsesReceived ?? 0) > 0 ? 1000 * current : null;
  let worst: number | null = null;
  let toldAt = 0;
  let newest = roundTrips.reportAt;
  for (const { remote, stream } of outbound) {
    if (remote === undefined || remote.roundTripTime === null || remote.roundTripTime <= 0) continue;
    if (remote.timestamp <= roundTrips.reportAt) continue;
    newest = Math.max(newest, remote.timestamp);
    const { roundTripTime: seconds, timestamp } = remote;
    const known =
      stream.reportedRtt?.seconds === seconds ? stream.reportedRtt : { seconds, toldAt: timestamp };
    stream.reportedRtt = known;
    // Firefox repeats a round trip with reports that measured none, of sound long after the queue: what was told last is true.
    if (known.toldAt > toldAt) worst = null;
    if (known.toldAt >= toldAt) worst = Math.max(worst ?? 0, 1000 * seconds);
    toldAt = Math.max(toldAt, known.toldAt);
  }
  roundTrips.reportAt = newest;
  return worst;
}

function rate(bytes: number | null, seconds: number): number | null {
  return bytes === null || seconds <= 0 ? null : (8 * bytes) / seconds;
}

/** Largest lost share that a receiver report told last, 0 to 1. */
function lossOut({ outbound }: Connection): number {
  let lost = 0;
  for (const { reportedLossRatio } of outbound.values()) lost = Math.max(lost, reportedLossRatio ?? 0);
  return lost;
}

function isLongConnected({ state, lastConnectedAt }: Connection, at: number): boolean {
  return state === "connected" && lastConnectedAt !== null && at - lastConnectedAt >= 10_000;
}
