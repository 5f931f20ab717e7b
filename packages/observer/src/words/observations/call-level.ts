import { always, cableAdvice, type ObservationTexts, tense } from "../observation-texts.ts";

/** Texts of the category call-level, by observation id. */
export const callLevelTexts: Readonly<Record<string, ObservationTexts>> = {
  "one-way-audio": {
    title: always("One side did not hear the other"),
    sentence: (f) =>
      `This person ${tense(f, "heard", "hears")} nothing of the other side${f.when}, although the other side ${tense(f, "spoke", "speaks")} and ${tense(f, "heard", "hears")} this person. ${failedPoint(f.is)}`,
    measured:
      "Sound of the `media-source`, `packetsSent`, `packetsReceived` and the sound of `inbound-rtp`, of both sides at the same time.",
    support: always(
      "Leave and join again. If it stays, try another headset or browser on the side named here.",
    ),
    developer: always("Look at the first of the four points that fails: captured, sent, received, played."),
  },
  "call-dropped": {
    title: always("This person was lost from the call"),
    sentence: (f) =>
      `This person ${tense(f, "was", "is")} lost from the call${f.when} without leaving it, and did not come back within a minute.`,
    measured: "The last state of the connection and of the recording, and what the others noticed.",
    support: always("Join again, over another network if there is one."),
    developer: always("Restart ICE when the path is lost, and tell the others when somebody is gone."),
  },
  "repeated-rejoins": {
    title: always("This person joined again and again"),
    sentence: (f) => `This person joined the same call several times${f.when}${f.size}.`,
    measured: "Sessions of the same user and device, and pages that were loaded again.",
    support: always("Use another network, and update the browser."),
    developer: always("Restart ICE instead of loading the page again, and look at why each session ended."),
  },
  "publisher-affects-many": {
    title: always("Bad for most who received this person"),
    sentence: (f) =>
      `Most of those who received this person lost part of the sound or picture${f.when}${f.share}, and hardly any of what the others sent.`,
    measured: "Loss of `inbound-rtp` at each receiver, by sender.",
    support: always("The one who sends has the problem, not those who complain about it."),
    developer: always("Look at the sender's own `remote-inbound-rtp`: is its way to the server clean?"),
  },
  "receiver-affected-alone": {
    title: always("Only this person received badly"),
    sentence: (f) =>
      `This person lost part of nearly everything that the others sent${f.when}${f.share}, and hardly anybody else did.`,
    measured: "Loss of `inbound-rtp` of all streams of this person, against those of the others.",
    support: always(cableAdvice),
    developer: always("Look at this person's way in, and offer a smaller picture."),
  },
  "call-partially-failed": {
    title: always("One person never got into the call"),
    sentence: (f) =>
      `This person tried to join${f.when} and never got in, while others ${tense(f, "were", "are")} in the call.`,
    measured: "No connection of the session reached `connected`.",
    support: always("Try again, over another network if there is one."),
    developer: always("Look at why the connection was never established: candidates, relay, encryption."),
  },
};

function failedPoint(is: (name: string, value: string) => boolean): string {
  if (is("derived.failedPoint", "sent")) return "Nothing was sent.";
  if (is("derived.failedPoint", "received")) return "It was sent and did not arrive.";
  if (is("derived.failedPoint", "played")) return "It arrived and was silent.";
  return "Where it got lost is not known.";
}
