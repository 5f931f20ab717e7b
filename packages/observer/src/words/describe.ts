import type { Evidence, FaultDomain, JsonValue, Observation, ScoreReason, Verdict } from "@peerscope/schema";
import {
  domainTexts,
  evidenceLabels,
  observationTexts,
  termTexts,
  unknownObservation,
  unknownTerm,
  verdictTexts,
  type Facts,
  type ObservationTexts,
} from "./catalogue.ts";
import {
  formatDuration,
  formatNumber,
  formatQuantity,
  formatRange,
  formatTime,
  formatValue,
  sentenceCase,
  shorten,
} from "./format.ts";

/** How the texts speak about time and people. */
export interface DescribeOptions {
  /** Unix ms. When given, times are printed relative to it as mm:ss; else only durations are. */
  readonly sessionStart?: number;
}

/** An observation in words. */
export interface ObservationDescription {
  /** At most 60 characters. */
  readonly title: string;
  /** What happened to whom, then how it was measured. */
  readonly sentence: string;
  readonly evidence: readonly string[];
  readonly counter: readonly string[];
  readonly missing: readonly string[];
  readonly supportAdvice: string;
  readonly developerAdvice: string;
}

/** Words for how sure a verdict is. */
export type ConfidenceWord = "almost certain" | "likely" | "possible" | "unknown";

/** A verdict in words. */
export interface VerdictDescription {
  readonly headline: string;
  readonly confidenceWord: ConfidenceWord;
  readonly forLines: readonly string[];
  /** Empty when nothing speaks against it. */
  readonly againstLines: readonly string[];
  readonly missingLines: readonly string[];
  readonly advice: string;
}

/** A line of the score's deductions in words. */
export interface ScoreReasonDescription {
  /** "38" or "4.2"; without sign. */
  readonly points: string;
  readonly title: string;
  /** "03:10 to 09:45"; null without `sessionStart`, or where a moment says nothing. */
  readonly time: string | null;
  readonly sentence: string;
}

/** A fault domain in words. */
export interface FaultDomainDescription {
  readonly name: string;
  readonly meaning: string;
  readonly advice: string;
}

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

const textsOf = (id: string): ObservationTexts => own(observationTexts, id) ?? unknownObservation;

/** "Time frozen: 4.2 s (limit 3 s), 03:10 to 03:20 [inbound-rtp.totalFreezesDuration]". */
function evidenceLine(of: Evidence, options: DescribeOptions): string {
  const name = fullName(of);
  const label = own(evidenceLabels, name) ?? own(evidenceLabels, of.field) ?? sentenceCase(spaced(of.field));
  const limit = of.limit === undefined ? "" : ` (limit ${formatQuantity(of.limit, of.unit)})`;
  const range = formatRange(of.from, of.to, options.sessionStart);
  const time = range === null ? "" : `, ${range}`;
  return `${label}: ${formatValue(of.value, of.unit)}${limit}${time} [${name}]`;
}

const fullName = (of: { readonly stat: string; readonly field: string }): string =>
  shorten(`${of.stat}.${of.field}`);

/** "jitterBufferDelay" becomes "jitter buffer delay". */
const spaced = (name: string): string =>
  shorten(name)
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/[-_.]+/g, " ")
    .toLowerCase();

/** A missing input: a sentence is kept, a name is put into words. */
function missingLine(name: string): string {
  const text = shorten(name);
  if (text.includes(" ")) return sentenceCase(text);
  const field = text.slice(text.indexOf(".") + 1);
  const label = own(evidenceLabels, text) ?? own(evidenceLabels, field) ?? sentenceCase(spaced(text));
  return `${label}: not reported [${text}]`;
}

function whenOf(observation: Observation, options: DescribeOptions): string {
  const { startedAt, clearedAt } = observation;
  const start = formatTime(startedAt, options.sessionStart);
  if (clearedAt === null) return start === null ? "" : ` since ${start}`;
  const ms = clearedAt - startedAt;
  const lasted = ms >= 100 ? formatDuration(ms) : null;
  if (start === null) return lasted === null ? "" : ` for ${lasted}`;
  const end = formatTime(clearedAt, options.sessionStart);
  if (lasted === null || end === null || start === end) return ` at ${start}`;
  return ` from ${start} to ${end} (${lasted})`;
}

