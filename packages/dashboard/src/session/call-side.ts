import { describeVerdict, type VerdictDescription } from "@peerscope/observer";
import type { CallAnalysis, MicrophoneSpan, SessionAnalysis } from "@peerscope/schema";
import { duration } from "../words/time.ts";
import { unmeasured } from "../words/unscored.ts";

/** People whose microphone is told about, and times of each. Ours: what can be read at a glance. */
const shownPeople = 3;
const shownTimes = 2;

/** Somebody whose microphone gave no sound although nothing was wrong. */
export interface SilentMicrophone {
  readonly sessionId: string;
  /** User id; null where nobody named them. */
  readonly name: string | null;
  /** Somebody switched it off; otherwise the recording does not say why it was silent. */
  readonly isChosen: boolean;
  readonly spans: readonly MicrophoneSpan[];
}

/** What a session alone does not show, because it lies with the others of its call. */
export interface CallSide {
  /** What the call says of this session, where that is more than the session says itself. */
  readonly told: VerdictDescription | null;
  /** This person first, then whoever was silent longest. */
  readonly microphones: readonly SilentMicrophone[];
}

/** `names` has the user ids by session; `call` is null while nothing is known of the others. */
export function callSideOf(
  analysis: SessionAnalysis,
  call: CallAnalysis | null,
  names: ReadonlyMap<string, string | null>,
): CallSide {
  const { sessionId, verdict, observations, start, end } = analysis;
  const seen = call?.sessions.find((one) => one.sessionId === sessionId);
  const isTold =
    seen !== undefined &&
    (seen.verdict.statedCause !== null || seen.verdict.faultDomain !== "unknown") &&
    (seen.verdict.statedCause !== verdict.statedCause || seen.verdict.faultDomain !== verdict.faultDomain);
  const told = isTold
    ? describeVerdict(seen.verdict, observations, { sessionStart: start, people: seen.people })
    : null;
  const own = {
    sessionId,
    name: analysis.userId ?? analysis.peer,
    spans: analysis.callShare?.microphoneOff ?? [],
  };
  const others = (call?.sessions ?? [])
    .filter((one) => one.sessionId !== sessionId)
    .map(({ sessionId: id, microphoneOff = [] }) => ({
      sessionId: id,
      name: names.get(id) ?? null,
      spans: microphoneOff.filter(({ from, to }) => from < end && to > start),
    }))
    .toSorted((a, b) => silentMs(b.spans) - silentMs(a.spans))
    .slice(0, shownPeople);
  return {
    told,
    microphones: [own, ...others]
      .filter(({ spans }) => spans.length > 0)
      .map((one) => ({ ...one, isChosen: one.spans.some(({ reason }) => reason === "switched-off") })),
  };
}

const silentMs = (spans: readonly MicrophoneSpan[]): number =>
  spans.reduce((sum, { from, to }) => sum + to - from, 0);

/**
 * What follows a name: "was switched off from 00:10 to 00:25 (0:15): nobody could hear them then.", and what that means.
 * `end` is that of the session in Unix ms, `words` writes an instant.
 */
export function microphoneWords(
  { spans, isChosen }: SilentMicrophone,
  end: number,
  words: (at: number) => string,
): { readonly what: string; readonly meaning: string } {
  const left = spans.length - shownTimes;
  const times = spans
    .slice(0, shownTimes)
    .map(({ from, to }) => `from ${words(from)} to ${to >= end - 1000 ? "the end" : words(to)}`)
    .join(" and ");
  const more = left > 0 ? ` and ${left} more ${left === 1 ? "time" : "times"}` : "";
  const total = `${duration(silentMs(spans))}${spans.length > 1 ? " in all" : ""}`;
  return {
    what: `${isChosen ? "was switched off" : "gave no sound"} ${times}${more} (${total}): nobody could hear them then.`,
    meaning: isChosen
      ? "Somebody chose that, so it counts as no fault and costs no points."
      : "It was muted, or nobody spoke; this recording does not say which.",
  };
}

/** Nothing hurt this person: there is nothing to be sure or unsure of. */
export function isQuiet({
  verdict,
  observations,
}: Pick<SessionAnalysis, "verdict" | "observations">): boolean {
  return verdict.statedCause === null && observations.every(({ severity }) => severity === "info");
}

/** Quiet only because nothing was measured: that is no good news. */
function isUnmeasured(analysis: SessionAnalysis): boolean {
  return analysis.score.class === "not-measured" && isQuiet(analysis);
}

/** The first sentence on a session; `own` is that of its verdict, which does not know of the score. */
export function headlineOf(analysis: SessionAnalysis, own: string): string {
  return isUnmeasured(analysis) ? unmeasured.headline : own;
}

/** What to tell the people concerned. "Nothing to do" is no help to somebody who was not heard. */
export function adviceOf(analysis: SessionAnalysis, own: string, { told, microphones }: CallSide): string {
  if (!isQuiet(analysis)) return own;
  if (told !== null) return told.advice;
  const [first] = microphones;
  if (first === undefined) return isUnmeasured(analysis) ? unmeasured.advice : own;
  const isTheirs = first.sessionId === analysis.sessionId;
  const others = microphones.length - 1;
  const whose = `${isTheirs ? "this person’s" : "the other person’s"} microphone${others > 0 ? " and others" : ""}`;
  return first.isChosen
    ? `If somebody was not heard: ${whose} was switched off in the app, as told above. Switch it on before speaking; nothing else has to change.`
    : `If somebody was not heard: ${whose} gave no sound, as told above. Look whether it is muted in the app, on the headset or in the system.`;
}
