import { always, type ObservationTexts, tense } from "../observation-texts.ts";

/** Texts of the category av-sync, by observation id. */
export const avSyncTexts: Readonly<Record<string, ObservationTexts>> = {
  "av-desync": {
    title: always("Sound and picture did not match"),
    sentence: (f) =>
      `Sound and picture of the same person ${tense(f, "were", "are")} noticeably apart for this person${f.when}.`,
    measured: "`estimatedPlayoutTimestamp` of the two `inbound-rtp`.",
    support: always("Leaving and joining again usually puts them together."),
    developer: always("Send both tracks in one stream, and set jitterBufferTarget for both or for neither."),
  },
  "audio-time-stretch": {
    title: always("Received sound was stretched or sped up"),
    sentence: (f) =>
      `Speech that this person heard ${tense(f, "was", "is")} played slower or faster than it was spoken${f.when}${f.share}.`,
    measured:
      "`insertedSamplesForDeceleration` and `removedSamplesForAcceleration` against `totalSamplesReceived` of `inbound-rtp`.",
    support: always("This is an effect; the cause, where it is known, says what to do."),
    developer: always("Look at the uneven arrival that stands above it."),
  },
};
