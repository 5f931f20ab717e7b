import type { ConnectionInterval } from "../../derive/interval.ts";
import type { SourceInterval } from "../../derive/outbound-interval.ts";
import type { CapturedSource, EchoLevels } from "../../model/captured-sources.ts";
import type { ObservationDefinition } from "../definition.ts";
import { isFirstOfSource, isReplacingTrack, localTrack, sourceIsOff } from "../guards.ts";
import { evidence } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

const thresholds = {
  weakDecibels: 6,
  clearDecibels: 10,
  /** Seconds that are compared, and how many of them the far end has to speak. */
  windowSeconds: 20,
  farSpeechSeconds: 10,
  /** RMS from which the far end speaks, and from which the own source has a sound. */
  farSpeechRms: 0.01,
  ownSoundRms: 0.003,
  correlation: 0.7,
  /** What Chromium shows while it has not heard any echo. */
  noEchoDecibels: -30,
};

export const definition: ObservationDefinition = {
  id: "echo-likely",
  category: "capture",
  tier: "B",
  title: "Others may hear an echo",
  meaning:
    "What this person's loudspeaker plays comes back through the microphone, and the echo canceller removes little of it.",
  domainHint: "publisher-device",
  effect: false,
  severities: ["minor"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "the echo canceller has heard an echo and removes less than 6 dB of it, for 20 s in which the other side speaks for 10 s, and the level of the microphone follows what is received (correlation of at least 0.7)",
  clearText: "more than 10 dB are removed, or the microphone is switched off",
  evidence: [
    "media-source.echoReturnLossEnhancement",
    "media-source.echoReturnLoss",
    "derived.echoCorrelation",
    "derived.farSpeechSeconds",
  ],
  exceptions: [
    {
      when: "the canceller has not heard an echo: Chromium shows -30 dB of loss then, and an enhancement near 0",
    },
    { when: "both sides speak: the own level does not follow the other side's" },
    { when: "a headset plays the sound" },
    { when: "the app switched echo cancellation off: that is `audio-processing-off`" },
    { guard: "G1", when: "the microphone is muted, by the app or by the system" },
    { guard: "G6", when: "the track was replaced a moment ago" },
  ],
  blindIn: "Only Chromium says what its echo canceller does, and only where it is its own.",
  signals: [
    { family: "echo-canceller", weight: 0.6, text: "the echo canceller itself says that it removes little" },
    { family: "level", weight: 0.4, text: "the level of the microphone follows what is received" },
  ],
  thresholds,
};

/** Echo cancellation weak or off. */
export const echoLikely: Detector = {
  definition,
  onSample(view: View): void {
    const { connection, interval, board } = view;
    for (const outbound of interval.outbound) {
      const { source } = outbound;
      if (outbound.now.kind !== "audio" || source === null) continue;
      const captured = connection.sources.get(source.now.id);
      if (captured === undefined || !isFirstOfSource(outbound, interval.outbound)) continue;
      if (source.now.echoReturnLoss === null || source.now.echoReturnLossEnhancement === null) {
        board.absent(definition, "media-source.echoReturnLossEnhancement");
        continue;
      }
      board.present(definition);
      judge(view, source, captured, source.now.echoReturnLoss, source.now.echoReturnLossEnhancement);
    }
  },
};

function judge(
  view: View,
  source: SourceInterval,
  captured: CapturedSource,
  loss: number,
  enhancement: number,
): void {
  const { interval, board } = view;
  const limits = board.thresholds(definition, thresholds);
  if (captured.foundEcho) {
    const isOff = sourceIsOff(view.model, captured.trackId) === true;
    if (!isOff && enhancement <= limits.clearDecibels) return;
    captured.foundEcho = false;
    const closed = board.clear(definition, captured.subject, interval.from);
    if (closed !== null && !isOff) closed.clearEvidence = [strength(enhancement, interval)];
    return;
  }
  if (loss <= limits.noEchoDecibels || enhancement >= limits.weakDecibels || isExpected(view, captured)) {
    captured.echo = null;
    return;
  }
  const received = receivedRms(interval);
  if (received === null || source.totalAudioEnergy === null || !(Number(source.totalSamplesDuration) > 0))
    return;
  captured.echo ??= { from: interval.from, received: [], own: [] };
  const levels = captured.echo;
  levels.received.push(received);
  levels.own.push(Math.sqrt(source.totalAudioEnergy / Number(source.totalSamplesDuration)));
  if (interval.to - levels.from < limits.windowSeconds * 1000) return;
  captured.echo = null;
  const meanSeconds = (interval.to - levels.from) / 1000 / levels.received.length;
  const speech = levels.received.filter((rms) => rms >= limits.farSpeechRms).length * meanSeconds;
  const follows = correlationOf(levels);
  if (speech < limits.farSpeechSeconds || follows < limits.correlation) return;
  if (loudestOf(levels.own) < limits.ownSoundRms) return;
  captured.foundEcho = true;
  const record = board.raise(definition, captured.subject, levels.from, "minor");
  if (record === null) return;
  const { from } = levels;
  record.onEvidence = [
    strength(enhancement, interval, limits.weakDecibels),
    evidence("media-source", "echoReturnLoss", loss, "dB", interval.to, interval.to),
    evidence("derived", "echoCorrelation", follows, "", from, interval.to, limits.correlation),
    evidence("derived", "farSpeechSeconds", speech, "s", from, interval.to),
  ];
}

function strength(
  enhancement: number,
  { to }: ConnectionInterval,
  limit?: number,
): ReturnType<typeof evidence> {
  return evidence("media-source", "echoReturnLossEnhancement", enhancement, "dB", to, to, limit);
}

/** Headsets, muted microphones and what has no canceller are not judged. */
function isExpected({ model, connection, interval }: View, { trackId }: CapturedSource): boolean {
  const track = localTrack(model, trackId);
  if (track !== null && track.source !== null && track.source !== "microphone") return true;
  if (track !== null && model.capture.settings.get(track.trackId)?.echoCancellation === false) return true;
  return (
    model.capture.headset === true ||
    connection.state !== "connected" ||
    sourceIsOff(model, trackId) === true ||
    isReplacingTrack(connection, "audio", interval.to)
  );
}

/** RMS of everything that is received together; null without sound to compare with. */
function receivedRms({ inbound }: ConnectionInterval): number | null {
  let power: number | null = null;
  for (const { totalAudioEnergy, totalSamplesDuration } of inbound) {
    if (totalAudioEnergy === null || totalSamplesDuration === null || totalSamplesDuration <= 0) continue;
    power = (power ?? 0) + totalAudioEnergy / totalSamplesDuration;
  }
  return power === null ? null : Math.sqrt(power);
}

function loudestOf(levels: readonly number[]): number {
  let loudest = 0;
  for (const level of levels) loudest = Math.max(loudest, level);
  return loudest;
}

/** Pearson's correlation of both levels, -1 to 1; 0 when one of them does not change. */
function correlationOf({ received, own }: EchoLevels): number {
  const meanReceived = meanOf(received);
  const meanOwn = meanOf(own);
  let both = 0;
  let ofReceived = 0;
  let ofOwn = 0;
  for (const [index, level] of received.entries()) {
    const a = level - meanReceived;
    const b = (own[index] ?? meanOwn) - meanOwn;
    both += a * b;
    ofReceived += a * a;
    ofOwn += b * b;
  }
  return ofReceived > 0 && ofOwn > 0 ? both / Math.sqrt(ofReceived * ofOwn) : 0;
}

function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}
