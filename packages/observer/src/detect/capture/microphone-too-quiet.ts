import type { CapturedSource } from "../../model/captured-sources.ts";
import type { SourceInterval } from "../../derive/outbound-interval.ts";
import type { ObservationDefinition } from "../definition.ts";
import { isFirstOfSource, isReplacingTrack, localTrack, sourceIsOff } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import { judgeSpeech, speechRms } from "../quiet-speech-rule.ts";
import type { Detector, View } from "../view.ts";

const thresholds = {
  speechSeconds: 30,
  pauseSeconds: 10,
  withinSeconds: 120,
  quietRms: 0.01,
  clearRms: 0.02,
  clearSeconds: 2,
  soundRms: 0.002,
  silenceRms: 0.0005,
};

export const definition: ObservationDefinition = {
  id: "microphone-too-quiet",
  category: "capture",
  tier: "B",
  title: "Microphone hardly audible",
  meaning: "What the microphone picks up is very quiet; if this person speaks, others hardly hear it.",
  domainHint: "publisher-device",
  effect: false,
  severities: ["minor"],
  unit: "",
  levels: [],
  on: { rule: "now" },
  clearSeconds: 0,
  onText:
    "RMS below 0.01 over 30 s that had a sound in them (RMS of at least 0.002) within 2 min, with pauses of 10 s in between (below 0.0005) and nothing above 0.02, while automatic gain is off",
  clearText: "RMS above 0.02 for 2 s, or the microphone is switched off",
  evidence: [
    "derived.speechRms",
    "derived.speechSeconds",
    "media-source.audioLevel",
    "track.autoGainControl",
  ],
  exceptions: [
    { guard: "G1", when: "the microphone is muted, by the app or by the system" },
    { guard: "G6", when: "the track was replaced a moment ago" },
    { when: "automatic gain is on: it raises what is quiet" },
    { when: "there is a faint sound now and then, and nobody speaks" },
    { when: "the noise of a room has no pauses in it" },
    { when: "the voice was loud enough once: what is quiet now is something else" },
  ],
  blindIn:
    "Firefox and Safari report no energy of the source; without the settings of the track nobody knows whether automatic gain is on. Whispering looks the same.",
  signals: [{ family: "media-source", weight: 0.6, text: "the source itself is very quiet" }],
  thresholds,
};

/** Speech level very low. */
export const microphoneTooQuiet: Detector = {
  definition,
  onStep(view: View): void {
    const { connection, interval, board } = view;
    for (const outbound of interval.outbound) {
      const { source } = outbound;
      if (outbound.now.kind !== "audio" || source === null) continue;
      const captured = connection.sources.get(source.now.id);
      if (captured === undefined || !isFirstOfSource(outbound, interval.outbound)) continue;
      if (source.totalAudioEnergy === null || source.totalSamplesDuration === null) {
        board.absent(definition, "media-source.totalAudioEnergy");
        continue;
      }
      if (source.totalSamplesDuration > 0) judge(view, source, captured);
    }
  },
};

function judge(view: View, source: SourceInterval, captured: CapturedSource): void {
  const { model, connection, interval, board } = view;
  const { from, to } = interval;
  if (captured.quietSpeech !== null && sourceIsOff(model, captured.trackId) === true) {
    board.clear(definition, captured.subject, from);
    captured.quietSpeech = null;
    return;
  }
  if (connection.state !== "connected" || isReplacingTrack(connection, "audio", to)) return;
  const step = {
    from,
    seconds: source.totalSamplesDuration ?? 0,
    energy: source.totalAudioEnergy ?? 0,
  };
  const limits = board.thresholds(definition, thresholds);
  const result = judgeSpeech(captured, step, limits);
  if (result === "unremarkable") return;
  if (result === "loud-again") {
    const record = board.clear(definition, captured.subject, from);
    if (record === null) return;
    const rms = Math.sqrt(step.energy / step.seconds);
    record.clearEvidence = [evidence("derived", "speechRms", rms, "", from, to, limits.clearRms)];
    return;
  }
  const speech = captured.quietSpeech;
  if (speech === null) return;
  const track = localTrack(model, captured.trackId);
  // What the page made itself is as loud as it should be; and nobody was told to speak while it is unknown whether it is muted.
  if (track === null || (track.source !== null && track.source !== "microphone")) return;
  const gain = model.capture.settings.get(track.trackId)?.autoGainControl ?? null;
  if (gain === null) board.absent(definition, "track.autoGainControl");
  if (gain !== false) return;
  const record = board.raise(definition, captured.subject, speech.since, "minor");
  if (record === null) return;
  record.onEvidence = [
    evidence("derived", "speechRms", speechRms(speech), "", speech.since, to, limits.quietRms),
    evidence("derived", "speechSeconds", speech.activeSeconds, "s", speech.since, to),
    ...known("media-source", "audioLevel", source.now.audioLevel, "", to, to),
    evidence("track", "autoGainControl", false, "", speech.since, to),
  ];
}
