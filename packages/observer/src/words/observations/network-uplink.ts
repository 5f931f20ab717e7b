import { always, cableAdvice, type ObservationTexts, tense } from "../observation-texts.ts";

/** Texts of the category network-uplink, by observation id. */
export const networkUplinkTexts: Readonly<Record<string, ObservationTexts>> = {
  "uplink-loss": {
    title: (f) => `Outgoing ${f.media} got lost on the way`,
    sentence: (f) =>
      `Part of the ${f.media} that this person sent ${tense(f, "got", "is getting")} lost on the way out${f.when}${f.size}.`,
    measured: "Loss as the far end reported it (`remote-inbound-rtp`).",
    support: always(cableAdvice),
    developer: always("Use FEC or RED for audio, and a lower bitrate for video while it lasts."),
  },
  "uplink-jitter": {
    title: (f) => `Outgoing ${f.media} arrived unevenly`,
    sentence: (f) =>
      `What this person sent (${f.media}) ${tense(f, "reached", "reaches")} the other side in an uneven rhythm${f.when}${f.size}.`,
    measured: "`jitter` as the far end reported it (`remote-inbound-rtp`).",
    support: always(`The Wi-Fi may be crowded. ${cableAdvice}`),
    developer: always("Nothing to change in the app unless many people show it: then look at the first hop."),
  },
  "uplink-bandwidth-limited": {
    title: always("Outgoing line too narrow for the picture"),
    sentence: (f) =>
      `This person's outgoing line ${tense(f, "could", "can")} not carry what the app ${tense(f, "wanted", "wants")} to send${f.when}${f.share}, so the picture that others saw was made smaller or coarser.`,
    measured: "`qualityLimitationDurations.bandwidth`, and `availableOutgoingBitrate` against the target.",
    support: always("Stop other uploads (backup, cloud sync), and use a cable if there is one."),
    developer: always("Offer simulcast or a lower cap, and prefer audio when the estimate is small."),
  },
  "uplink-outage": {
    title: (f) => `Sending of ${f.media} stopped for a while`,
    sentence: (f) =>
      `Nothing of this person's ${f.media} ${tense(f, "went", "goes")} out${f.when}, although the app ${tense(f, "was", "is")} sending.`,
    measured: "`packetsSent` of `outbound-rtp` stood still while the source went on.",
    support: always("Leave and join again."),
    developer: always(
      "If the connection was healthy, the encoder stood still: look at CPU and encoder changes.",
    ),
  },
  "uplink-bufferbloat": {
    title: always("What is sent waits in a queue"),
    sentence: (f) =>
      `What this person sent ${tense(f, "waited", "waits")} in a queue on the way${f.when}${f.size}, so the others ${tense(f, "heard and saw", "hear and see")} it late.`,
    measured: "Round trip of the path above its shortest tenth, beside the rate that is sent.",
    support: always("Pause other uploads. A router that manages its queue (SQM) cures it."),
    developer: always("Start with a lower bitrate, and look at who shares the line."),
  },
  "uplink-send-delay": {
    title: (f) => `Outgoing ${f.media} waited before it was sent`,
    sentence: (f) =>
      `This person's browser ${tense(f, "held", "holds")} the ${f.media} back before sending it${f.when}${f.size}, because the line ${tense(f, "did", "does")} not take it faster.`,
    measured: "`totalPacketSendDelay` for each of `packetsSent` (`outbound-rtp`).",
    support: always(cableAdvice),
    developer: always("Look at the target bitrate and at very large frames (`hugeFramesSent`)."),
  },
  "uplink-retransmission-heavy": {
    title: (f) => `Much of the outgoing ${f.media} was sent again`,
    sentence: (f) =>
      `A good part of the ${f.media} that this person sent ${tense(f, "was", "is")} repair${f.when}${f.size}.`,
    measured: "`retransmittedPacketsSent` of `packetsSent` (`outbound-rtp`).",
    support: always(cableAdvice),
    developer: always("Look at loss on the way out first, then at which receivers ask (`nackCount`)."),
  },
};
