import { analyseCall } from "@peerscope/observer";
import type { CallExpectation, Capture, CaptureTruth, Expectation } from "@peerscope/scenarios";
import type { CallPeople, FaultDomain, SessionRecord, Severity, Verdict } from "@peerscope/schema";
import { watchSession, type WatchedSession } from "./eval-live.ts";

/**
 * What of a recording was analysed: its getStats reports alone, together with what its pages noted as events, or the dump that
 * chrome://webrtc-internals gave of one participant.
 */
export type EvalInput = "statistics" | "with events" | "webrtc-internals";

/** The records of one participant in one form. */
export interface EvalSession {
  readonly sessionId: string;
  readonly peer: string;
  readonly userId: string;
  readonly records: readonly SessionRecord[];
}

/** What was said of one participant or of the call, beside what should have been. */
export interface Judgement {
  /** Participant, or "call". */
  readonly subject: string;
  /** Any is right; null: nothing stated. */
  readonly expectedCauses: readonly (string | null)[];
  readonly expectedDomains: readonly FaultDomain[];
  /** Where the fault was: "nothing", "path", "unknown" or a domain; what was stated, when that is right. */
  readonly expectedPlace: string;
  readonly statedCause: string | null;
  readonly faultDomain: FaultDomain;
  readonly confidence: number;
  readonly statedPlace: string;
  readonly isCauseRight: boolean;
  /** What is wrong; empty: all is right. */
  readonly wrong: readonly string[];
}

/** Something above info that was shown, and is said to have begun, where nothing was done. */
export interface FalseAlarm {
  readonly peer: string;
  readonly observationId: string;
  readonly severity: Severity;
  /** Seconds after the start of the recording at which it was shown. */
  readonly atSeconds: number;
}

/** How soon one participant's session showed what was done, and showed it as over. */
export interface Delays {
  readonly peer: string;
  /** From its onset until a right cause was shown above info; null: it never was. */
  readonly detectionMs: number | null;
  /** From the recovery until no right cause was open any more; null: there was no recovery, or nothing was shown. */
  readonly clearingMs: number | null;
  /** The recording ends with one open: `clearingMs` is what was recorded, the least it can be. */
  readonly isOpenAtEnd: boolean;
}

/** All that was found of one recording in one form. */
export interface CallResult {
  readonly capture: string;
  readonly input: EvalInput;
  readonly judgements: readonly Judgement[];
  readonly falseAlarms: readonly FalseAlarm[];
  readonly delays: readonly Delays[];
  /** Recorded seconds in which nothing may be raised, summed over the participants. */
  readonly cleanSeconds: number;
}

/** After a recovery, ms in which what was harmed may still be raised: windows and receiver reports tell late. Ours. */
const graceMs = 15_000;

const pathEnds: readonly FaultDomain[] = ["publisher-uplink", "receiver-downlink"];

/** Analyses one recording as it came in, and holds the result against its truth. The call is judged when all of it is there. */
export function evaluateCall(
  { truth, name, sessions: all }: Capture,
  input: EvalInput,
  given: readonly EvalSession[],
): CallResult {
  const sessions = given.map(({ sessionId, peer, userId, records }) => ({
    peer,
    userId,
    watched: watchSession({ sessionId, peer }, records),
  }));
  const isVisible = ({ needsEvents }: Expectation): boolean => input !== "statistics" || !needsEvents;
  const judgements: Judgement[] = [];
  for (const { peer, watched } of sessions) {
    const expectation = truth.peers.get(peer);
    if (expectation === undefined || !isVisible(expectation)) continue;
    judgements.push(judge(peer, expectation, watched.analysis.verdict, missingIn(expectation, watched)));
  }
  if (truth.call !== null && isVisible(truth.call) && given.length === all.length) {
    const { verdict, people } = analyseCall(sessions.map(({ watched }) => watched.analysis));
    const names = new Map(sessions.map(({ peer, userId }) => [peer, [peer, userId]]));
    judgements.push(
      judge("call", truth.call, verdict, wrongPath(truth.call, people ?? null, verdict, names)),
    );
  }
  return {
    capture: name,
    input,
    judgements,
    falseAlarms: sessions.flatMap(({ peer, watched }) => falseAlarms(peer, watched, truth)),
    delays: sessions.flatMap(({ peer, watched }) => {
      const expectation = truth.peers.get(peer);
      return expectation === undefined || !isVisible(expectation)
        ? []
        : delaysOf(peer, watched, expectation, truth);
    }),
    cleanSeconds: sessions.reduce((sum, { watched }) => sum + cleanMs(watched, truth) / 1000, 0),
  };
}

