import { formatSessionFilter, parseSessionFilter, type FilterTerm } from "@peerscope/schema";
import type { Axis, Zone } from "../words/time.ts";
import { readDays } from "./days.ts";

/**
 * View state in the query of the URL. The path names the thing, the query names the view. What a link says and we
 * do not understand is dropped, never an error: old links keep working.
 */

/** Query parameters as they stand in the URL. */
export type RawSearch = Readonly<Record<string, unknown>>;

/** Everywhere. */
export interface FrameSearch {
  /** Undefined and absent mean the same, but only undefined takes it out of the next URL. */
  readonly tz?: "utc" | undefined;
  /** Project that is looked at; absent: the first that one may see. */
  readonly project?: string | undefined;
}

export const scoreClasses = ["good", "fair", "poor", "failed", "dropped", "not-measured"] as const;

/** Orders of the list other than newest first. */
export const sessionSorts = ["worst", "longest", "impact"] as const;
export type SessionSort = (typeof sessionSorts)[number];

/** The list of sessions. */
export interface SessionsSearch extends FrameSearch {
  readonly q?: string;
  readonly user?: string;
  readonly call?: string;
  /** key:value */
  readonly tag?: string;
  readonly live?: "true";
  readonly class?: (typeof scoreClasses)[number];
  readonly observation?: string;
  /** Sessions that began at this instant or later, and before that one: "2026-11-20T00:00Z". */
  readonly from?: string;
  readonly to?: string;
  /** Terms as the query bar has them: "score<60 browser:Safari -os:Windows". */
  readonly filter?: string;
  readonly sort?: SessionSort;
  /** Calls instead of sessions. */
  readonly show?: "calls";
  /** Columns of the table, separated by commas; the usual ones if absent. */
  readonly cols?: string;
}

export const tabs = [
  "timeline",
  "observations",
  "streams",
  "connection",
  "sdp",
  "devices",
  "events",
  "stats",
  "records",
  "notes",
] as const;
export type Tab = (typeof tabs)[number];

/** Kinds of records, and parts without any. */
const recordKinds = ["sample", "event", "context", "gap"] as const;
type RecordKind = (typeof recordKinds)[number];

/** One session, or one file. */
export interface SessionSearch extends FrameSearch {
  readonly tab?: Tab;
  /** Visible window, seconds since session start: "754.2-812". */
  readonly t?: string;
  /** Cursor, seconds since session start. */
  readonly at?: number;
  readonly axis?: "abs";
  /** Key of the observation that is open. */
  readonly obs?: string;
  /** Chart to scroll to and outline. */
  readonly panel?: string;
  /** Event to show in the events tab: its place in the log. */
  readonly event?: number;
  /** Filter of the events tab. */
  readonly ev?: string;
  /** Filter of the stats tab. */
  readonly find?: string;
  /** Members of statistics objects that are drawn, each `connection|object|member`, separated by commas. */
  readonly pin?: string;
  /** Record that is open in the records tab: its place in the recording. */
  readonly record?: number;
  /** What the records tab shows: kind, type of event or statistics object, words. */
  readonly recordKind?: RecordKind;
  readonly recordType?: string;
  readonly recordText?: string;
  /** Description to show in the SDP tab: place of its event in the log. */
  readonly sdp?: number;
  /** What it shows of it; the whole text if absent. */
  readonly sdpView?: "changes";
  /** Id of the note to show in the notes tab. */
  readonly note?: string;
  /** Code that the user was given when they reported something: the page goes to that moment. */
  readonly code?: string;
}

/** One call. */
export interface CallSearch extends FrameSearch {
  /** Sessions of the pair that is looked at: who sent, "?" when that is not known, and who received. */
  readonly sender?: string;
  readonly receiver?: string;
}

/** Two sessions beside each other. */
export interface CompareSearch extends FrameSearch {
  /** Ids of the sessions. */
  readonly a?: string;
  readonly b?: string;
  /** Visible window and cursor, seconds since the start of each. */
  readonly t?: string;
  readonly at?: number;
}

