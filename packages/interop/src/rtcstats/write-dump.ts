import type { JsonObject, JsonValue, SampleRecord, SessionRecord, StatsObject } from "@peerscope/schema";
import { isObject, parseJson } from "../json.ts";
import { createEventFrames, type FrameParts } from "./event-frames.ts";
import { memberKey, statsTypeCode } from "./names.ts";
import type { OwnMembers } from "./own-frames.ts";
import { isTimeKept, vanishingMember } from "./object-rules.ts";
import { createReportState, type ReportState } from "./report-state.ts";

/** A time above this is absolute. Of the format. */
const absoluteFromMs = 1e11;

/** What the head of a dump says besides the records. */
export interface RtcstatsDumpHead {
  /** Address that the session was sent to. */
  readonly url?: string;
}

/**
 * Writes a session as an rtcstats dump of format version 3, line by line without line ends. Other tools read what they know: reports,
 * states, calls. Peerscope reads back exactly what was written: what the format cannot say (members that disappear, events of
 * Peerscope's own) stands beside it, in additions that other tools pass over.
 */
export function* writeRtcstatsDump(
  records: Iterable<SessionRecord>,
  head: RtcstatsDumpHead = {},
): Generator<string> {
  const events = createEventFrames();
  const reports = new Map<string, ReportWriter>();
  let now: number | null = null;

  /** The frame with its time, as far as the time can say `at`. */
  function line({ method, connectionId, value, extra }: FrameParts, at: number, own: OwnMembers): string {
    let additions = own;
    let time = now === null ? at : at - now;
    // The sum of differences must be the time again, to the last digit.
    if (now === null || now + time !== at || Math.abs(time) > absoluteFromMs) time = at;
    const isSayable = now === null ? at > absoluteFromMs : time !== at || at > absoluteFromMs;
    if (isSayable) now = at;
    else {
      time = now === null ? absoluteFromMs + 1 : 0;
      now ??= time;
      if (own.record === undefined) additions = { ...own, at };
    }
    const isEmpty = Object.keys(additions).length === 0;
    const frame = [
      method,
      connectionId,
      value,
      ...extra,
      ...(isEmpty ? [] : [{ peerscope: additions }]),
      time,
    ];
    return JSON.stringify(frame);
  }

  yield "RTCStatsDump";
  let isHeadWritten = false;
  for (const record of records) {
    if (!isHeadWritten) {
      isHeadWritten = true;
      yield JSON.stringify(headOf(record, head));
    }
    if (record.kind === "event") yield line(events.ofEvent(record), record.at, { record });
    else if (record.kind === "context") yield line(events.ofContext(record), record.at, { record });
    else {
      const known = reports.get(record.connectionId) ?? createReportWriter();
      reports.set(record.connectionId, known);
      const { parts, own } = known.write(record);
      yield line(parts, record.at, own);
    }
  }
  if (!isHeadWritten) yield JSON.stringify(headOf(null, head));
}

function headOf(first: SessionRecord | null, { url = "" }: RtcstatsDumpHead): JsonObject {
  const { userAgent, pageUrl } = first?.kind === "context" ? first.context : {};
  return {
    url,
    origin: pageUrl ?? "",
    userAgent: userAgent ?? "",
    startTime: first === null ? 0 : Math.round(first.at),
    remoteAddresses: [],
    locations: [],
    clientProtocol: "rtcstats#5.0",
    fileFormat: 3,
    // Says to the reader that the records are in the additions.
    peerscope: 1,
  };
}

interface ReportWriter {
  write(sample: SampleRecord): { readonly parts: FrameParts; readonly own: OwnMembers };
}

/** Reports of one connection as differences, each checked by reading it. */
function createReportWriter(): ReportWriter {
  /** What a reader has by now. */
  let reader: ReportState = createReportState();
  let sent: ReadonlyMap<string, StatsObject> = new Map();
  let isReset = false;

  return {
    write(sample) {
      const { connectionId, stats, at, durationMs } = sample;
      const duration = durationMs === undefined ? {} : { durationMs };
      const made = isUsual(stats) ? differenceOf(stats, sent) : null;
      if (made !== null) {
        const own = { ...duration, ...made.own, ...(isReset ? { reset: true as const } : {}) };
        const { removed = null, order = null } = made.own;
        const value = parseJson(JSON.stringify(made.difference));
        const read = isObject(value) ? reader.apply(value, { removed, order, reset: isReset }, at) : null;
        isReset = false;
        if (read !== null && isSame(read.stats, stats)) {
          sent = new Map(stats.map((object) => [object.id, object]));
          return { parts: { method: "g", connectionId, value: made.difference, extra: [] }, own };
        }
      }
      // Nothing of the report can be said as a difference without being read as something else.
      reader = createReportState();
      sent = new Map();
      isReset = true;
      return {
        parts: { method: ":peerscope", connectionId, value: null, extra: [] },
        own: { record: sample },
      };
    },
  };
}

