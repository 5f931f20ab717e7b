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
  "media-device-in-use": {
    title: (f) => `The ${device(f)} could not be opened`,
    sentence: (f) =>
      `The ${device(f)} of this person is there, but the browser could not open it${f.when}; most often another program uses it.`,
    measured: "`getUserMedia` was rejected with `NotReadableError` or `AbortError`.",
    support: (f) =>
      `Close other programs and tabs that use the ${device(f)}, or unplug it and plug it in again.`,
    developer: always("Stop the old track before you open a device again, and try once more after a second."),
  },
  "media-constraints-unsatisfiable": {
    title: (f) => `No ${device(f)} fits what the app asked for`,
    sentence: (f) =>
      `The app asked for a ${device(f)} with properties that none of this person's devices has${f.when}.`,
    measured: "`getUserMedia` was rejected with `OverconstrainedError`, or a `deviceId` was no longer there.",
    support: (f) => `Choose the ${device(f)} again in the settings of the app.`,
    developer: always(
      "Ask with `ideal` instead of `exact`, and fall back to the default when a saved `deviceId` is gone.",
    ),
  },
  "negotiation-error": {
    title: always("The two sides could not agree on the media"),
    sentence: (f) =>
      tense(
        f,
        `What the app passed to the browser to set up the call was refused${f.when}.`,
        `What the app passes to the browser to set up the call is refused${f.when}.`,
      ),
    measured:
      "`createOffer`, `createAnswer`, `setLocalDescription` or `setRemoteDescription` was rejected, and no exchange followed that came through.",
    support: always(
      "Reload the page. If it happens again, pass this session and its error on to the developers.",
    ),
    developer: always(
      "`InvalidStateError` is a call in the wrong `signalingState`; `OperationError` and parse errors are the SDP. Crossed offers need perfect negotiation.",
    ),
  },
  "negotiation-glare": {
    title: always("Both sides wanted to change the call at once"),
    sentence: (f) =>
      `Both sides asked for a change of the call at the same moment${f.when}, and it took them a while to agree.`,
    measured: "`setRemoteDescription` with an offer in `have-local-offer`.",
    support: always("There is nothing to do on this side."),
    developer: always(
      "Use perfect negotiation: one polite side that takes its offer back, one that does not.",
    ),
  },
  "negotiation-stalled": {
    title: always("The other side's answer did not come"),
    sentence: (f) =>
      tense(
        f,
        `The app asked the other side to agree on sound and picture and got no answer${f.when}.`,
        `The app asked the other side to agree on sound and picture and has no answer yet${f.when}.`,
      ),
    measured:
      "`signalingState` stayed `have-local-offer`, or `negotiationneeded` was not followed by an offer.",
    support: always("Reload the page. If the other person did not accept the call, nothing is wrong."),
    developer: always(
      "Look at the way of the offer and the answer: delivery, queues, and what happens when making the answer fails.",
    ),
  },
  "no-common-codec": {
    title: (f) => `The two sides share no format for the ${f.media}`,
    sentence: (f) =>
      `The two sides agreed on the call, but not on a format for its ${f.media}${f.when}, so none goes through.`,
    measured: "An m-line of the answer has port 0, or its codecs and those of the offer have none in common.",
    support: always("Update the browser on both sides."),
    developer: always("Check `setCodecPreferences` and the list of codecs of the server."),
  },
  "candidate-rejected": {
    title: always("Addresses of the other side were refused"),
    sentence: (f) =>
      `The browser did not take network addresses of the other side that the app gave it${f.when}.`,
    measured: "`addIceCandidate` was rejected.",
    support: always("Leave and join again."),
    developer: always(
      "Keep candidates until the remote description is set, and drop those with the user fragment of before a restart.",
    ),
  },
  "join-slow": {
    title: always("Joining took long"),
    sentence: (f) => `It took long until this person could hear or see somebody${f.size}.`,
    measured:
      "Time from the negotiation to `connected`, and to the first decoded frame while packets arrived already.",
    support: always("If it happens often, try another network."),
    developer: always(
      "Shorten the longest phase in the evidence; gather candidates early, and use the nearest relay.",
    ),
  },
};