function text(value: unknown, limit = 200): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && value !== "" ? value.slice(0, limit) : undefined;
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((candidate) => candidate === value);
}

/** Leaves out what is undefined, so that the URL only says what differs from the default. */
function compact<T extends object>(members: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}

export function readFrameSearch(raw: RawSearch): FrameSearch {
  const project = text(raw["project"]);
  return compact<FrameSearch>({
    tz: oneOf(raw["tz"], ["utc"] as const),
    project: project !== undefined && /^[a-z0-9-]{1,40}$/.test(project) ? project : undefined,
  });
}

export function readSessionsSearch(raw: RawSearch): SessionsSearch {
  return compact<SessionsSearch>({
    ...readFrameSearch(raw),
    q: text(raw["q"]),
    user: text(raw["user"]),
    call: text(raw["call"]),
    tag: text(raw["tag"], 400),
    live: oneOf(raw["live"], ["true"] as const),
    class: oneOf(raw["class"], scoreClasses),
    observation: text(raw["observation"], 80),
    from: instant(raw["from"]),
    to: instant(raw["to"]),
    filter: text(raw["filter"], 2_000),
    sort: oneOf(raw["sort"], sessionSorts),
    show: oneOf(raw["show"], ["calls"] as const),
    cols: text(raw["cols"], 200),
  });
}

export function readSessionSearch(raw: RawSearch): SessionSearch {
  const at = Number(text(raw["at"]));
  const range = parseRange(text(raw["t"]));
  const tab = oneOf(raw["tab"], tabs);
  return compact<SessionSearch>({
    ...readFrameSearch(raw),
    tab: tab === "timeline" ? undefined : tab,
    t: range === null ? undefined : formatRange(range),
    at: raw["at"] !== undefined && Number.isFinite(at) ? at : undefined,
    axis: oneOf(raw["axis"], ["abs"] as const),
    obs: text(raw["obs"], 400),
    panel: text(raw["panel"], 80),
    event: place(raw["event"]),
    ev: text(raw["ev"]),
    find: text(raw["find"]),
    pin: text(raw["pin"], 2000),
    record: place(raw["record"]),
    recordKind: oneOf(raw["recordKind"], recordKinds),
    recordType: text(raw["recordType"]),
    recordText: text(raw["recordText"]),
    sdp: place(raw["sdp"]),
    sdpView: oneOf(raw["sdpView"], ["changes"] as const),
    note: text(raw["note"], 80),
    code: text(raw["code"], 80),
  });
}

const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z$/;

function instant(value: unknown): string | undefined {
  const known = text(value);
  return known !== undefined && instantPattern.test(known) && Number.isFinite(Date.parse(known))
    ? known
    : undefined;
}

/** An instant as it stands in a URL. @throws RangeError for what no calendar has. */
export function formatInstant(at: number): string {
  return new Date(at).toISOString().replace(/(?::00)?\.000Z$/, "Z");
}

export function readCallSearch(raw: RawSearch): CallSearch {
  return compact<CallSearch>({
    ...readFrameSearch(raw),
    sender: text(raw["sender"]),
    receiver: text(raw["receiver"]),
  });
}

export function readCompareSearch(raw: RawSearch): CompareSearch {
  const { t, at } = readSessionSearch(raw);
  return compact<CompareSearch>({ ...readFrameSearch(raw), a: text(raw["a"]), b: text(raw["b"]), t, at });
}

function place(value: unknown): number | undefined {
  return /^\d{1,9}$/.test(text(value) ?? "") ? Number(value) : undefined;
}

/** A part of the session, in seconds since its start. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

const rangePattern = /^(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)$/;

/** "754.2-812" as numbers; null when it is not a range that goes forward. */
export function parseRange(value: string | undefined): TimeRange | null {
  const match = value === undefined ? null : rangePattern.exec(value);
  if (match === null) return null;
  const [from, to] = [Number(match[1]), Number(match[2])];
  return Number.isFinite(from) && Number.isFinite(to) && to > from ? { from, to } : null;
}

/** Tenths of a second are enough to find the place again. */
export function formatRange(range: TimeRange): string {
  const round = (seconds: number): number => Math.round(seconds * 10) / 10;
  const from = round(range.from);
  return `${from}-${Math.max(round(range.to), round(from + 0.1))}`;
}