function factsOf(observation: Observation, options: DescribeOptions): Facts {
  const { scope, peak, startedAt, clearedAt } = observation;
  const kind = scope.kind ?? kindFromEvidence(observation.evidence);
  const find = (name: string): Evidence | undefined =>
    observation.evidence.find((of) => `${of.stat}.${of.field}` === name);
  const measured =
    peak !== null && typeof peak.value === "number" && Number.isFinite(peak.value) ? peak : null;
  const limitOf = measured?.limit ?? observation.evidence.find((of) => sameSeries(of, measured))?.limit;
  const peakText = measured === null ? null : formatValue(measured.value, measured.unit);
  const limit =
    measured === null || limitOf === undefined || !Number.isFinite(limitOf)
      ? null
      : formatQuantity(limitOf, measured.unit);
  return {
    media: kind === "audio" ? "sound" : kind === "video" ? "picture" : "sound and picture",
    kind,
    direction: scope.direction ?? null,
    ongoing: clearedAt === null,
    when: whenOf(observation, options),
    lasted: clearedAt === null ? null : formatDuration(clearedAt - startedAt),
    peak: peakText,
    limit,
    size: peakText === null ? "" : `, ${peakText} at worst${limit === null ? "" : ` (limit ${limit})`}`,
    evidence: (name) => {
      const of = find(name);
      return of === undefined ? null : formatValue(of.value, of.unit);
    },
    is: (name, value) => find(name)?.value === value,
  };
}

const sameSeries = (of: Evidence, as: Evidence | null): boolean =>
  as !== null &&
  of.limit !== undefined &&
  of.stat === as.stat &&
  of.field === as.field &&
  of.unit === as.unit;

/** Permission and device errors say in their evidence which kinds were asked for. */
function kindFromEvidence(evidence: readonly Evidence[]): "audio" | "video" | null {
  for (const { field, value } of evidence) {
    if (field !== "kind" && field !== "kinds") continue;
    const kinds: JsonValue = value;
    const asked = typeof kinds === "string" ? kinds : JSON.stringify(kinds);
    const [audio, video] = [/audio/.test(asked), /video/.test(asked)];
    if (audio !== video) return audio ? "audio" : "video";
  }
  return null;
}

/**
 * An observation in words for people: a title, one sentence that a support agent understands followed by how it was measured,
 * evidence for and against with values and limits, what was missing, and what to do, by whom.
 */
export function describeObservation(
  observation: Observation,
  options: DescribeOptions = {},
): ObservationDescription {
  const texts = textsOf(observation.id);
  const facts = factsOf(observation, options);
  const parts = [texts.sentence(facts)];
  const { verdict } = observation;
  if (verdict !== null && verdict.faultDomain !== "unknown") {
    const word = confidenceWord(verdict);
    if (word !== "unknown") parts.push(verdictTexts.headline[word](domainTexts[verdict.faultDomain].name));
  }
  if (observation.parentId !== null) parts.push("It follows from another observation.");
  if (texts.measured !== "") parts.push(texts.measured);
  return {
    title: texts.title(facts),
    sentence: parts.join(" "),
    evidence: observation.evidence.map((of) => evidenceLine(of, options)),
    counter: observation.counter.map((of) => evidenceLine(of, options)),
    missing: observation.missing.map(missingLine),
    supportAdvice: texts.support(facts),
    developerAdvice: texts.developer(facts),
  };
}

/**
 * almost certain: a definitive event (weight 0.9); likely: two or more independent signals; possible: one; unknown: no domain.
 */
export function confidenceWord(verdict: Verdict): ConfidenceWord {
  if (verdict.faultDomain === "unknown") return "unknown";
  if (verdict.confidence >= 0.9 && verdict.for.some((signal) => signal.weight >= 0.9))
    return "almost certain";
  return verdict.for.length >= 2 && verdict.confidence >= 0.6 ? "likely" : "possible";
}

