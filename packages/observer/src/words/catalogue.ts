import type { FaultDomain } from "@peerscope/schema";

/*
 * Every text about observations, verdicts and scores, with parameters. A calm, experienced colleague speaks: plain words first,
 * WebRTC names second, no blame, one statement each, numbers with unit and limit. Nothing here measures anything.
 */

/** What a text may speak about; every member is ready to be printed, null where it is not known. */
export interface Facts {
  /** "sound", "picture", or "sound or picture" where the observation is about neither alone. */
  readonly media: string;
  readonly kind: "audio" | "video" | null;
  readonly direction: "inbound" | "outbound" | null;
  readonly ongoing: boolean;
  /** " from 03:10 to 09:45 (6 min 35 s)", " since 03:10", " for 14 s", or "". */
  readonly when: string;
  /** ", 12 % at worst (limit 5 %)", or "" without a number. */
  readonly size: string;
  /** ", up to 12 % of the time (limit 5 %)", or "" without a number. */
  readonly share: string;
  /** Was this piece of evidence, by `stat.field`, found to have this value? */
  readonly is: (name: string, value: string | boolean) => boolean;
}

/** The texts of one observation. */
export interface ObservationTexts {
  /** At most 60 characters, sentence case. */
  readonly title: (facts: Facts) => string;
  /** Who experienced what, when, how much against which limit; no WebRTC vocabulary. */
  readonly sentence: (facts: Facts) => string;
  /** How it was measured, with the W3C names. */
  readonly measured: string;
  readonly support: (facts: Facts) => string;
  readonly developer: (facts: Facts) => string;
}

const tense = (facts: Facts, past: string, present: string): string => (facts.ongoing ? present : past);

const always = (text: string) => (): string => text;

/** "microphone", "camera", or both, from the kinds that were asked for. */
const device = ({ kind }: Facts): string =>
  kind === "audio" ? "microphone" : kind === "video" ? "camera" : "microphone or camera";

const cableAdvice =
  "Use a cable, or move closer to the Wi-Fi access point. Close other uploads and downloads.";