/** No name that stands for something else in a plain object, and no id twice. */
function isUsual(stats: readonly StatsObject[]): boolean {
  const ids = new Set(stats.map(({ id }) => id));
  return (
    ids.size === stats.length &&
    stats.every((object) => object.id !== "__proto__" && !Object.hasOwn(object, "__proto__"))
  );
}

function differenceOf(
  stats: readonly StatsObject[],
  sent: ReadonlyMap<string, StatsObject>,
): { readonly difference: JsonObject; readonly own: OwnMembers } {
  const difference: Record<string, JsonValue> = {};
  const removed: Record<string, readonly string[]> = {};
  const collective = mostFrequent(stats.map(({ timestamp }) => timestamp));
  const ids = new Set(stats.map(({ id }) => id));
  for (const id of sent.keys()) if (!ids.has(id)) difference[id] = null;
  for (const object of stats) {
    const before = sent.get(object.id);
    const { change, gone } = changeOf(object, before);
    const keepsTime = before !== undefined && isTimeKept(object.type);
    if ((keepsTime ? before.timestamp : collective) !== object.timestamp) change["t"] = object.timestamp;
    if (Object.keys(change).length > 0) difference[object.id] = change;
    if (gone.length > 0) removed[object.id] = gone;
  }
  const order = [...sent.keys()].filter((id) => ids.has(id));
  order.push(...Object.keys(difference).filter((id) => ids.has(id) && !sent.has(id)));
  const isInOrder = stats.every(({ id }, index) => order[index] === id);
  if (collective !== null) difference["t"] = collective;
  return {
    difference,
    own: {
      ...(Object.keys(removed).length > 0 ? { removed } : {}),
      ...(isInOrder ? {} : { order: stats.map(({ id }) => id) }),
    },
  };
}

/** Members that are new or have changed, by their codes, and names of those that are gone. */
function changeOf(
  object: StatsObject,
  before: StatsObject | undefined,
): { readonly change: Record<string, JsonValue>; readonly gone: readonly string[] } {
  const change: Record<string, JsonValue> = {};
  const gone = Object.keys(before ?? {}).filter((name) => !Object.hasOwn(object, name));
  if (before?.type !== object.type) change["type"] = statsTypeCode(object.type);
  const always = vanishingMember(object.type);
  for (const [name, value] of Object.entries(object)) {
    if (name === "id" || name === "type" || name === "timestamp") continue;
    const old = before !== undefined && Object.hasOwn(before, name) ? before[name] : undefined;
    if (name !== always && old !== undefined && isSame(old, value)) continue;
    const key = memberKey(name);
    if (!isObject(value) || !isObject(old)) change[key] = value;
    else if (Object.keys(old).every((member) => Object.hasOwn(value, member))) {
      const changed = Object.entries(value).filter(
        ([member, part]) => !Object.hasOwn(old, member) || !isSame(old[member] ?? null, part),
      );
      change[key] = Object.fromEntries(changed);
    } else {
      gone.push(name);
      change[key] = value;
    }
  }
  return { change, gone };
}

function mostFrequent(times: readonly number[]): number | null {
  const counts = new Map<number, number>();
  let best: number | null = null;
  for (const time of times) {
    const count = (counts.get(time) ?? 0) + 1;
    counts.set(time, count);
    if (best === null || count > (counts.get(best) ?? 0)) best = time;
  }
  return best;
}

/** Are they the same JSON, whatever the order of members? */
function isSame(one: JsonValue, other: JsonValue): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null)
    return one === other;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => {
      const [a, b]: readonly unknown[] = [Reflect.get(one, name), Reflect.get(other, name)];
      return Object.hasOwn(other, name) && isSame(a as JsonValue, b as JsonValue);
    })
  );
}
