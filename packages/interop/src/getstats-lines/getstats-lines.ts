import type { JsonValue, SampleRecord, StatsObject } from "@peerscope/schema";

/**
 * Raw getStats recordings as text: one JSON object a line,
 * `{t, peer, pageT, pc, ms, stats: [...]}`, each a whole report of one peer connection.
 * `peer` names the participant, `pc` the peer connection, `pageT` and `t` are the page's and the
 * recorder's clock in Unix ms, `ms` is what getStats took. Only `pc` and `stats` have to be there.
 */

/** Bounds of the reader. Ours: far above the largest report seen (40 kB), far below what hurts. */
export const getStatsLinesLimits = {
  /** Characters of one line. */
  lineCharacters: 4_194_304,
  /** Nested arrays and objects. A stats object needs 2 below its line. */
  depth: 32,
  /** Stats objects of one report. */
  statsObjects: 20_000,
  /** Characters of a participant's or connection's name, and of a stats object's id or type. */
  nameCharacters: 512,
  /** Participants of one file. */
  peers: 1_000,
  /** Entries of `skippedLines`; what is beyond is counted in the last one. */
  skippedLines: 1_000,
} as const;

/** One participant of the file. */
export interface GetStatsSession {
  /** The line's `peer`; empty when the file names none. */
  readonly peer: string;
  /** Ordered by time. */
  readonly records: readonly SampleRecord[];
}

/** A line, or a part of one, that could not be used. */
export interface SkippedLine {
  /** Counted from 1. */
  readonly line: number;
  readonly reason: string;
}

export interface GetStatsLines {
  /** One a participant, ordered by name. */
  readonly sessions: readonly GetStatsSession[];
  readonly skippedLines: readonly SkippedLine[];
}

/**
 * Reads a raw getStats recording. Never throws: what cannot be used is skipped and reported with its
 * line and a reason, the rest is kept. Members that this release does not know are kept.
 *
 * The time of a sample is the median timestamp of its stats objects: the report's own clock, which the
 * counters belong to. A far end's timestamps (remote-*) do not move a median. `pageT`, then `t`, stand in
 * when the timestamps are not Unix times or are more than a day away from the page's clock.
 */
export function readGetStatsLines(text: string): GetStatsLines {
  const peers = new Map<string, SampleRecord[]>();
  const skipped = createSkippedLines();
  forEachLine(text, (content, line) => {
    const parsed = parseGetStatsLine(content);
    if (typeof parsed === "string") {
      skipped.add(line, parsed);
      return;
    }
    for (const reason of parsed.reasons) skipped.add(line, reason);
    let records = peers.get(parsed.peer);
    if (records === undefined) {
      if (peers.size >= getStatsLinesLimits.peers) {
        skipped.add(line, `more than ${getStatsLinesLimits.peers} participants`);
        return;
      }
      records = [];
      peers.set(parsed.peer, records);
    }
    records.push(parsed.record);
  });
  const sessions = [...peers]
    // Not localeCompare: the order must not depend on the machine's language.
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([peer, records]) => ({ peer, records: records.sort((a, b) => a.at - b.at) }));
  return { sessions, skippedLines: skipped.list };
}

/** True when one of the first twenty lines is a getStats report: tells this format from others. */
export function isGetStatsLines(text: string): boolean {
  let found = false;
  let seen = 0;
  forEachLine(text, (content) => {
    seen += 1;
    found = typeof parseGetStatsLine(content) !== "string";
    return !found && seen < 20;
  });
  return found;
}

/** Calls back for every line that is not blank; `false` ends it. Never copies the text as a whole. */
function forEachLine(text: string, visit: (content: string, line: number) => boolean | void): void {
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  for (let line = 1; start < text.length; line += 1) {
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    const content = text.slice(start, end).trim();
    if (content !== "" && visit(content, line) === false) return;
    start = end + 1;
  }
}

/** What a line holds. */
export interface GetStatsLine {
  /** Empty when the line names no participant. */
  readonly peer: string;
  readonly record: SampleRecord;
  /** Parts that were left out. */
  readonly reasons: readonly string[];
}

