import type { EndReason, Evidence, FaultDomain, Severity } from "@peerscope/schema";
import { longestReportMs } from "../derive/receiver-reports.ts";
import type { Subject } from "../model/streams.ts";
import { SmallMap } from "../pack/small-map.ts";
import type { ObservationDefinition } from "./definition.ts";
import { type OpenRecord, severityRank } from "./open-record.ts";
import { areGood, holds, isGood, mostlyExcluded, trim, type Vote } from "./votes.ts";

/** What is known of the trouble in a step beyond its value. */
export interface BadStep {
  /** When it was, where that is known better than the step itself. */
  readonly from?: number;
  readonly to?: number;
  /** It is far beyond the level although the value does not show it: the step counts twice. */
  readonly isStrong?: boolean;
  /** How many things its share is of, for what is counted: the fewer, the less the share means. */
  readonly counted?: number;
  /** Most that the step may count, in steps. */
  readonly atMost?: number;
  /** Of a good step: since when it is known from elsewhere that nothing is bad. Unix ms. */
  readonly quietSince?: number;
}

/** State of one level of one condition. */
interface LevelState {
  active: boolean;
  /** Milliseconds of judged steps below the clear value since the last one that was not. */
  quietMs: number;
}

/** The hysteresis of one (id, subject). */
interface Condition {
  readonly definition: ObservationDefinition;
  readonly subject: Subject;
  readonly votes: Vote[];
  readonly levels: LevelState[];
  record: OpenRecord | null;
  unknownMs: number;
  lastKnownAt: number | null;
}

/** What a vote changed; detectors add evidence to the record when it is not null. */
export type Change = {
  readonly kind: "opened" | "peak" | "worse" | "closed";
  readonly record: OpenRecord;
} | null;

/** An open record whose inputs are gone this long ends as not computable. Ours: five evaluation steps. */
const unknownEndsMs = 10_000;

/** Of every session in which nothing was bad yet; nothing is ever put into it. */
const noConditions = new Map<string, SmallMap<string, Condition>>();

const untuned: ReadonlyMap<string, ObservationDefinition> = new Map();
/** What a board refers to and all sessions share. */
export const boardConstants: readonly object[] = [noConditions, untuned];

/** Observations that one session can have; beyond it the log is damaged or hostile. Ours. */
const maximumRecords = 5000;

/** Other streams that are looked at beside one: what they say alike, a few of them say as well. Ours. */
const maximumBeside = 8;

/**
 * All findings of a session, and the one hysteresis mechanism behind them: one record per (id, subject) while it is
 * open; steps that a guard excludes count neither way; when more than half of a window is excluded nothing
 * is raised and an open record is held; every open record closes.
 */
export class Board {
  readonly records: OpenRecord[] = [];
  /** By key of the subject, then by id: no text is put together to find one. */
  private conditions: Map<string, SmallMap<string, Condition>> = noConditions;
  /** Inputs that were absent, by observation id; and ids that could be computed at least once. */
  private readonly absentInputs = new SmallMap<string, readonly string[]>();
  /** One bit for each definition, by its number. */
  private computed: number[] = nothingComputed;
  /** The definition that was noted last: a detector votes for one stream after the other. */
  private computedLast: ObservationDefinition | null = null;
  private readonly started = new SmallMap<string, number>();
  private readonly tuned: ReadonlyMap<string, ObservationDefinition>;

  /** `tuned`: definitions with the thresholds of a project, by id; the others are used as they are in the catalogue. */
  constructor(tuned: ReadonlyMap<string, ObservationDefinition> = untuned) {
    this.tuned = tuned;
  }

  /** The definition in force: with the project's thresholds where it has some. Detectors read their limits from it. */
  inForce(definition: ObservationDefinition): ObservationDefinition {
    if (this.tuned === untuned) return definition;
    return this.tuned.get(definition.id) ?? definition;
  }

  /** The named constants of a rule, with the project's value where it has one. `catalogued` are those of the definition. */
  thresholds<Constants extends { readonly [name: string]: number }>(
    definition: ObservationDefinition,
    catalogued: Constants,
  ): Constants {
    if (this.tuned === untuned) return catalogued;
    const tuned = this.tuned.get(definition.id);
    return tuned === undefined ? catalogued : { ...catalogued, ...tuned.thresholds };
  }