function signalLine(signal: Verdict["for"][number], options: DescribeOptions): string {
  const text = sentenceCase(shorten(signal.text));
  const range =
    signal.from === undefined ? null : formatRange(signal.from, signal.to ?? null, options.sessionStart);
  return range === null ? text : `${text} (${range})`;
}

const nameOf = (domain: FaultDomain): string => domainTexts[domain].name;

/** Alternatives worth naming, without saying the same words twice. */
const alternativeNames = (verdict: Verdict): string[] => {
  const names = verdict.alternatives
    .filter(({ faultDomain, confidence }) => faultDomain !== "unknown" && confidence > 0)
    .slice(0, 2)
    .map(({ faultDomain }) => nameOf(faultDomain));
  return [...new Set(names)];
};

function headlineOf(
  verdict: Verdict,
  cause: ObservationDescription | null,
  observations: readonly Observation[],
): string {
  const word = confidenceWord(verdict);
  if (word !== "unknown") {
    const headline = verdictTexts.headline[word](nameOf(verdict.faultDomain));
    return cause === null ? headline : `${headline} ${cause.title}.`;
  }
  const troubled = observations.some((of) => of.severity !== "info");
  if (cause === null && !troubled) return verdictTexts.nothing;
  const names = alternativeNames(verdict);
  const ends = names.length > 0 ? [verdictTexts.couldBe(names)] : [];
  if (cause === null) return [verdictTexts.noCause, ...ends].join(" ");
  return [`${cause.title}.`, verdictTexts.noEnd, ...ends].join(" ");
}

/** A verdict in words: headline, how sure, what speaks for and against, what was missing, and what to do. */
export function describeVerdict(
  verdict: Verdict,
  observations: readonly Observation[],
  options: DescribeOptions = {},
): VerdictDescription {
  const stated = observations.find((of) => of.id === verdict.statedCause);
  const cause = stated === undefined ? null : describeObservation(stated, options);
  const headline = headlineOf(verdict, cause, observations);
  const nothing = headline === verdictTexts.nothing;
  return {
    headline,
    confidenceWord: confidenceWord(verdict),
    forLines: verdict.for.map((signal) => signalLine(signal, options)),
    againstLines: verdict.against.map((signal) => signalLine(signal, options)),
    missingLines: verdict.missing.map(({ what, why, wouldDecide }) =>
      verdictTexts.missing(sentenceCase(shorten(what)), shorten(why), [...new Set(wouldDecide.map(nameOf))]),
    ),
    advice: nothing
      ? verdictTexts.nothingAdvice
      : (cause?.supportAdvice ?? domainTexts[verdict.faultDomain].advice),
  };
}

/** A line of the score's deductions in words: "38 points: sound broke up, 03:10 to 09:45." */
export function describeScoreReason(
  reason: ScoreReason,
  options: DescribeOptions = {},
): ScoreReasonDescription {
  const texts = own(termTexts, reason.term) ?? unknownTerm;
  const title = sentenceCase(reason.subject.startsWith("video") ? texts.video : texts.audio);
  const points = formatNumber(Number(reason.points.toFixed(reason.points >= 10 ? 0 : 1)));
  const moment = reason.term === "drop";
  const time = formatRange(reason.from, moment ? null : reason.to, options.sessionStart);
  const duration = reason.term === "join" ? `, ${formatDuration(reason.to - reason.from)}` : "";
  const where = time === null ? "" : `, ${time}`;
  const unit = points === "1" ? "point" : "points";
  return { points, title, time, sentence: `${points} ${unit}: ${title.toLowerCase()}${duration}${where}.` };
}

/** A fault domain in words; `person` names the participant in a call view ("Dee's incoming line"). */
export function describeFaultDomain(
  domain: FaultDomain,
  options: { readonly person?: string } = {},
): FaultDomainDescription {
  const { name, owned, meaning, advice } = domainTexts[domain];
  const person = options.person === undefined ? "" : shorten(options.person);
  return { name: person !== "" && owned !== null ? `${person}'s ${owned}` : name, meaning, advice };
}
