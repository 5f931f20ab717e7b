import type { QuietSpeech } from "../model/quiet-speech.ts";

/** Limits of the rule; levels are RMS from 0 to 1. */
interface QuietSpeechLimits {
  readonly speechSeconds: number;
  readonly pauseSeconds: number;
  /** The sounds are as close together as somebody's who speaks; else counting begins anew. */
  readonly withinSeconds: number;
  readonly quietRms: number;
  readonly clearRms: number;
  readonly clearSeconds: number;
  readonly soundRms: number;
  readonly silenceRms: number;
}

/** A step of a source: its length and its energy, the square of the RMS times the seconds. */
interface SoundStep {
  readonly from: number;
  readonly seconds: number;
  readonly energy: number;
}

/** What a step says: nothing yet, that speech is too quiet, or that it was and is loud enough again. */
type QuietSpeechResult = "unremarkable" | "too-quiet" | "loud-again";

/** Holder of the state: a received stream, or a source. */
interface SpeechHolder {
  quietSpeech: QuietSpeech | null;
}

/**
 * Judges one step. One loud step proves that the voice gets through: what was counted before is forgotten. A source that is
 * never silent between its sounds is not judged, for it may be the noise of a room in which nobody speaks.
 */
export function judgeSpeech(
  holder: SpeechHolder,
  { from, seconds, energy }: SoundStep,
  limits: QuietSpeechLimits,
): QuietSpeechResult {
  const known = recent(holder, from, limits);
  const rms = Math.sqrt(energy / seconds);
  if (rms > limits.clearRms) {
    if (known === null) {
      holder.quietSpeech = null;
      return "unremarkable";
    }
    known.loudSeconds += seconds;
    if (known.found && known.loudSeconds < limits.clearSeconds) return "unremarkable";
    holder.quietSpeech = null;
    return known.found ? "loud-again" : "unremarkable";
  }
  const speech = known ?? begin(from);
  holder.quietSpeech = speech;
  if (rms < limits.silenceRms) speech.pauseSeconds += seconds;
  else if (rms >= limits.soundRms) {
    speech.activeSeconds += seconds;
    speech.activeEnergy += energy;
  }
  if (speech.found || speech.activeSeconds < limits.speechSeconds) return "unremarkable";
  if (speech.pauseSeconds < limits.pauseSeconds || speechRms(speech) >= limits.quietRms)
    return "unremarkable";
  speech.found = true;
  return "too-quiet";
}

function recent({ quietSpeech }: SpeechHolder, from: number, limits: QuietSpeechLimits): QuietSpeech | null {
  if (quietSpeech === null || quietSpeech.found) return quietSpeech;
  return from - quietSpeech.since > limits.withinSeconds * 1000 ? null : quietSpeech;
}

/** RMS of the steps that had a sound in them, 0 to 1. */
export function speechRms({ activeSeconds, activeEnergy }: QuietSpeech): number {
  return activeSeconds > 0 ? Math.sqrt(activeEnergy / activeSeconds) : 0;
}

function begin(since: number): QuietSpeech {
  return { since, activeSeconds: 0, activeEnergy: 0, pauseSeconds: 0, loudSeconds: 0, found: false };
}