  /**
   * Judges one step. `value` is compared with the levels of the definition (more is worse); null excludes the
   * step (guards), use `unknown` for absent inputs.
   */
  vote(
    definition: ObservationDefinition,
    subject: Subject,
    from: number,
    to: number,
    value: number | null,
    bad?: BadStep,
  ): Change {
    if (value !== null && !Number.isFinite(value)) return null;
    if (value !== null) this.present(definition);
    const known = this.known(definition, subject);
    // Most conditions are never bad: they cost nothing until they are.
    if (known === undefined && isGood(this.inForce(definition), value)) return null;
    const condition = known ?? this.condition(definition, subject);
    condition.unknownMs = 0;
    const judgedUntil = condition.lastKnownAt;
    condition.lastKnownAt = to;
    condition.votes.push({
      from: bad?.from ?? from,
      to,
      lengthMs: Math.max(0, to - from),
      value,
      isStrong: bad?.isStrong ?? false,
      counted: bad?.counted ?? null,
      atMost: bad?.atMost ?? Number.POSITIVE_INFINITY,
    });
    trim(condition.votes, condition.definition, to);
    const opened = this.raiseLevels(condition, from, to, value, bad);
    // Reports of the far end come seconds apart: what one says goes back to the one before.
    const quietFrom =
      judgedUntil === null ? from : Math.max(Math.min(from, judgedUntil), to - longestReportMs);
    const closed = value === null ? null : this.letGo(condition, quietFrom, to, value, bad?.quietSince ?? to);
    if (condition.record === null && areGood(condition.definition, condition.votes)) {
      this.forget(condition);
    }
    return closed ?? opened;
  }

  /** Nothing bad is in its window: the next bad step finds it as new. */
  private forget({ definition, subject }: Condition): void {
    const ofSubject = this.conditions.get(subject.key);
    ofSubject?.delete(definition.id);
    if (ofSubject?.size === 0) this.conditions.delete(subject.key);
    if (this.conditions.size === 0) this.conditions = noConditions;
  }

  /** The inputs of this step are absent. Ends an open record as not computable after ten seconds. */
  unknown(definition: ObservationDefinition, subject: Subject, from: number, to: number): void {
    const condition = this.known(definition, subject);
    if (condition === undefined) return;
    condition.unknownMs += Math.max(0, to - from);
    if (condition.record !== null && condition.unknownMs >= unknownEndsMs) {
      this.close(condition, condition.lastKnownAt ?? to, "not-computable");
    }
  }

  /** Opens or updates a record without hysteresis: events and states that are proof by themselves. */
  raise(
    definition: ObservationDefinition,
    subject: Subject,
    at: number,
    severity: Severity,
  ): OpenRecord | null {
    this.present(definition);
    const condition = this.condition(definition, subject);
    if (condition.record !== null) {
      condition.record.severity = worse(condition.record.severity, severity);
      return condition.record;
    }
    condition.record = this.openRecord(condition, at, severity);
    return condition.record;
  }

  /** The open record of (id, subject), if there is one. */
  open(definition: ObservationDefinition, subject: Subject): OpenRecord | null {
    return this.known(definition, subject)?.record ?? null;
  }

  /** Closes the record of (id, subject) if it is open. */
  clear(
    definition: ObservationDefinition,
    subject: Subject,
    at: number,
    reason: EndReason = "cleared",
  ): OpenRecord | null {
    const condition = this.known(definition, subject);
    if (condition === undefined || condition.record === null) return null;
    const { record } = condition;
    this.close(condition, at, reason);
    return record;
  }

  /** The subject (a stream, a connection) is gone: its records close at once and its windows are forgotten. */
  removeSubject(subjectKey: string, at: number): void {
    for (const [key, conditions] of this.conditions) {
      if (!isWithin(key, subjectKey)) continue;
      for (const condition of conditions.values()) {
        this.close(condition, Math.min(at, lastBad(condition.record) ?? at), "subject-removed");
      }
      this.conditions.delete(key);
    }
  }

  /** A suspend or a clock jump: what was seen before does not count towards what is seen after. */
  forgetWindows(subjectKey: string): void {
    for (const [key, conditions] of this.conditions) {
      if (!isWithin(key, subjectKey)) continue;
      for (const condition of conditions.values()) condition.votes.length = 0;
    }
  }

