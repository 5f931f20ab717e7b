import type { CallPeople, Evidence, FaultDomain, Observation, ScoreReason, Verdict } from "@peerscope/schema";
import { domainTexts, lineTexts, missingTexts, termTexts, unknownTerm, verdictTexts } from "./catalogue.ts";
import { type Facts, type ObservationTexts, unknownObservation } from "./observation-texts.ts";
import { observationTexts } from "./observations/index.ts";
import { evidenceLabels } from "./evidence-labels.ts";
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

/** How a verdict speaks. */
export interface DescribeVerdictOptions extends DescribeOptions {
  /** In a call view: whom the verdict is about (`CallAnalysis.people`). Without it "this person" and "the other side" are said. */
  readonly people?: CallPeople | null | undefined;
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

/** Texts of the catalogue, of the project that defined the observation, or of neither. */
function textsOf({ id, words }: Pick<Observation, "id" | "words">): ObservationTexts {
  const texts = own(observationTexts, id);
  if (texts !== undefined || words === undefined) return texts ?? unknownObservation;
  return {
    title: () => shorten(words.title),
    sentence: (facts) => `${shorten(words.meaning)}${facts.size === "" ? "" : ` (${facts.size.slice(2)})`}`,
    measured: "",
    support: () => shorten(words.support),
    developer: () => shorten(words.developer),
  };
}

/** "Time frozen: 4.2 s (limit 3 s), 03:10 to 03:20 [inbound-rtp.totalFreezesDuration]". */
function evidenceLine(of: Evidence, options: DescribeOptions): string {
  const name = fullName(of);
  const label = own(evidenceLabels, name) ?? own(evidenceLabels, of.field) ?? sentenceCase(spaced(of.field));
  return lineTexts.evidence(
    label,
    formatValue(of.value, of.unit),
    of.limit === undefined ? null : formatQuantity(of.limit, of.unit),
    formatRange(of.from, of.to, options.sessionStart),
    name,
  );
}

const fullName = (of: { readonly stat: string; readonly field: string }): string =>
  shorten(`${of.stat}.${of.field}`);

/** "jitterBufferDelay" becomes "jitter buffer delay". */
const spaced = (name: string): string =>
  shorten(name)
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replaceAll(/[-_.]+/g, " ")
    .toLowerCase();

/** A missing input: a W3C or event name is put into words, a sentence is kept. */
function missingLine(name: string): string {
  const text = shorten(name);
  const first = text.split(" ")[0] ?? "";
  const known = own(evidenceLabels, first) ?? own(evidenceLabels, first.slice(first.indexOf(".") + 1));
  if (known !== undefined) return lineTexts.notReported(known, text);
  return /[.-]/.test(first) ? lineTexts.notReported(sentenceCase(spaced(first)), text) : sentenceCase(text);
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
  const { scope, peak, clearedAt } = observation;
  const kind = scope.kind ?? kindFromEvidence(observation.evidence);
  const measured =
    peak !== null && typeof peak.value === "number" && Number.isFinite(peak.value) ? peak : null;
  const limitOf = measured?.limit ?? observation.evidence.find((of) => sameSeries(of, measured))?.limit;
  const limit =
    measured === null || limitOf === undefined || !Number.isFinite(limitOf)
      ? ""
      : ` (limit ${formatQuantity(limitOf, measured.unit)})`;
  const worst = measured === null ? null : formatValue(measured.value, measured.unit);
  return {
    media: kind === "audio" ? "sound" : kind === "video" ? "picture" : "sound or picture",
    kind,
    direction: scope.direction ?? null,
    ongoing: clearedAt === null,
    when: whenOf(observation, options),
    size: worst === null ? "" : `, ${worst} at worst${limit}`,
    share: worst === null ? "" : `, up to ${worst} of the time${limit}`,
    is: (name, value) => observation.evidence.some((of) => fullName(of) === name && of.value === value),
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
  const asked = evidence.find((of) => of.field === "kindsAsked")?.value;
  return asked === "audio" || asked === "video" ? asked : null;
}

/**
 * An observation in words for people: a title, one sentence that a support agent understands followed by how it was measured,
 * evidence for and against with values and limits, what was missing, and what to do, by whom.
 */
export function describeObservation(
  observation: Observation,
  options: DescribeOptions = {},
): ObservationDescription {
  const texts = textsOf(observation);
  const facts = factsOf(observation, options);
  const parts = [texts.sentence(facts)];
  const { verdict } = observation;
  if (verdict !== null && verdict.faultDomain !== "unknown") {
    const word = confidenceWord(verdict);
    if (word !== "unknown") parts.push(verdictTexts.headline[word](domainTexts[verdict.faultDomain].name));
  }
  if (observation.parentId !== null) parts.push(lineTexts.follows);
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

/** What the text of a signal is about, where the text alone does not say. */
function signalLine(
  signal: Verdict["for"][number],
  observations: readonly Observation[],
  options: DescribeOptions,
): string {
  const { observationId, weight, from, to } = signal;
  const about = weight === 0 ? observations.find((of) => of.id === observationId) : undefined;
  const text =
    about === undefined
      ? sentenceCase(shorten(signal.text))
      : verdictTexts.effect(textsOf(about).title(factsOf(about, options)), shorten(signal.text));
  const range = from === undefined ? null : formatRange(from, to ?? null, options.sessionStart);
  return range === null ? text : `${text} (${range})`;
}

/** Which way the media of an observation flows for this person; null for both, and for the path itself. */
function directionOf(observation: Observation | undefined): "inbound" | "outbound" | null {
  if (observation === undefined) return null;
  if (observation.scope.direction !== undefined) return observation.scope.direction;
  if (observation.id.startsWith("uplink-")) return "outbound";
  return observation.id.startsWith("downlink-") ? "inbound" : null;
}

/** Which of the two people of a path a domain belongs to. */
function roleOf(domain: FaultDomain): "sender" | "receiver" | null {
  if (domainTexts[domain].owned === null) return null;
  return domain.startsWith("publisher-") ? "sender" : "receiver";
}

/** How domains are named: as seen by one person, or by the names of both. */
interface Viewpoint {
  readonly direction: "inbound" | "outbound" | null;
  readonly people: CallPeople | null;
}

/** A domain as this person's own or the other side's: their loss on the way in began at the other side's way out. */
function nameOf(domain: FaultDomain, { direction, people }: Viewpoint): string {
  const texts = domainTexts[domain];
  const isLine = own<string>(verdictTexts.lines, domain) !== undefined;
  const role = roleOf(domain);
  if (people !== null && role !== null && texts.owned !== null) {
    const person = shorten(people[role] ?? verdictTexts.unnamed[role]);
    const isWhole = direction === null || people.bothWays === true;
    return verdictTexts.owned(person, isWhole && isLine ? verdictTexts.line : texts.owned);
  }
  if (direction === null) return own<string>(verdictTexts.lines, domain) ?? texts.name;
  return texts.direction === null || texts.direction === direction ? texts.name : (texts.other ?? texts.name);
}

/** Alternatives worth naming, without saying the same words twice. */
const alternativeNames = (verdict: Verdict, view: Viewpoint): string[] => {
  const names = verdict.alternatives
    .filter(({ faultDomain, confidence }) => faultDomain !== "unknown" && confidence > 0)
    .slice(0, 3)
    .map(({ faultDomain }) => nameOf(faultDomain, view));
  return [...new Set(names)];
};

const severities = ["info", "minor", "major", "critical"] as const;

/** The most severe observation that satisfies a condition; the earliest of equals. */
function worstOf(
  observations: readonly Observation[],
  condition: (of: Observation) => boolean,
): Observation | undefined {
  const rank = (of: Observation): number => severities.indexOf(of.severity);
  return observations.filter(condition).toSorted((a, b) => rank(b) - rank(a) || a.startedAt - b.startedAt)[0];
}

interface Stated {
  readonly observation: Observation;
  readonly texts: ObservationDescription;
}

function headlineOf(verdict: Verdict, cause: Stated | null, effect: Stated | null, view: Viewpoint): string {
  const word = confidenceWord(verdict);
  if (word !== "unknown") {
    const headline = verdictTexts.headline[word](nameOf(verdict.faultDomain, view));
    return cause === null ? headline : `${headline} ${cause.texts.title}.`;
  }
  const shown = cause ?? effect;
  if (shown === null) return verdictTexts.nothing;
  const names = alternativeNames(verdict, view);
  return [
    statedWay(shown, cause === null ? null : view),
    cause === null ? verdictTexts.noCause : verdictTexts.noEnd,
    ...(names.length > 0 ? [verdictTexts.couldBe(names)] : []),
  ].join(" ");
}

/** The title of what is stated; in a call view of a path with its two ends. */
function statedWay({ texts }: Stated, view: Viewpoint | null): string {
  const sender = view?.people?.sender ?? null;
  const receiver = view?.people?.receiver ?? null;
  if (view === null || view.direction === null || sender === null || receiver === null)
    return `${texts.title}.`;
  const words = view.people?.bothWays === true ? verdictTexts.bothWays : verdictTexts.way;
  return words(texts.title, shorten(sender), shorten(receiver));
}

/** A verdict in words: headline, how sure, what speaks for and against, what was missing, and what to do. */
export function describeVerdict(
  verdict: Verdict,
  observations: readonly Observation[],
  options: DescribeVerdictOptions = {},
): VerdictDescription {
  const describe = (observation: Observation | undefined): Stated | null =>
    observation === undefined ? null : { observation, texts: describeObservation(observation, options) };
  const cause = describe(worstOf(observations, (of) => of.id === verdict.statedCause));
  const effect = describe(worstOf(observations, (of) => of.severity !== "info"));
  const headline = headlineOf(verdict, cause, effect, {
    direction: directionOf(cause?.observation),
    people: options.people ?? null,
  });
  return {
    headline,
    confidenceWord: confidenceWord(verdict),
    forLines: verdict.for.map((signal) => signalLine(signal, observations, options)),
    againstLines: verdict.against.map((signal) => signalLine(signal, observations, options)),
    missingLines: verdict.missing.map(({ what }) => missingSentence(what)),
    advice:
      headline === verdictTexts.nothing
        ? verdictTexts.nothingAdvice
        : (cause?.texts.supportAdvice ?? domainTexts[verdict.faultDomain].advice),
  };
}

/** One sentence. What is missing may be an observation that could not be computed. */
function missingSentence(what: string): string {
  const known = own(missingTexts, what);
  if (known !== undefined) return known;
  const texts = own(observationTexts, what);
  return texts === undefined
    ? verdictTexts.missing(sentenceCase(shorten(what)))
    : verdictTexts.check(texts.title(noFacts));
}

/** For a title without an observation behind it. */
const noFacts: Facts = {
  media: "sound or picture",
  kind: null,
  direction: null,
  ongoing: false,
  when: "",
  size: "",
  share: "",
  is: () => false,
};

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
  return { points, title, time, sentence: lineTexts.points(points, title.toLowerCase(), duration + where) };
}

/** A fault domain in words; `person` names the participant in a call view ("Dee's incoming line"). */
export function describeFaultDomain(
  domain: FaultDomain,
  options: { readonly person?: string } = {},
): FaultDomainDescription {
  const { name, owned, meaning, advice } = domainTexts[domain];
  const person = options.person === undefined ? "" : shorten(options.person);
  return {
    name: person !== "" && owned !== null ? verdictTexts.owned(person, owned) : name,
    meaning,
    advice,
  };
}
