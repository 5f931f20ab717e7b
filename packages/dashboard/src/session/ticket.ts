import { describeObservation, describeScoreReason, describeVerdict } from "@peerscope/observer";
import type { SessionAnalysis } from "@peerscope/schema";
import { causeWords } from "../words/causes.ts";
import { plainSentence } from "../words/code.tsx";
import { classWords } from "../words/labels.ts";
import { clock, day, duration, position, type Zone } from "../words/time.ts";
import { unscoredWords } from "../words/unscored.ts";
import { adviceOf, headlineOf, isQuiet, microphoneWords, type CallSide } from "./call-side.ts";
import { ordered } from "./observations-order.ts";
import type { ReportedIssue } from "./notes/reported-issues.ts";

/** What the text is made of. */
export interface TicketParts {
  readonly analysis: SessionAnalysis;
  readonly side: CallSide;
  readonly issues: readonly ReportedIssue[];
  /** Where all of it can be looked at. */
  readonly link: string;
  readonly zone: Zone;
  /** Unix ms. */
  readonly now: number;
}

/** Lines of a kind; a ticket is read by people, the rest is behind the link. Ours. */
const mostLines = 5;

/** What a client wrote, on a line of its own. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

/** The session in plain text for a ticket: what, when, cause, confidence, evidence, advice, link. */
export function ticketText({ analysis, side, issues, link, zone, now }: TicketParts): string {
  const { verdict, observations, score, start, end, sessionId, userId, callId } = analysis;
  const words = describeVerdict(verdict, observations, { sessionStart: start });
  const since = (at: number): string => position((at - start) / 1000);
  const groups = ordered(observations);
  const causes = groups.filter(({ observation }) => observation.id === verdict.statedCause).slice(0, 1);
  const measured = causes.flatMap(
    ({ observation }) => describeObservation(observation, { sessionStart: start }).evidence,
  );
  const noticed = observations.filter(({ severity }) => severity !== "info");
  const { what, where } = causeWords({
    statedCause: verdict.statedCause,
    faultDomain: verdict.faultDomain,
    observationIds: noticed.map(({ id }) => id),
    scoreClass: score.class,
  });
  const value = score.value === null ? "" : `${Math.round(score.value)} of 100 `;
  const lost = score.reasons.toSorted((a, b) => b.points - a.points)[0];
  return [
    headlineOf(analysis, words.headline),
    "",
    `Session: ${sessionId}${userId === null ? "" : `, user ${oneLine(userId)}`}${callId === null ? "" : `, call ${oneLine(callId)}`}`,
    `When: ${day(start, now, zone)} ${clock(start, zone)} to ${clock(end, zone)}${zone === "utc" ? " UTC" : ` (UTC${offsetWords(start)})`}, ${duration(end - start)}`,
    ...list(
      "Reported by the user:",
      issues.map(({ at, code, text }) => `${since(at)} ${code}${text === null ? "" : `: ${oneLine(text)}`}`),
    ),
    `Score: ${value === "" ? `${classWords[score.class]}${score.class === "not-measured" ? `: ${unscoredWords(score.reason)}` : ""}` : `${value}(${classWords[score.class]})`}${lost === undefined ? "" : `, most of it lost to: ${describeScoreReason(lost).title.toLowerCase()}`}`,
    `Cause: ${where === null ? what : `${what}. ${where}`}`,
    ...(side.told === null ? [] : [`Seen from the whole call: ${side.told.headline}`]),
    ...side.microphones.map((microphone) => {
      const { what: silent, meaning } = microphoneWords(microphone, end, since);
      return `${microphone.name === null ? "A microphone in this call" : `${oneLine(microphone.name)}'s microphone`} ${silent} ${meaning}`;
    }),
    // Where nothing was wrong there is nothing to be sure of.
    ...(isQuiet(analysis) ? [] : [`Confidence: ${words.confidenceWord}`]),
    ...list("Why:", words.forLines, "no single signal stands out"),
    ...list("Evidence:", measured.slice(0, 3)),
    ...list("Against:", words.againstLines, "nothing speaks against it"),
    ...list("Missing:", words.missingLines, "nothing that would change this"),
    ...list(
      "Noticed:",
      groups
        .flatMap(({ observation, effects }) => [observation, ...effects])
        .filter(({ severity }) => severity !== "info")
        .map((observation) =>
          plainSentence(describeObservation(observation, { sessionStart: start }).sentence),
        ),
    ),
    `What to tell them: ${adviceOf(analysis, words.advice, side)}`,
    "",
    link,
  ].join("\n");
}

/** A title with its lines. Without any: what `none` says, or nothing at all. */
function list(title: string, lines: readonly string[], none?: string): string[] {
  if (lines.length === 0) return none === undefined ? [] : [title, `  - ${none}`];
  const left = lines.length - mostLines;
  return [
    title,
    ...lines.slice(0, mostLines).map((line) => `  - ${line}`),
    ...(left > 0 ? [`  - and ${left} more`] : []),
  ];
}

/** "+02:00": a ticket is read in other time zones too. */
function offsetWords(at: number): string {
  const minutes = -new Date(at).getTimezoneOffset();
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}
