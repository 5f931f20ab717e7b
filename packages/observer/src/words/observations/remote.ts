import { always, type ObservationTexts, tense } from "../observation-texts.ts";

/** Texts of the category remote, by observation id. */
export const remoteTexts: Readonly<Record<string, ObservationTexts>> = {
  "remote-capture-problem": {
    title: always("It comes from the other side's device"),
    sentence: (f) =>
      `What this person noticed about the ${f.media}${f.when} ${tense(f, "came", "comes")} from the device of the one who ${tense(f, "sent", "sends")} it.`,
    measured: "An observation of capture or computing power in the sender's session at the same time.",
    support: always("The other side's device is the cause. Nothing to change on this person's side."),
    developer: always("Open the sender's observation that this one points to."),
  },
  "remote-uplink-problem": {
    title: always("It comes from the other side's connection"),
    sentence: (f) =>
      `What this person noticed about the ${f.media}${f.when} was already lost or held back on the sender's way to the server.`,
    measured:
      "An `uplink-*` observation in the sender's session at the same time (`remote-inbound-rtp` from the server).",
    support: always(
      "The other side's connection is the cause; ask them to use a cable or to move closer to the Wi-Fi access point.",
    ),
    developer: always("Open the sender's `uplink-*` observation that this one points to."),
  },
  "remote-media-not-sent": {
    title: (f) => `Nothing of the ${f.media} was sent, though it was on`,
    sentence: (f) =>
      `This person's ${f.media} ${tense(f, "was", "is")} switched on and not muted, yet nothing of it ${tense(f, "went", "goes")} out${f.when}, and nobody ${tense(f, "received", "receives")} it.`,
    measured: "`packetsSent` of `outbound-rtp` stood still, and no receiver's `inbound-rtp` grew.",
    support: always("Ask this person to mute and unmute, or to switch the camera off and on."),
    developer: always("Look at the sender's track, encoder and transforms at that time."),
  },
};
