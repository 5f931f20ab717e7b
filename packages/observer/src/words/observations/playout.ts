import { always, type ObservationTexts, tense } from "../observation-texts.ts";

/** Texts of the category playout, by observation id. */
export const playoutTexts: Readonly<Record<string, ObservationTexts>> = {
  "playback-blocked": {
    title: always("The page did not play what arrived"),
    sentence: (f) =>
      `Sound or picture of others ${tense(f, "arrived", "arrives")}${f.when}, but the page ${tense(f, "did", "does")} not play it, mostly because the browser waits for a click.`,
    measured:
      "A refused `play()`, a paused media element or a suspended AudioContext, while packets of `inbound-rtp` arrived.",
    support: always("Click anywhere in the page."),
    developer: always(
      "Start playback and the AudioContext in a gesture of the user, such as the join button.",
    ),
  },
  "no-audio-played-out": {
    title: always("Received sound was not played"),
    sentence: (f) =>
      `Sound of others ${tense(f, "arrived", "arrives")}${f.when}, but nothing of it ${tense(f, "was", "is")} taken for playing.`,
    measured: "`jitterBufferEmittedCount` of `inbound-rtp` stood still while `packetsReceived` grew.",
    support: always("Choose the loudspeaker or headset again in the settings of the call."),
    developer: always("Check that the track is attached to an element, and that the AudioContext runs."),
  },
  "playout-glitches": {
    title: always("Sound stuttered at the loudspeaker"),
    sentence: (f) =>
      `What this person heard ${tense(f, "stuttered", "stutters")}${f.when}, because their own machine ${tense(f, "was", "is")} late with it${f.share}.`,
    measured: "`synthesizedSamplesDuration` against `totalSamplesDuration` of `media-playout`.",
    support: always("Close other programs and tabs, or try another loudspeaker or headset."),
    developer: always("Look at the load of the main thread and of audio worklets."),
  },
  "remote-audio-too-quiet": {
    title: always("Another person was hardly audible"),
    sentence: (f) =>
      `The sound received from another person ${tense(f, "was", "is")} very quiet${f.when}, even before any loudspeaker played it.`,
    measured: "Growth of `totalAudioEnergy` of `inbound-rtp`, in the steps that had a sound in them.",
    support: always("Ask the other person to move closer to the microphone or to raise its level."),
    developer: always("Ask for `autoGainControl` on the sending side."),
  },
};
