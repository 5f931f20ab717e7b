import { always, type Facts, type ObservationTexts, tense } from "../observation-texts.ts";

const closePrograms =
  "Close other programs and browser tabs, and plug in the power. A smaller picture or a simpler background helps too.";

const coded = (f: Facts): string => (f.direction === "inbound" ? "shown" : "sent");

/** Texts of the category cpu, by observation id. */
export const cpuTexts: Readonly<Record<string, ObservationTexts>> = {
  "cpu-limited-encoding": {
    title: always("Device too slow for the picture it sends"),
    sentence: (f) =>
      `This person's device ${tense(f, "was", "is")} too busy to send the picture at full quality${f.when}${f.share}.`,
    measured: "`qualityLimitationDurations.cpu` of `outbound-rtp`.",
    support: always(closePrograms),
    developer: always("Send fewer layers, a lower resolution, or a codec that costs less."),
  },
  "encoder-overloaded": {
    title: always("Device cannot keep up with its own camera"),
    sentence: (f) =>
      `Preparing each frame of the picture ${tense(f, "took", "takes")} this person's device nearly all the time there is for it${f.when}${f.size}, so others ${tense(f, "saw", "see")} fewer frames.`,
    measured:
      "`totalEncodeTime` for each of `framesEncoded` (`outbound-rtp`), against the time between frames.",
    support: always(closePrograms),
    developer: always(
      "Prefer an encoder of the hardware, H.264 or VP8 before VP9 or AV1, or a lower resolution and fewer layers.",
    ),
  },
  "decoder-overloaded": {
    title: always("Device cannot keep up with the pictures it shows"),
    sentence: (f) =>
      `Showing the picture ${tense(f, "took", "takes")} this person's device more time than it ${tense(f, "had", "has")}${f.when}${f.size}, so frames ${tense(f, "were", "are")} late or left out.`,
    measured: "`totalDecodeTime` for each of `framesDecoded`, and `framesDropped` (`inbound-rtp`).",
    support: always(
      "Show fewer videos at once. Close other programs and browser tabs, and plug in the power.",
    ),
    developer: always("Ask for lower layers, and pause videos that are not on the screen."),
  },
  "main-thread-blocked": {
    title: always("The page did not respond"),
    sentence: (f) => `The page ${tense(f, "was", "is")} too busy to respond${f.when}${f.share}.`,
    measured: "Long tasks of the main thread, and how late a timer came.",
    support: always("Reload the page, and close tabs that are not needed."),
    developer: always("Record a profile of the page: some task keeps the main thread for more than 200 ms."),
  },
  "system-pressure": {
    title: always("The whole device was very busy"),
    sentence: (f) =>
      `The processor of this person's device ${tense(f, "was", "is")} under heavy load${f.when}, by this page or by other programs.`,
    measured: "State of the processor as the browser classes it (Compute Pressure).",
    support: always(closePrograms),
    developer: always("Send and show less as soon as the load is serious: do not wait until it is critical."),
  },
  "software-codec-hd": {
    title: (f) => `A large picture is ${coded(f)} without help of the hardware`,
    sentence: (f) =>
      `The large picture that this person's device ${tense(f, coded(f), f.direction === "inbound" ? "shows" : "sends")}${f.when} ${tense(f, "was", "is")} handled by the processor alone, which ${tense(f, "was", "is")} short of time.`,
    measured:
      "`powerEfficientEncoder` of `outbound-rtp`, `powerEfficientDecoder` of `inbound-rtp`, and `frameHeight`.",
    support: always(closePrograms),
    developer: always("Prefer a codec that the hardware supports at this size, or a smaller picture."),
  },
};