/** The line's record, or why there is none. */
export function parseGetStatsLine(content: string): GetStatsLine | string {
  const { lineCharacters, depth, statsObjects, nameCharacters } = getStatsLinesLimits;
  if (content.length > lineCharacters) return `longer than ${lineCharacters} characters`;
  if (!content.startsWith("{")) return "not a JSON object";
  if (isDeeperThan(content, depth)) return `nested deeper than ${depth} levels`;
  const line = parseJson(content);
  if (!isObject(line)) return "not valid JSON";
  const { pc, peer, stats } = line;
  if (typeof pc !== "string" || pc === "") return 'no peer connection name ("pc")';
  if (peer !== undefined && peer !== null && typeof peer !== "string") return '"peer" is not a string';
  if (pc.length > nameCharacters || (peer ?? "").length > nameCharacters)
    return `a name longer than ${nameCharacters} characters`;
  if (!Array.isArray(stats)) return 'no list of stats objects ("stats")';
  if (stats.length > statsObjects) return `more than ${statsObjects} stats objects`;

  const kept: StatsObject[] = [];
  const ids = new Set<string>();
  const reasons: string[] = [];
  for (const [index, candidate] of stats.entries()) {
    const reason = isStatsObject(candidate)
      ? ids.has(candidate.id)
        ? "has the id of an earlier one"
        : null
      : "has no usable id, type and timestamp, or a number beyond the range of a double";
    if (reason === null) {
      ids.add(candidate.id);
      kept.push(candidate);
    } else reasons.push(`stats object ${index} ${reason}`);
  }
  const at = timeOf(kept, line["pageT"], line["t"]);
  if (at === null) return "no usable time: neither stats timestamps nor pageT nor t";
  const ms = line["ms"];
  const durationMs = typeof ms === "number" && ms >= 0 && Number.isFinite(ms) ? { durationMs: ms } : {};
  return {
    peer: peer ?? "",
    record: { kind: "sample", at, connectionId: pc, stats: kept, ...durationMs },
    reasons,
  };
}

const dayMs = 86_400_000;

function timeOf(stats: readonly StatsObject[], pageT: unknown, t: unknown): number | null {
  const page = isUnixMs(pageT) ? pageT : isUnixMs(t) ? t : null;
  const timestamps = stats.map(({ timestamp }) => timestamp).sort((a, b) => a - b);
  const median = timestamps[(timestamps.length - 1) >> 1];
  if (!isUnixMs(median)) return page;
  return page !== null && Math.abs(median - page) > dayMs ? page : median;
}

/** 2001 to 2096: a page-relative time, seconds or microseconds are none of these. */
function isUnixMs(value: unknown): value is number {
  return typeof value === "number" && value > 1e12 && value < 4e12;
}

function isStatsObject(value: JsonValue | undefined): value is StatsObject {
  const limit = getStatsLinesLimits.nameCharacters;
  if (!isObject(value)) return false;
  const { id, type, timestamp } = value;
  return (
    typeof id === "string" &&
    id.length <= limit &&
    typeof type === "string" &&
    type.length <= limit &&
    typeof timestamp === "number" &&
    hasFiniteNumbers(value)
  );
}

/** JSON.parse reads 1e999 as Infinity, which no record may hold. Depth is bounded before parsing. */
function hasFiniteNumbers(value: JsonValue): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(hasFiniteNumbers);
}

function isObject(value: JsonValue | undefined): value is { readonly [member: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(content: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(content);
    return value;
  } catch {
    return undefined;
  }
}

/** Counts brackets outside strings, so that nothing recursive ever meets a deep value. */
function isDeeperThan(content: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < content.length; index += 1) {
    const code = content.charCodeAt(index);
    if (inString) {
      if (code === backslash) index += 1;
      else if (code === quote) inString = false;
    } else if (code === quote) inString = true;
    else if (code === openBrace || code === openBracket) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === closeBrace || code === closeBracket) depth -= 1;
  }
  return false;
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

function createSkippedLines(): {
  readonly list: readonly SkippedLine[];
  add(line: number, reason: string): void;
} {
  const list: SkippedLine[] = [];
  let beyond = 0;
  return {
    list,
    add(line, reason) {
      if (list.length < getStatsLinesLimits.skippedLines) {
        list.push({ line, reason });
        return;
      }
      beyond += 1;
      list[list.length - 1] = { line, reason: `${beyond + 1} more lines or parts of lines skipped` };
    },
  };
}
