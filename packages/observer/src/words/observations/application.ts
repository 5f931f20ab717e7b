import { always, type ObservationTexts, tense } from "../observation-texts.ts";

/** Texts of the category application, by observation id. */
export const applicationTexts: Readonly<Record<string, ObservationTexts>> = {
  "sender-bitrate-capped": {
    title: always("The app limits the quality of the sent picture"),
    sentence: (f) =>
      `The app ${tense(f, "allowed", "allows")} the picture of this person less data than the line would carry${f.when}, and the picture ${tense(f, "was", "is")} poorer for it.`,
    measured:
      "`targetBitrate` of `outbound-rtp` against the `maxBitrate` that the app set, and `availableOutgoingBitrate`.",
    support: always("Nothing to do on this side."),
    developer: always("Raise `maxBitrate` of the encodings, unless a low rate is intended."),
  },
  "playout-delay-forced": {
    title: (f) => `The app held incoming ${f.media} back`,
    sentence: (f) =>
      `The app ${tense(f, "held", "holds")} incoming ${f.media} back longer than the line needs${f.when}${f.size}.`,
    measured:
      "`jitterBufferTargetDelay` and `jitterBufferMinimumDelay` against `jitterBufferEmittedCount` of `inbound-rtp`.",
    support: always("Nothing to do on this side."),
    developer: always(
      "Is it intended? For a conversation, lower `jitterBufferTarget` or leave it to the browser.",
    ),
  },
  "video-larger-than-shown": {
    title: always("Picture received much larger than shown"),
    sentence: (f) =>
      `This person ${tense(f, "received", "receives")} a picture with many more pixels than the page ${tense(f, "showed", "shows")}${f.when}; that costs data and computing power for nothing.`,
    measured:
      "`frameWidth` and `frameHeight` of `inbound-rtp` against the size of the element that shows the track.",
    support: always("Show fewer pictures at a time if this computer is slow."),
    developer: always("Ask for the layer that fits the element, and pause what is not shown."),
  },
  "video-smaller-than-shown": {
    title: always("Picture shown much larger than received"),
    sentence: (f) =>
      `This person ${tense(f, "saw", "sees")} a picture on many more pixels than it has${f.when}: it ${tense(f, "looked", "looks")} blurred.`,
    measured:
      "`frameWidth` and `frameHeight` of `inbound-rtp` against the size of the element that shows the track.",
    support: always("Show it smaller, or ask the other side for a better line or camera."),
    developer: always(
      "Ask for a higher layer when an element grows, and check the constraints of the camera.",
    ),
  },
  "relay-forced-by-policy": {
    title: always("The app sends everything through a relay"),
    sentence: (f) =>
      `The app allows only connections through a relay server${f.when}; direct ones are not tried.`,
    measured: 'The configuration has `iceTransportPolicy: "relay"`.',
    support: always("Nothing to do. Apps choose this to hide addresses."),
    developer: always("Is it intended? A direct path is shorter and spares the relay."),
  },
  "connection-churn": {
    title: (f) => tense(f, "The app connected again and again", "The app connects again and again"),
    sentence: (f) =>
      `The app opened one connection after the other${f.when}, and each of them was over after a few seconds.`,
    measured:
      "At least 4 `RTCPeerConnection`s were created within 60 s, and those that ended lived less than 15 s.",
    support: always("Reload the page once."),
    developer: always(
      "Let the retry loop wait longer after each failure, and look at why the first one ended.",
    ),
  },
};
