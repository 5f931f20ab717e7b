import { always, cableAdvice, type ObservationTexts, tense } from "../observation-texts.ts";

/** Texts of the category network-downlink, by observation id. */
export const networkDownlinkTexts: Readonly<Record<string, ObservationTexts>> = {
  "downlink-loss": {
    title: (f) => `Incoming ${f.media} got lost on the way`,
    sentence: (f) =>
      `Part of the ${f.media} that others sent ${tense(f, "got", "is getting")} lost before it reached this person${f.when}${f.size}.`,
    measured: "`packetsLost` against `packetsReceived` of `inbound-rtp`.",
    support: always(cableAdvice),
    developer: always("Use FEC or RED for audio, and forward a lower layer while it lasts."),
  },
  "downlink-jitter": {
    title: (f) => `Incoming ${f.media} arrived unevenly`,
    sentence: (f) =>
      `What others sent (${f.media}) ${tense(f, "reached", "reaches")} this person in an uneven rhythm${f.when}${f.size}.`,
    measured: "`jitter` of `inbound-rtp`.",
    support: always(`The Wi-Fi may be crowded. ${cableAdvice}`),
    developer: always("If the sender is a machine, check that it sends at an even pace."),
  },
  "downlink-outage": {
    title: (f) => `No ${f.media} arrived for a while`,
    sentence: (f) =>
      `No ${f.media} ${tense(f, "reached", "reaches")} this person${f.when}, although the other side ${tense(f, "was", "is")} sending.`,
    measured: "`packetsReceived` of `inbound-rtp` stood still while the sender's count went on.",
    support: always("If it lasts longer than ten seconds, leave and join again."),
    developer: always("Check the subscription and the forwarding of this track at that time."),
  },
  "downlink-loss-burst": {
    title: (f) => `Incoming ${f.media} was interrupted now and then`,
    sentence: (f) =>
      `For moments, much of the ${f.media} that others sent ${tense(f, "did not reach", "does not reach")} this person${f.when}; in between almost everything ${tense(f, "arrived", "arrives")}.`,
    measured: "`packetsLost` against `packetsReceived` of `inbound-rtp`, second by second.",
    support: always(
      "Moving between Wi-Fi access points and microwave ovens do this: stay in one place, or use a cable.",
    ),
    developer: always("Redundant audio (RED) bridges such moments; FEC of one packet does not."),
  },
  "high-rtt": {
    title: always("Long delay between the two sides"),
    sentence: (f) =>
      `What was said ${tense(f, "took", "takes")} long to reach the other side and come back${f.when}${f.size}; people start to talk over each other.`,
    measured: "`roundTripTime` of the far end's reports or `currentRoundTripTime` of the selected pair.",
    support: always("A VPN, a satellite or mobile line, or a busy upload adds delay: try without it."),
    developer: always("Check which region and relay the path goes through, and offer a nearer one."),
  },
  "audio-concealment": {
    title: always("Received sound was broken up"),
    sentence: (f) =>
      `What this person heard ${tense(f, "was", "is")} broken up${f.when}: part of the speech had to be patched over${f.size}.`,
    measured: "`concealedSamples` against `totalSamplesReceived` of `inbound-rtp`, without comfort noise.",
    support: always("This is an effect; the cause, where it is known, says what to do."),
    developer: always("Look at the cause that stands above it: loss, jitter, outage, or a busy main thread."),
  },
  "video-freeze": {
    title: always("Received picture froze"),
    sentence: (f) =>
      `The picture that this person saw ${tense(f, "froze", "keeps freezing")}${f.when}${f.share}.`,
    measured: "Freezes and pauses of `inbound-rtp`, and time without a decoded frame.",
    support: always("This is an effect; the cause, where it is known, says what to do."),
    developer: always(
      "Look at the cause that stands above it: loss, outage, decoding, or the sender's frame rate.",
    ),
  },
  "jitter-buffer-high": {
    title: (f) => `Incoming ${f.media} was held back for long`,
    sentence: (f) =>
      `What this person ${f.kind === "video" ? "saw" : f.kind === "audio" ? "heard" : "heard or saw"} ${tense(f, "was", "is")} held back${f.when}${f.size}, because it ${tense(f, "arrived", "arrives")} too unevenly to be played at once.`,
    measured:
      "`jitterBufferDelay` and `jitterBufferMinimumDelay` against `jitterBufferEmittedCount` of `inbound-rtp`.",
    support: always("This is an effect; the cause, where it is known, says what to do."),
    developer: always("Look at the cause that stands above it: jitter, loss or an outage."),
  },
  "video-stalled": {
    title: always("Picture arrived but could not be shown"),
    sentence: (f) =>
      `Data of the picture ${tense(f, "went on arriving", "goes on arriving")}${f.when}, but this person ${tense(f, "saw", "sees")} no new picture.`,
    measured: "`framesDecoded` of `inbound-rtp` stood still while `bytesReceived` and `pliCount` went on.",
    support: always("Switch the picture off and on again, or join again."),
    developer: (f) =>
      f.is("derived.stallVariant", "decode")
        ? "Whole frames arrive and none is decoded: compare the codec and its parameters on both sides."
        : f.is("derived.stallVariant", "key frame")
          ? "Nothing is missing, but no whole picture comes: the sender or the server ignores the requests for key frames."
          : "Frames have holes that are not filled: check retransmission and what is forwarded.",
  },
  "keyframe-storm": {
    title: always("Whole pictures were requested again and again"),
    sentence: (f) =>
      `The picture that this person receives ${tense(f, "could", "can")} often not be continued, and a whole new one ${tense(f, "was", "is")} requested each time${f.when}${f.size}.`,
    measured: "`pliCount` and `firCount` of `inbound-rtp`.",
    support: always("This is an effect; the cause, where it is known, says what to do."),
    developer: always(
      "Look at the loss on this way. Limit how often one receiver can ask, so that it does not cost all others.",
    ),
  },
  "quality-low-sustained": {
    title: always("Received sound was poor for long"),
    sentence: (f) =>
      `What this person heard ${tense(f, "was", "is")} of poor quality for many seconds${f.when}, by the estimate of the score.`,
    measured: "The ten-second windows of the Experience Score for received sound.",
    support: always("This is an effect; the cause, where it is known, says what to do."),
    developer: always(
      "Look at the cause that stands above it, and at the terms that the score lost points for.",
    ),
  },
};
