import { always, type ObservationTexts, tense } from "../observation-texts.ts";

/** Texts of the category server, by observation id. */
export const serverTexts: Readonly<Record<string, ObservationTexts>> = {
  "sfu-forwarding-gap": {
    title: (f) => `The server did not pass on the ${f.media}`,
    sentence: (f) =>
      f.direction === "inbound"
        ? `This person ${tense(f, "got", "gets")} nothing of somebody's ${f.media}${f.when}, although it ${tense(f, "reached", "reaches")} the server and everything else ${tense(f, "arrived", "arrives")}.`
        : `Nobody ${tense(f, "got", "gets")} this person's ${f.media}${f.when}, although it ${tense(f, "reached", "reaches")} the server.`,
    measured:
      "`packetsReceived` of `inbound-rtp` stood still at receivers, while the sender's `packetsSent` grew and its `remote-inbound-rtp` was clean.",
    support: always("Leave and join again, and tell those who run the media server."),
    developer: always("Look at the router, producers and consumers of the server; was it paused by the app?"),
  },
  "sfu-egress-degraded": {
    title: always("Many lost media from the server at once"),
    sentence: (f) =>
      `Most people in the call lost part of what the server sent them${f.when}${f.share}, while what was sent to the server ${tense(f, "arrived", "arrives")} there.`,
    measured: "Loss of `inbound-rtp` of all people, against `remote-inbound-rtp` of those who sent.",
    support: always("Nothing to change for the people in the call. Tell those who run the media server."),
    developer: always(
      "Look at capacity, processor and network of the server, and at what those affected share.",
    ),
  },
  "published-track-unconsumed": {
    title: (f) => `Nobody received the ${f.media} that was sent`,
    sentence: (f) =>
      `This person ${tense(f, "sent", "sends")} ${f.media}${f.when}, and nobody who ${tense(f, "was", "is")} recorded received it.`,
    measured: "`bytesSent` of `outbound-rtp`, and no `inbound-rtp` of anybody that it belongs to.",
    support: always("Nothing to do."),
    developer: always("Pause what nobody subscribes to (dynacast), unless a recorder takes it."),
  },
};