/** Texts by observation id. */
export const observationTexts: Readonly<Record<string, ObservationTexts>> = {
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
  "ice-checks-failed": {
    title: always("No network path to the other side was found"),
    sentence: (f) =>
      `Every network path to the other side was tried and none of them answered${f.when}, so the call could not start.`,
    measured:
      "Candidate pairs sent connectivity checks (`requestsSent`) and no response came (`responsesReceived` 0).",
    support: always("Try another network, for example a phone's hotspot. A firewall may block calls here."),
    developer: (f) =>
      f.is("derived.relayCandidates", false)
        ? "No relay took part: configure a TURN server, with TLS on port 443 for strict firewalls."
        : "A relay took part and still nothing answered: check the TURN credentials, the firewall rules and the remote candidates.",
  },
  "ice-disconnected": {
    title: (f) => tense(f, "The connection was interrupted", "The connection is interrupted"),
    sentence: (f) =>
      tense(
        f,
        `The connection to the other side was interrupted${f.when}; nothing went through meanwhile.`,
        `The connection to the other side is interrupted${f.when}; nothing goes through.`,
      ),
    measured: "`connectionState` was `disconnected` for 5 s or more.",
    support: always("Check the Wi-Fi signal or use a cable. Changing networks during a call also does this."),
    developer: always("Restart ICE when `disconnected` lasts longer than 5 s."),
  },
  "ice-failed-midcall": {
    title: always("The connection was lost during the call"),
    sentence: (f) =>
      `The call was running, then the connection was lost${f.when}, and it did not come back on its own.`,
    measured: "`connectionState` became `failed` after it had been `connected`.",
    support: always("Leave and join again. If it happens often, use a cable or another network."),
    developer: always("Restart ICE on `disconnected` after 5 s, before the browser gives up at about 15 s."),
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
  "uplink-loss": {
    title: (f) => `Outgoing ${f.media} got lost on the way`,
    sentence: (f) =>
      `Part of the ${f.media} that this person sent ${tense(f, "got", "is getting")} lost on the way out${f.when}${f.size}.`,
    measured: "Loss as the far end reported it (`remote-inbound-rtp`).",
    support: always(cableAdvice),
    developer: always("Use FEC or RED for audio, and a lower bitrate for video while it lasts."),
  },
  "downlink-loss": {
    title: (f) => `Incoming ${f.media} got lost on the way`,
    sentence: (f) =>
      `Part of the ${f.media} that others sent ${tense(f, "got", "is getting")} lost before it reached this person${f.when}${f.size}.`,
    measured: "`packetsLost` against `packetsReceived` of `inbound-rtp`.",
    support: always(cableAdvice),
    developer: always("Use FEC or RED for audio, and forward a lower layer while it lasts."),
  },
  "uplink-jitter": {
    title: (f) => `Outgoing ${f.media} arrived unevenly`,
    sentence: (f) =>
      `What this person sent (${f.media}) ${tense(f, "reached", "reaches")} the other side in an uneven rhythm${f.when}${f.size}.`,
    measured: "`jitter` as the far end reported it (`remote-inbound-rtp`).",
    support: always(`The Wi-Fi may be crowded. ${cableAdvice}`),
    developer: always("Nothing to change in the app unless many people show it: then look at the first hop."),
  },
  "downlink-jitter": {
    title: (f) => `Incoming ${f.media} arrived unevenly`,
    sentence: (f) =>
      `What others sent (${f.media}) ${tense(f, "reached", "reaches")} this person in an uneven rhythm${f.when}${f.size}.`,
    measured: "`jitter` of `inbound-rtp`.",
    support: always(`The Wi-Fi may be crowded. ${cableAdvice}`),
    developer: always("If the sender is a machine, check that it sends at an even pace."),
  },
  "high-rtt": {
    title: always("Long delay between the two sides"),
    sentence: (f) =>
      `What was said ${tense(f, "took", "takes")} long to reach the other side and come back${f.when}${f.size}; people start to talk over each other.`,
    measured: "`roundTripTime` of the far end's reports or `currentRoundTripTime` of the selected pair.",
    support: always("A VPN, a satellite or mobile line, or a busy upload adds delay: try without it."),
    developer: always("Check which region and relay the path goes through, and offer a nearer one."),
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
  "downlink-outage": {
    title: (f) => `No ${f.media} arrived for a while`,
    sentence: (f) =>
      `No ${f.media} ${tense(f, "reached", "reaches")} this person${f.when}, although the other side ${tense(f, "was", "is")} sending.`,
    measured: "`packetsReceived` of `inbound-rtp` stood still while the sender's count went on.",
    support: always("If it lasts longer than ten seconds, leave and join again."),
    developer: always("Check the subscription and the forwarding of this track at that time."),
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
  "audio-concealment": {
    title: always("Received sound was broken up"),
    sentence: (f) =>
      `What this person heard ${tense(f, "was", "is")} broken up${f.when}: part of the speech had to be patched over${f.size}.`,
    measured: "`concealedSamples` against `totalSamplesReceived` of `inbound-rtp`, without comfort noise.",
    support: always("This is an effect; the cause, where it is known, says what to do."),
    developer: always("Look at the cause that stands above it: loss, jitter, outage, or a busy main thread."),
  },
  "microphone-silent": {
    title: always("Microphone was on but delivered no sound"),
    sentence: (f) =>
      `This person's microphone ${tense(f, "was", "is")} on and not muted${f.when}, yet no sound ${tense(f, "came", "comes")} from it.`,
    measured:
      "`totalAudioEnergy` of the audio `media-source` stood still while the track was live and enabled.",
    support: always(
      "Another microphone may be selected, or the headset's own mute is on. Speak and watch the level meter.",
    ),
    developer: always("Show a level meter beside the device picker."),
  },
};

/** For an id this version does not know: says what was recorded and nothing more. */
export const unknownObservation: ObservationTexts = {
  title: always("Something unusual was noticed"),
  sentence: (f) => `Something unusual was noticed about the ${f.media}${f.when}${f.size}.`,
  measured: "",
  support: always("Pass this session on to the developers."),
  developer: always("Look at the evidence below; this version has no text for this observation."),
};

/** Where a fault lies, in words. */
export interface DomainTexts {
  /** In a session view: "this person's incoming line". */
  readonly name: string;
  /** In a session view, when the domain is at the other end: "the other side's incoming line". */
  readonly other: string | null;
  /** Which way media flows past this domain, seen from the person it belongs to; null where it belongs to nobody. */
  readonly direction: "inbound" | "outbound" | null;
  /** In a call view, after a person's name: "incoming line"; null where no person is meant. */
  readonly owned: string | null;
  readonly meaning: string;
  readonly advice: string;
}

/** Wording of the closed list of fault domains. */
export const domainTexts: Readonly<Record<FaultDomain, DomainTexts>> = {
  "publisher-device": {
    name: "this person's device",
    other: "the other side's device",
    direction: "outbound",
    owned: "device",
    meaning: "Camera, microphone or computing power of the person who was sending.",
    advice: "Check the camera and microphone, and close other programs.",
  },
  "publisher-uplink": {
    name: "this person's outgoing line",
    other: "the other side's outgoing line",
    direction: "outbound",
    owned: "outgoing line",
    meaning: "The network between the person who was sending and the next stop.",
    advice: cableAdvice,
  },
  sfu: {
    name: "the media server",
    other: null,
    direction: null,
    owned: null,
    meaning: "The server that passes sound and picture on.",
    advice: "Nothing to change on this person's side. Pass it on to those who run the media server.",
  },
  turn: {
    name: "the relay",
    other: null,
    direction: null,
    owned: null,
    meaning: "The TURN server through which the connection went.",
    advice: "Nothing to change on this person's side. Pass it on to those who run the relay.",
  },
  "receiver-downlink": {
    name: "this person's incoming line",
    other: "the other side's incoming line",
    direction: "inbound",
    owned: "incoming line",
    meaning: "The network between the last stop and the person who was receiving.",
    advice: cableAdvice,
  },
  "receiver-device": {
    name: "this person's device",
    other: "the other side's device",
    direction: "inbound",
    owned: "device",
    meaning: "Decoding, playback, loudspeaker or headset of the person who was receiving.",
    advice: "Close other programs and tabs, and check the headset or loudspeaker.",
  },
  application: {
    name: "the page or its settings",
    other: null,
    direction: null,
    owned: null,
    meaning: "What the app asked for or left out.",
    advice: "Nothing to change on this person's side. Pass it on to the developers of the app.",
  },
  browser: {
    name: "the browser version",
    other: null,
    direction: null,
    owned: null,
    meaning: "Behaviour of one browser version.",
    advice: "Update the browser, or try another one.",
  },
  "voice-agent-backend": {
    name: "the agent's service",
    other: null,
    direction: null,
    owned: null,
    meaning: "The service behind the voice agent.",
    advice: "Nothing to change on this person's side. Pass it on to those who run the agent.",
  },
  population: {
    name: "something that many users share",
    other: null,
    direction: null,
    owned: null,
    meaning: "A provider, browser or version that many affected users have in common.",
    advice: "Nothing to change on this person's side alone. Look at who else is affected.",
  },
  remote: {
    name: "someone else in the call, or the server",
    other: null,
    direction: null,
    owned: null,
    meaning: "Not this person's side. Only this side was measured, so the other cannot be named.",
    advice: "Look at the other participant's session. Nothing to change on this person's side.",
  },
  unknown: {
    name: "not known",
    other: null,
    direction: null,
    owned: null,
    meaning: "The measurements do not single out one cause.",
    advice: "A recording of the other participant's side would help to decide.",
  },
};

/** Words for a verdict. */
export const verdictTexts = {
  nothing: "Nothing unusual.",
  nothingAdvice: "Nothing to do.",
  noCause: "We cannot tell what caused it.",
  noEnd: "We cannot tell which side caused it.",
  /** The path as a whole is in question, so neither direction is named. */
  lines: { "publisher-uplink": "this person's line", "receiver-downlink": "the other side's line" },
  couldBe: (names: readonly string[]): string => `It could be ${names.join(" or ")}.`,
  owned: (person: string, what: string): string => `${person}'s ${what}`,
  effect: (title: string, text: string): string => `${title}: ${text}`,
  check: (title: string): string => `Not checked, as the browser reports too little: ${title}.`,
  /** A path in a call view. */
  way: (title: string, sender: string, receiver: string): string =>
    `${title}, from ${sender} to ${receiver}.`,
  bothWays: (title: string, sender: string, receiver: string): string =>
    `${title}, both from ${sender} to ${receiver} and from ${receiver} to ${sender}.`,
  /** In a call view, when an end has no name. */
  unnamed: { sender: "the sender", receiver: "the receiver" },
  /** In a call view, when neither direction is meant. */
  line: "line",
  headline: {
    "almost certain": (name: string): string => `Almost certainly the cause: ${name}.`,
    likely: (name: string): string => `Likely cause: ${name}.`,
    possible: (name: string): string => `Possible cause: ${name}.`,
  },
  missing: (what: string): string => `${what} would help to decide.`,
} as const;

/** What would have decided, one sentence each; what is not listed is named as it is. */
export const missingTexts: Readonly<Record<string, string>> = {
  "the other side's recording": "The other side's own recording would help to tell which end it was.",
  "a third participant, or a media server in between":
    "A third participant or a media server in between would help to tell which end it was.",
  "a relay (TURN) candidate":
    "A relay (TURN) candidate would tell a blocked direct path from a dead network.",
};

/** Forms of single lines. */
export const lineTexts = {
  follows: "It follows from another observation.",
  evidence: (label: string, value: string, limit: string | null, time: string | null, name: string): string =>
    `${label}: ${value}${limit === null ? "" : ` (limit ${limit})`}${time === null ? "" : `, ${time}`} [${name}]`,
  notReported: (label: string, name: string): string => `${label}: not reported [${name}]`,
  points: (points: string, title: string, rest: string): string =>
    `${points} ${points === "1" ? "point" : "points"}: ${title}${rest}.`,
} as const;

/** What cost points, in words; `audio` and `video` where they differ. */
export interface TermTexts {
  readonly audio: string;
  readonly video: string;
}

/** Wording of score terms. */
export const termTexts: Readonly<Record<string, TermTexts>> = {
  codec: { audio: "limited bitrate of the sound", video: "limited bitrate of the picture" },
  loss: { audio: "sound broke up", video: "picture damaged by loss" },
  delay: { audio: "long delay in the conversation", video: "long delay" },
  compression: { audio: "limited bitrate of the sound", video: "limited bitrate of the picture" },
  "frame-rate": { audio: "few frames", video: "jerky picture" },
  resolution: { audio: "small picture", video: "picture smaller than its place on the page" },
  freeze: { audio: "sound stood still", video: "picture froze" },
  blackout: { audio: "no sound arrived", video: "no picture arrived" },
  join: { audio: "slow join", video: "slow join" },
  drop: { audio: "call dropped", video: "call dropped" },
  "never-connected": { audio: "never connected", video: "never connected" },
};

/** For a term this version does not know. */
export const unknownTerm: TermTexts = { audio: "quality of the sound", video: "quality of the picture" };
