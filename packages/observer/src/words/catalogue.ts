import type { FaultDomain } from "@peerscope/schema";
import { cableAdvice } from "./observation-texts.ts";

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
