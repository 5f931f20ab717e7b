import type { SessionAnalysis } from "@peerscope/schema";
import { plural } from "./numbers.ts";

/** Why a session has no score, by the observer's code. A test compares the codes with those of the observer. */
export const unscoredReasons = {
  "no-stats": "The browser did not report what a score needs",
  "invalid-input": "What the browser reported were no usable numbers",
  "out-of-range": "What the browser reported cannot be true",
  "codec-unsupported": "There is no score for the codec of this call",
  "sender-unknown": "Nothing arrived, and nobody knows whether anything was sent",
  "too-short": "Less than 5 seconds of sound or picture arrived",
} as const;

const sentences = new Map<string, string>(Object.entries(unscoredReasons));

/** Without a full stop. A code of another version of the observer is not shown: nobody could read it. */
export function unscoredWords(reason: string | null): string {
  return sentences.get(reason ?? "") ?? "Too little was reported to compute a score";
}

/** What is said of a session in which nothing was noticed because nothing was measured. */
export const unmeasured = {
  headline: "Nothing was measured, so it cannot be told how this call was.",
  advice:
    "Ask the person how the call was. If something was wrong, let them try again and stay in the call for at least half a minute, so that it can be measured.",
} as const;

/** What was looked at, and what that says of this person. */
export function quietWords({ counts, score }: Pick<SessionAnalysis, "counts" | "score">): string {
  const looked = `${plural(counts.samples, "sample")} and ${plural(counts.events, "event")} of ${plural(counts.connections, "peer connection")} were looked at`;
  return score.class === "not-measured"
    ? `${looked}, but the sound and picture that arrived could not be measured. ${unscoredWords(score.reason)}.`
    : `${looked}, and nothing in them hurt this person.`;
}
