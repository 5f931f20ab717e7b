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
};
