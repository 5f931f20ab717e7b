import type { MetricName, MetricPoint, MetricSubject } from "@peerscope/schema";
import type { Connection } from "../model/connection.ts";
import { milliseconds, ratio } from "./delta.ts";
import type { InboundInterval } from "./inbound-interval.ts";
import type { ConnectionInterval } from "./interval.ts";
import type { OutboundInterval } from "./outbound-interval.ts";
import { ln } from "../score/real-functions.ts";

/** Lowest level that is shown; digital silence has no level in decibels. */
const silenceDbfs = -100;

/** Every derived value of one interval between two samples, for charts. Null where the browser did not report what it needs. */
export function emitMetrics(
  connection: Connection,
  interval: ConnectionInterval,
  onMetric: (point: MetricPoint) => void,
): void {
  const at = interval.to;
  for (const inbound of interval.inbound) {
    const { stream } = inbound;
    const subject = {
      ...stream.subject.scope,
      pcId: connection.id,
      statsId: inbound.id,
      kind: stream.kind,
      direction: "inbound" as const,
    };
    const emit = emitter(subject, at, onMetric);
    emit("bitrate-bps", rate(inbound.bytesReceived, inbound.seconds, 8));
    emit("packet-rate", rate(inbound.packetsReceived, inbound.seconds, 1));
    emit("loss-ratio", lossRatio(inbound));
    emit("jitter-ms", milliseconds(inbound.now.jitter));
    emit(
      "jitter-buffer-delay-ms",
      milliseconds(ratio(inbound.jitterBufferDelay, inbound.jitterBufferEmittedCount)),
    );
    if (stream.kind === "audio") {
      emit("audio-level-dbfs", level(inbound.totalAudioEnergy, inbound.totalSamplesDuration));
      emit("concealment-ratio", ratio(inbound.concealedSamples, inbound.totalSamplesReceived));
    } else {
      emit("frames-per-second", rate(inbound.framesDecoded, inbound.seconds, 1));
      emit("frame-height", inbound.now.frameHeight);
      emit("frame-width", inbound.now.frameWidth);
      const frozen = inbound.framesDecoded === null ? null : stream.frozenMsOfSample;
      emit("freeze-ratio", frozen === null ? null : Math.min(1, frozen / (inbound.seconds * 1000)));
    }
  }
  for (const outbound of interval.outbound) emitOutbound(connection, interval, outbound, onMetric);
  emitTransport(connection, interval, onMetric);
}

type Emit = (name: MetricName, value: number | null) => void;

function emitter(subject: MetricSubject, at: number, onMetric: (point: MetricPoint) => void): Emit {
  return (name, value) => onMetric({ at, name, subject, value });
}

function emitOutbound(
  connection: Connection,
  interval: ConnectionInterval,
  outbound: OutboundInterval,
  onMetric: (point: MetricPoint) => void,
): void {
  const { stream } = outbound;
  const base = { ...stream.subject.scope, pcId: connection.id, statsId: outbound.id, kind: stream.kind };
  const emit = emitter({ ...base, direction: "outbound" }, interval.to, onMetric);
  emit("bitrate-bps", rate(outbound.bytesSent, outbound.seconds, 8));
  emit("packet-rate", rate(outbound.packetsSent, outbound.seconds, 1));
  emit("target-bitrate-bps", outbound.now.targetBitrate);
  if (stream.kind === "audio") {
    emit(
      "audio-level-dbfs",
      level(outbound.source?.totalAudioEnergy ?? null, outbound.source?.totalSamplesDuration ?? null),
    );
  } else {
    emit("frames-per-second", rate(outbound.framesEncoded, outbound.seconds, 1));
    emit("frame-height", outbound.now.frameHeight);
    emit("frame-width", outbound.now.frameWidth);
  }
  const { remote } = outbound;
  // A report is shown once, in the interval in which it arrived (delta rule 5).
  if (remote === undefined || stream.reportAt !== remote.timestamp || !stream.reportIsNew) return;
  const report = emitter({ ...base, direction: "remote-report" }, interval.to, onMetric);
  report("loss-ratio", stream.reportedLossRatio);
  report("jitter-ms", milliseconds(remote.jitter));
  const rtt = remote.roundTripTime;
  report("round-trip-time-ms", rtt === 0 ? null : milliseconds(rtt));
}

function emitTransport(
  connection: Connection,
  { to, path }: ConnectionInterval,
  onMetric: (point: MetricPoint) => void,
): void {
  if (path === null) return;
  const emit = emitter(
    { pcId: connection.id, statsId: path.pair.id, kind: "transport", direction: "outbound" },
    to,
    onMetric,
  );
  const rtt = path.pair.currentRoundTripTime;
  // 0 means that the browser does not know it.
  emit("round-trip-time-ms", rtt === 0 ? null : milliseconds(rtt));
  emit("available-outgoing-bitrate-bps", path.pair.availableOutgoingBitrate);
  emit("bitrate-bps", rate(path.bytesSent, path.seconds, 8));
}

function rate(amount: number | null, seconds: number, factor: number): number | null {
  return amount === null || seconds <= 0 ? null : (amount * factor) / seconds;
}

function lossRatio({ packetsLost, packetsReceived }: InboundInterval): number | null {
  if (packetsLost === null || packetsReceived === null) return null;
  const lost = Math.max(0, packetsLost);
  return lost + packetsReceived === 0 ? null : lost / (lost + packetsReceived);
}

/** Root mean square level in dB below full scale: 10 log10(energy / duration). */
function level(energy: number | null, seconds: number | null): number | null {
  const power = ratio(energy, seconds);
  if (power === null) return null;
  return power <= 0 ? silenceDbfs : Math.max(silenceDbfs, (10 * ln(power)) / Math.LN10);
}
