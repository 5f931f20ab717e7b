import { describeObservation, describeVerdict } from "@peerscope/observer";
import type { SessionAnalysis } from "@peerscope/schema";
import { classWords } from "../words/labels.ts";
import { clock, day, duration, type Zone } from "../words/time.ts";

/** The session in plain text for a ticket: what, when, cause, evidence, advice, link. */
export function ticketText(analysis: SessionAnalysis, link: string, zone: Zone, now: number): string {
  const { verdict, observations, score, start, end } = analysis;
  const words = describeVerdict(verdict, observations, { sessionStart: start });
  const list = (title: string, lines: readonly string[], none: string): string[] => [
    title,
    ...(lines.length === 0 ? [`  - ${none}`] : lines.map((line) => `  - ${line}`)),
  ];
  const worst = observations.filter((observation) => observation.severity !== "info").slice(0, 5);
  const scoreText =
    score.value === null
      ? classWords[score.class]
      : `${Math.round(score.value)} of 100 (${classWords[score.class]})`;
  return [
    words.headline,
    "",
    `Session: ${analysis.sessionId}${analysis.userId === null ? "" : `, user ${analysis.userId}`}${analysis.callId === null ? "" : `, call ${analysis.callId}`}`,
    `When: ${day(start, now, zone)} ${clock(start, zone)} to ${clock(end, zone)}${zone === "utc" ? " UTC" : ""} (${duration(end - start)})`,
    `Score: ${scoreText}`,
    `Confidence: ${words.confidenceWord}`,
    ...list("Why:", words.forLines, "no single signal stands out"),
    ...list("Against:", words.againstLines, "nothing speaks against it"),
    ...list("Missing:", words.missingLines, "nothing that would change this"),
    ...(worst.length === 0
      ? []
      : list(
          "Noticed:",
          worst.map((observation) => describeObservation(observation, { sessionStart: start }).sentence),
          "",
        )),
    `What to tell them: ${words.advice}`,
    "",
    link,
  ].join("\n");
}
