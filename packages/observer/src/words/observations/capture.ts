import { always, type ObservationTexts, tense } from "../observation-texts.ts";

/** Texts of the category capture, by observation id. */
export const captureTexts: Readonly<Record<string, ObservationTexts>> = {
  "microphone-silent": {
    title: always("Microphone was on but delivered no sound"),
    sentence: (f) =>
      `This person's microphone ${tense(f, "was", "is")} on and not muted${f.when}, yet no sound ${tense(f, "came", "comes")} from it.`,
    measured:
      "`totalAudioEnergy` of the audio `media-source` stood still while the track was live and enabled.",
    support: always(
      "Another microphone may be selected, or the headset's own mute is on. Speak and watch the level meter.",
    ),
    developer: always("Show a level meter beside the device picker."),
  },
};