function judge(
  subject: string,
  expectation: Expectation,
  verdict: Verdict,
  alsoWrong: readonly string[],
): Judgement {
  const { causes, domains, alternatives } = expectation;
  const { statedCause, faultDomain, confidence } = verdict;
  const isCauseRight = causes.includes(statedCause);
  const wrong: string[] = [];
  if (!isCauseRight) wrong.push(statedCause === null ? "no cause stated" : `cause ${statedCause}`);
  if (!domains.includes(faultDomain)) wrong.push(`domain ${faultDomain}`);
  const named = verdict.alternatives.map((alternative) => alternative.faultDomain);
  if (statedCause !== null && faultDomain === "unknown")
    for (const domain of alternatives) if (!named.includes(domain)) wrong.push(`${domain} is no alternative`);
  wrong.push(...alsoWrong);
  const statedPlace =
    statedCause === null
      ? "nothing"
      : faultDomain === "unknown" && pathEnds.every((end) => named.includes(end))
        ? "path"
        : faultDomain;
  return {
    subject,
    expectedCauses: causes,
    expectedDomains: domains,
    expectedPlace: wrong.length === 0 ? statedPlace : placeOf(expectation),
    statedCause,
    faultDomain,
    confidence,
    statedPlace,
    isCauseRight,
    wrong,
  };
}

function placeOf({ causes, domains, alternatives }: Expectation): string {
  if (causes.every((cause) => cause === null)) return "nothing";
  const [domain = "unknown"] = domains;
  return domain === "unknown" && pathEnds.every((end) => alternatives.includes(end)) ? "path" : domain;
}

function missingIn({ observations }: Expectation, { seen }: WatchedSession): string[] {
  return observations.filter((id) => !seen.some((other) => other.id === id)).map((id) => `${id} not found`);
}

/** A path is stated with who sends and who receives; the wrong way is as wrong as the wrong cause. */
function wrongPath(
  { path, causes }: CallExpectation,
  people: CallPeople | null,
  { statedCause }: Verdict,
  names: ReadonlyMap<string, readonly string[]>,
): string[] {
  if (statedCause === null || !causes.includes(statedCause)) return [];
  const wrong: string[] = [];
  for (const end of ["sender", "receiver"] as const) {
    const expected = path[end];
    const stated = people?.[end] ?? null;
    if (expected !== undefined && (stated === null || names.get(expected)?.includes(stated) !== true))
      wrong.push(`${end} ${stated ?? "not named"} instead of ${expected}`);
  }
  if (path.sender !== undefined && path.receiver !== undefined && people?.bothWays === true)
    wrong.push("said of both ways");
  return wrong;
}

/** Where nothing was done: [from, to) in Unix ms. */
function cleanStretches({ start, end }: WatchedSession, truth: CaptureTruth): [number, number][] {
  if (truth.healthy) return [[start, end]];
  const clean: [number, number][] = [];
  let from = start;
  for (const impairment of truth.impairments.toSorted((a, b) => a.from - b.from)) {
    if (impairment.from > from) clean.push([from, impairment.from]);
    from = Math.max(from, impairment.to === null ? end : impairment.to + graceMs);
  }
  if (end > from) clean.push([from, end]);
  return clean;
}

function cleanMs(watched: WatchedSession, truth: CaptureTruth): number {
  return cleanStretches(watched, truth).reduce((sum, [from, to]) => sum + to - from, 0);
}

function falseAlarms(peer: string, watched: WatchedSession, truth: CaptureTruth): FalseAlarm[] {
  const clean = cleanStretches(watched, truth);
  const isClean = (at: number): boolean => clean.some(([from, to]) => at >= from && at <= to);
  // What is shown late of the time when harm was done is late, not false.
  return watched.seen
    .filter(({ seenAt, startedAt }) => isClean(seenAt) && isClean(startedAt))
    .map(({ id, severity, seenAt }) => ({
      peer,
      observationId: id,
      severity,
      atSeconds: (seenAt - watched.start) / 1000,
    }));
}

/** Of one who must have been told a cause. Where silence is right too, there is no delay to speak of. */
function delaysOf(
  peer: string,
  { seen, end }: WatchedSession,
  { causes }: Expectation,
  { impairments, isTimed }: CaptureTruth,
): Delays[] {
  if (!isTimed || impairments.length === 0 || causes.includes(null)) return [];
  const from = Math.min(...impairments.map((impairment) => impairment.from));
  const hit = seen.find(({ id, seenAt }) => causes.includes(id) && seenAt >= from);
  const detectionMs = hit === undefined ? null : hit.seenAt - from;
  const to = impairments.some((impairment) => impairment.to === null)
    ? null
    : Math.max(...impairments.map((impairment) => impairment.to ?? end));
  if (to === null || to >= end || hit === undefined)
    return [{ peer, detectionMs, clearingMs: null, isOpenAtEnd: false }];
  const relevant = seen.filter(
    ({ id, seenAt, goneAt }) => causes.includes(id) && seenAt <= to + graceMs && (goneAt ?? end) >= from,
  );
  const isOpenAtEnd = relevant.some(({ goneAt }) => goneAt === null);
  const last = Math.max(to, ...relevant.map(({ goneAt }) => goneAt ?? end));
  return [{ peer, detectionMs, clearingMs: last - to, isOpenAtEnd }];
}