export function axisOf(search: SessionSearch): Axis {
  return search.axis ?? "rel";
}

export function zoneOf(search: FrameSearch): Zone {
  return search.tz ?? "local";
}

/** A copy without some members. */
export function omit<T extends object, K extends keyof T>(value: T, ...names: readonly K[]): Omit<T, K> {
  return Object.fromEntries(
    Object.entries(value).filter(([name]) => !(names as readonly PropertyKey[]).includes(name)),
  ) as Omit<T, K>;
}

/** "?q=kim&tz=utc": plain, readable, values only as text. */
export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (typeof value === "string" || typeof value === "number") params.append(name, String(value));
  }
  const query = params.toString();
  return query === "" ? "" : `?${query}`;
}

export function parseSearch(query: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(query));
}

/** What a person typed or pasted into the search box. */
export type SearchIntent =
  | { readonly go: "session"; readonly id: string; readonly search: SessionSearch }
  | { readonly go: "call"; readonly id: string }
  | { readonly go: "sessions"; readonly search: SessionsSearch };

const filters = /(?:^|\s)(user|call|tag|is|score):(?:"([^"]*)"|(\S+))/g;

/**
 * Understands pasted links of this dashboard, `user:` `call:` `tag:` `score:` `is:live`, days ("yesterday", "Monday 14:00",
 * "2026-11-20", in the reader's time zone), the terms of the filter (`score<60`), and free text, which is all that is none of these.
 * Whoever names a day looks for what was wrong: worst first.
 */
export function readIntent(input: string, now: number, zone: Zone): SearchIntent {
  const link = /\/(sessions|calls)\/([^/?#\s]+)/.exec(input);
  if (link?.[2] !== undefined && /^(https?:)?\//.test(input.trim())) {
    const id = safeDecode(link[2]);
    if (link[1] === "calls") return { go: "call", id };
    // The instant and the charts that somebody wanted to show are in the link.
    const query = /\?([^#\s]*)/.exec(input)?.[1] ?? "";
    return { go: "session", id, search: readSessionSearch(parseSearch(query)) };
  }
  const typed = new Map<FilterMember, Set<string>>();
  const words = input.replaceAll(filters, (whole: string, name: string, quoted?: string, plain?: string) => {
    const filter = readFilter(name, quoted ?? plain ?? "");
    if (filter === null) return whole;
    typed.set(filter.member, new Set(typed.get(filter.member)).add(filter.value));
    return " ";
  });
  const found: Record<string, string> = {};
  const several: FilterTerm[] = [];
  for (const [member, values] of typed) {
    const [first = "", ...others] = values;
    if (member === "tag") found[member] = [first, ...others].join(",");
    else if (member === "live" || others.length === 0) found[member] = first;
    else several.push({ facet: member, not: false, values: [first, ...others] });
  }
  const { span, rest } = readDays(words, now, zone);
  if (span !== null) {
    found["from"] = formatInstant(span.from);
    found["to"] = formatInstant(span.to);
    found["sort"] = "worst";
  }
  const { terms, words: left } = parseSessionFilter(rest);
  const filter = formatSessionFilter({ terms: [...several, ...terms], words: "" });
  return { go: "sessions", search: readSessionsSearch({ ...found, filter, q: left }) };
}

type FilterMember = "user" | "call" | "tag" | "live" | "class";

/** What `name:value` asks of the list; null for what would ask nothing of it, and is text. */
function readFilter(
  name: string,
  value: string,
): { readonly member: FilterMember; readonly value: string } | null {
  if (value === "") return null;
  switch (name) {
    case "user":
    case "call":
      return { member: name, value };
    case "tag":
      return { member: name, value: value.replace("=", ":") };
    case "is":
      return value === "live" ? { member: "live", value: "true" } : null;
    case "score": {
      const known = oneOf(value.toLowerCase(), scoreClasses);
      return known === undefined ? null : { member: "class", value: known };
    }
    default:
      return null;
  }
}

function safeDecode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