  /** Notes that an observation lacks an input here, so that it is never taken for "ok". */
  absent(definition: ObservationDefinition, input: string): void {
    const inputs = this.absentInputs.get(definition.id);
    if (inputs === undefined) this.absentInputs.set(definition.id, listOf(input));
    else if (inputs.length < 8 && !inputs.includes(input))
      this.absentInputs.set(definition.id, [...inputs, input]);
  }

  /** Notes that the inputs of an observation are there, for those that do not vote, or only when something is wrong. */
  present(definition: ObservationDefinition): void {
    if (definition === this.computedLast) return;
    this.computedLast = definition;
    const number = numberOf(definition.id);
    const word = Math.floor(number / bitsOfWord);
    const known = this.computed[word] ?? 0;
    const bit = 1 << (number % bitsOfWord);
    if ((known & bit) !== 0) return;
    const computed = this.computed.slice();
    while (computed.length < word) computed.push(0);
    computed[word] = known | bit;
    this.computed = computed.slice();
  }

  private isComputed(id: string): boolean {
    const number = numberOf(id);
    return (((this.computed[Math.floor(number / bitsOfWord)] ?? 0) >> (number % bitsOfWord)) & 1) === 1;
  }

  /** Ids that could never be computed, with the inputs they lacked, in the order of their ids. */
  notComputable(): { id: string; inputs: string[] }[] {
    return [...this.absentInputs]
      .filter(([id]) => !this.isComputed(id))
      .map(([id, inputs]) => ({ id, inputs: [...inputs].sort() }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** The session is over: every open record ends, where its trouble was last seen. */
  endSession(at: number): void {
    for (const conditions of this.conditions.values()) {
      for (const condition of conditions.values()) {
        if (condition.record === null) continue;
        this.close(condition, Math.min(at, lastBad(condition.record) ?? at), "session-end");
      }
    }
  }

  private known(definition: ObservationDefinition, subject: Subject): Condition | undefined {
    if (this.conditions === noConditions) return undefined;
    return this.conditions.get(subject.key)?.get(definition.id);
  }

  private condition(definition: ObservationDefinition, subject: Subject): Condition {
    const known = this.known(definition, subject);
    if (known !== undefined) return known;
    const inForce = this.inForce(definition);
    const condition: Condition = {
      definition: inForce,
      subject,
      votes: [],
      levels: inForce.levels.map(() => ({ active: false, quietMs: 0 })),
      record: null,
      unknownMs: 0,
      lastKnownAt: null,
    };
    const ofSubject = this.conditions.get(subject.key);
    const conditions = ofSubject ?? new SmallMap<string, Condition>();
    conditions.set(definition.id, condition);
    if (ofSubject !== undefined) return condition;
    if (this.conditions === noConditions) this.conditions = new Map();
    this.conditions.set(subject.key, conditions);
    return condition;
  }

  /** Steps of the same condition for other streams of the connection in the same direction. */
  private beside({ definition, subject }: Condition): Vote[][] {
    const { pcId, direction } = subject.scope;
    const found: Vote[][] = [];
    for (const conditions of this.conditions.values()) {
      const other = conditions.get(definition.id);
      if (other === undefined || other.subject.key === subject.key) continue;
      const { scope } = other.subject;
      if (scope.pcId === pcId && scope.direction === direction) found.push(other.votes);
      if (found.length >= maximumBeside) break;
    }
    return found;
  }

  private openRecord(condition: Condition, startedAt: number, severity: Severity): OpenRecord {
    const record: OpenRecord = {
      definition: condition.definition,
      subject: condition.subject,
      startedAt,
      severity,
      clearedAt: null,
      endReason: null,
      peak: null,
      onEvidence: [],
      peakEvidence: [],
      clearEvidence: [],
      counter: [],
      missing: [],
      domainHint: condition.definition.domainHint,
      lastBadAt: null,
      ordinal: this.ordinal(condition, startedAt),
      scope: condition.subject.scope,
    };
    if (this.records.length < maximumRecords) this.records.push(record);
    return record;
  }

  /** Distinguishes records of one subject that start in the same millisecond. */
  private ordinal(condition: Condition, startedAt: number): number {
    const key = `${condition.definition.id} ${condition.subject.key} ${Math.round(startedAt)}`;
    const ordinal = this.started.get(key) ?? 0;
    this.started.set(key, ordinal + 1);
    return ordinal;
  }

  private close(condition: Condition, at: number, reason: EndReason): void {
    const { record } = condition;
    for (const level of condition.levels) {
      level.active = false;
      level.quietMs = 0;
    }
    condition.votes.length = 0;
    if (record === null) return;
    record.clearedAt = Math.max(record.startedAt, at);
    record.endReason = reason;
    condition.record = null;
  }

  private raiseLevels(
    condition: Condition,
    from: number,
    to: number,
    value: number | null,
    bad: BadStep | undefined,
  ): Change {
    const { definition, votes, levels } = condition;
    let change: Change = null;
    for (let index = 0; index < levels.length; index += 1) {
      const level = definition.levels[index];
      const state = levels[index];
      if (level === undefined || state === undefined || state.active) continue;
      // Also asked by `holds`, for which a function is made.
      if (value === null || value <= level.on) continue;
      const first = holds(definition, level, votes, value, () => this.beside(condition));
      if (first === null) continue;
      state.active = true;
      state.quietMs = 0;
      if (condition.record === null) {
        condition.record = this.openRecord(condition, Math.min(first, bad?.from ?? first), level.severity);
        change = { kind: "opened", record: condition.record };
      } else if (severityRank(level.severity) > severityRank(condition.record.severity)) {
        condition.record.severity = level.severity;
        change ??= { kind: "worse", record: condition.record };
      }
    }
    const { record } = condition;
    if (record === null || value === null) return change;
    const mildest = definition.levels[0];
    if (mildest !== undefined && value >= mildest.clear) {
      record.lastBadAt = Math.max(record.lastBadAt ?? 0, Math.min(to, bad?.to ?? to));
    }
    const worst = record.peak === null ? null : Number(record.peak.value);
    if (worst === null || value > worst) {
      record.peak = {
        stat: "derived",
        field: definition.id,
        value: Number.isInteger(value) ? value : Number(value.toPrecision(6)),
        unit: definition.unit,
        from,
        to,
        ...(definition.levels[0] === undefined ? {} : { limit: definition.levels[0].on }),
      };
      change ??= { kind: "peak", record };
    }
    return change;
  }

  private letGo(condition: Condition, from: number, to: number, value: number, quietSince: number): Change {
    const { definition, levels, record } = condition;
    let active = false;
    for (let index = 0; index < levels.length; index += 1) {
      const level = definition.levels[index];
      const state = levels[index];
      if (level === undefined || state === undefined || !state.active) continue;
      if (value < level.clear) {
        state.quietMs = Math.max(state.quietMs + to - from, to - quietSince);
        if (state.quietMs >= definition.clearSeconds * 1000 && !mostlyExcluded(condition.votes)) {
          state.active = false;
          continue;
        }
      } else {
        state.quietMs = 0;
      }
      active = true;
    }
    if (active || record === null) return null;
    this.close(condition, Math.min(to, record.lastBadAt ?? to), "cleared");
    return { kind: "closed", record };
  }
}

const nothingComputed: number[] = [];

/** Bits of a number that the engine keeps without a box. */
const bitsOfWord = 30;

/** Numbers of the observations, the same for all sessions: a list of ids in each would take 700 bytes. */
const numbers = new Map<string, number>();

function numberOf(id: string): number {
  let number = numbers.get(id);
  if (number === undefined) numbers.set(id, (number = numbers.size));
  return number;
}

/** Lists of one input: all sessions share them. */
const lists = new Map<string, readonly string[]>();

function listOf(input: string): readonly string[] {
  let list = lists.get(input);
  if (list === undefined) lists.set(input, (list = [input]));
  return list;
}

/** Is it this subject, or a part of it? */
function isWithin(key: string, subjectKey: string): boolean {
  return key === subjectKey || key.startsWith(`${subjectKey}/`);
}

function worse(a: Severity, b: Severity): Severity {
  return severityRank(a) >= severityRank(b) ? a : b;
}

/** When the trouble of a measured finding was last seen; null for states, which last until they end. */
function lastBad(record: OpenRecord | null): number | null {
  return record === null || record.definition.levels.length === 0 ? null : record.lastBadAt;
}

/** Evidence when a record was raised (`opened`), got worse, or closed; the peak keeps its own. */
export function attach(change: Change, items: readonly Evidence[], domain?: FaultDomain): void {
  if (change === null) return;
  const { record } = change;
  if (change.kind === "opened") record.onEvidence = items;
  else if (change.kind === "closed") record.clearEvidence = items;
  else record.peakEvidence = items;
  if (domain !== undefined) record.domainHint = domain;
}
