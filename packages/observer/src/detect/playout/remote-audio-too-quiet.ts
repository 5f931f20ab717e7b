import type { InboundInterval } from "../../derive/inbound-interval.ts";
import type { InboundStream } from "../../model/streams.ts";
import type { ObservationDefinition } from "../definition.ts";
import { evidence, known } from "../open-record.ts";
import { judgeSpeech, speechRms } from "../quiet-speech-rule.ts";
import type { Detector, View } from "../view.ts";

const thresholds = {
  speechSeconds: 60,
  pauseSeconds: 10,
  withinSeconds: 240,
  quietRms: 0.01,
  clearRms: 0.02,
  clearSeconds: 30,
  soundRms: 0.002,
  silenceRms: 0.0005,
};

export const definition: ObservationDefinition = {
  id: "remote-audio-too-quiet",
  category: "playout",
  tier: "B",
  title: "Another person hardly audible",
  meaning: "The sound received from another person is very quiet, before any loudspeaker plays it.",
  domainHint: "publisher-device",
  effect: false,
  severities: ["minor"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  // The published form, a share of levels between 0.08 and 0.15 of the peak, compares a voice with itself: a quiet voice without
  // one loud sound passes, and a normal one with a single shout does not. The RMS rule of the catalogue alone is used.
  onText:
    "RMS below 0.01 over 60 s that had a sound in them (RMS of at least 0.002) within 4 min, with pauses of 10 s in between (below 0.0005) and nothing above 0.02",
  clearText: "RMS above 0.02 for 30 s",
  evidence: ["derived.speechRms", "derived.speechSeconds", "inbound-rtp.audioLevel"],
  exceptions: [
    { guard: "G1", when: "the other side is muted: there is no sound" },
    { when: "there is a faint sound now and then, and nobody speaks" },
    { when: "the noise of a room has no pauses in it" },
    { when: "the voice was loud enough once: what is quiet now is something else" },
    { when: "packets were lost in the step: what is patched over is quiet" },
  ],
  blindIn: "How loud this person's own loudspeaker is set is not known.",
  signals: [{ family: "inbound-rtp", weight: 0.6, text: "what arrives is very quiet" }],
  thresholds,
};

/** Remote speech hardly audible. */
export const remoteAudioTooQuiet: Detector = {
  definition,
  onStep(view: View): void {
    const { interval, board } = view;
    for (const inbound of interval.inbound) {
      if (inbound.now.kind !== "audio") continue;
      const { stream } = inbound;
      if (inbound.totalAudioEnergy === null || inbound.totalSamplesDuration === null) {
        board.absent(definition, "inbound-rtp.totalAudioEnergy");
        continue;
      }
      board.present(definition);
      const isWhole = (inbound.packetsReceived ?? 0) > 0 && (inbound.packetsLost ?? 0) <= 0;
      if (isWhole && inbound.totalSamplesDuration > 0) judge(view, inbound, stream);
    }
  },
};

function judge({ interval, board }: View, inbound: InboundInterval, stream: InboundStream): void {
  const { from, to } = interval;
  const step = {
    from,
    seconds: inbound.totalSamplesDuration ?? 0,
    energy: inbound.totalAudioEnergy ?? 0,
  };
  const limits = board.thresholds(definition, thresholds);
  const result = judgeSpeech(stream, step, limits);
  const speech = stream.quietSpeech;
  if (result === "loud-again") {
    const record = board.clear(definition, stream.subject, from);
    if (record === null) return;
    const rms = Math.sqrt(step.energy / step.seconds);
    record.clearEvidence = [evidence("derived", "speechRms", rms, "", from, to, limits.clearRms)];
  } else if (result === "too-quiet" && speech !== null) {
    const record = board.raise(definition, stream.subject, speech.since, "minor");
    if (record === null) return;
    record.onEvidence = [
      evidence("derived", "speechRms", speechRms(speech), "", speech.since, to, limits.quietRms),
      evidence("derived", "speechSeconds", speech.activeSeconds, "s", speech.since, to),
      ...known("inbound-rtp", "audioLevel", inbound.now.audioLevel, "", to, to),
    ];
  }
}
