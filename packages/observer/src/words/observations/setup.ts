import { always, device, type ObservationTexts, tense } from "../observation-texts.ts";

/** Texts of the category setup, by observation id. */
export const setupTexts: Readonly<Record<string, ObservationTexts>> = {
  "media-permission-denied": {
    title: (f) => `Access to the ${device(f)} was refused`,
    sentence: (f) =>
      `The browser was not allowed to use the ${device(f)}${f.when}, so others could not ${
        f.kind === "audio" ? "hear" : f.kind === "video" ? "see" : "hear or see"
      } this person.`,
    measured: "`getUserMedia` was rejected with `NotAllowedError`.",
    support: (f) =>
      `Allow the ${device(f)} in the browser's address bar and in the system settings, then reload the page.`,
    developer: always(
      "Ask after a click, show the state of `permissions.query`, and check the iframe's `allow` attribute.",
    ),
  },
  "media-device-missing": {
    title: (f) => `No ${device(f)} was found`,
    sentence: (f) => `The browser found no ${device(f)} when the app asked for one${f.when}.`,
    measured: "`getUserMedia` was rejected with `NotFoundError`.",
    support: (f) => `Plug in or switch on the ${device(f)}, then try again.`,
    developer: always("Fall back to the kind that exists, and offer to continue without the other one."),
  },
  "connection-never-established": {
    title: always("The call never connected"),
    sentence: (f) =>
      tense(
        f,
        `This person tried to join and never got a connection${f.when}; nothing was heard or seen.`,
        `This person is trying to join and has no connection yet${f.when}.`,
      ),
    measured: "`connectionState` never became `connected` after offer and answer.",
    support: always("Try another network, for example a phone's hotspot, and switch a VPN off."),
    developer: always(
      "Look at what happened to the candidates: gathered, exchanged, checked, answered. Offer a TURN server over TLS on port 443.",
    ),
  },
  "connection-without-media": {
    title: (f) =>
      f.direction === "outbound"
        ? "Connected, but nothing was sent"
        : f.direction === "inbound"
          ? "Connected, but nothing arrived"
          : "Connected, but no sound or picture went through",
    sentence: (f) =>
      f.direction === "outbound"
        ? `The connection worked, yet no ${f.media} of this person was ever sent${f.when}.`
        : f.direction === "inbound"
          ? `The connection worked, yet no ${f.media} ever arrived for this person${f.when}.`
          : `The connection worked, yet no ${f.media} ever went through${f.when}.`,
    measured: "0 bytes in a negotiated direction for 10 s after `connected`.",
    support: always("Leave and join again. If it happens again, pass this session on to the developers."),
    developer: always(
      "Check that a track is attached to the sender, that the other side is subscribed, and the direction of the transceiver.",
    ),
  },
};
