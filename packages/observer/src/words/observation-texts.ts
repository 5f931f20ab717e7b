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

export const tense = (facts: Facts, past: string, present: string): string =>
  facts.ongoing ? present : past;

export const always = (text: string) => (): string => text;

/** "microphone", "camera", or both, from the kinds that were asked for. */
export const device = ({ kind }: Facts): string =>
  kind === "audio" ? "microphone" : kind === "video" ? "camera" : "microphone or camera";

export const cableAdvice =
  "Use a cable, or move closer to the Wi-Fi access point. Close other uploads and downloads.";

/** For an id this version does not know: says what was recorded and nothing more. */
export const unknownObservation: ObservationTexts = {
  title: always("Something unusual was noticed"),
  sentence: (f) => `Something unusual was noticed about the ${f.media}${f.when}${f.size}.`,
  measured: "",
  support: always("Pass this session on to the developers."),
  developer: always("Look at the evidence below; this version has no text for this observation."),
};
