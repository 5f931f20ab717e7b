import type { EventRecord, JsonObject, JsonValue, SessionRecord } from "@peerscope/schema";
import { isObject, isPlain, isUnixMs, objectOf, parseJson, textOf } from "../json.ts";
import type { ForeignReader, ForeignSink, ForeignSummary } from "../reader.ts";
import { reduceData, reduceUrl } from "../redact.ts";
import { createSkips, nowhere, quoted } from "../skips.ts";
import { alignObject } from "./alignment.ts";
import { chooseReading, readClockText, type ClockReading } from "./clock-text.ts";
import { createDocumentScanner, type Path } from "../document-scanner.ts";
import { describeMachine } from "./machine.ts";
import { joinMediaEntries, readMediaRequest, type MediaRequest } from "./media-requests.ts";
import { createReports, type Reports } from "./reports.ts";
import {
  isCallbackType,
  isDerivedName,
  parseSeries,
  splitSeriesKey,
  typeOfId,
  type SeriesOfObject,
} from "./series.ts";
import { plainText, readUpdateLog, type LogEntry } from "./update-log.ts";

/** Bounds of one dump. Ours: far above what a browser keeps, far below what a tab can hold. */
const limits = {
  connections: 1_000,
  /** Statistics objects of one connection. */
  objects: 20_000,
  /** Values of all series, without those that never change. */
  values: 40_000_000,
  /** Entries of one log, and of getUserMedia. */
  entries: 100_000,
} as const;

/** The browser keeps this many samples of each series; what is older is gone. */
const cappedSamples = 1_000;
const cappedAfterMs = 60_000;

/** Reads a dump of chrome://webrtc-internals. */
export interface WebrtcInternalsReader extends ForeignReader {
  /**
   * Gives at most so many records of what was pushed, and tells how many are left; only after the last push. Calling it again and
   * again, and `end` at last, leaves room for something else in between, and whoever stops calling has cancelled.
   */
  give(maxRecords: number): number;
}

interface DumpConnection {
  readonly id: string;
  pid: JsonValue;
  url: string;
  configuration: JsonObject | null;
  readonly log: RawEntry[];
  readonly objects: Map<string, SeriesOfObject>;
  /** Unix ms of the first value of any series. */
  firstMs: number | null;
}

interface RawEntry {
  readonly at: number | null;
  readonly clock: ClockReading | null;
  readonly type: string;
  readonly value: string;
}

/** What is to be given next of a session. */
interface Step {
  readonly at: number;
  readonly rank: number;
  readonly record: () => SessionRecord;
}

/** The path has this many names: "PeerConnections", the connection, "stats", the series. */
const seriesDepth = 4;

/** Reads a dump piece by piece. Records are given when all of it is known: a report is spread over the whole document. */
export function createWebrtcInternalsReader(
  sink: ForeignSink,
  options: { readonly name?: string } = {},
): WebrtcInternalsReader {
  const skips = createSkips(sink);
  const connections = new Map<string, DumpConnection>();
  const mediaEntries: JsonObject[] = [];
  const facts = new Map<string, JsonValue>();
  let values = 0;
  let records = 0;
  let hasConnections = false;
  const notes = new Set<string>();
  let plan: { readonly sessionId: string; readonly step: Step }[] | null = null;
  let given = 0;
  let isEnded = false;

  const scanner = createDocumentScanner({ descend, value: takeValue }, skips);

  function descend(path: Path): boolean {
    const [first, , third] = path;
    if (path.length === 0) return true;
    if (first === "getUserMedia") return path.length === 1;
    if (first !== "PeerConnections") return false;
    hasConnections = true;
    return path.length <= 2 || (path.length === 3 && (third === "stats" || third === "updateLog"));
  }

  function takeValue(path: Path, text: string, offset: number): void {
    const [first, id, member, key] = path;
    const place = { line: null, offset };
    const value = parseJson(text);
    if (value === undefined) {
      skips.add("unreadable", place, `${quoted(path.at(-1) ?? "a value")} is not valid JSON`);
      return;
    }
    if (first === "getUserMedia" && path.length === 1) {
      if (!isObject(value) || !isPlain(value))
        skips.add("invalid-entry", place, "an entry of getUserMedia is not an object");
      else if (mediaEntries.length < limits.entries) mediaEntries.push(value);
      else
        skips.once(
          "limit-exceeded",
          "getUserMedia",
          place,
          `more than ${limits.entries} entries of getUserMedia`,
        );
      return;
    }
    if (first !== "PeerConnections") {
      if (first !== undefined && path.length === 1 && isPlain(value)) facts.set(first, value);
      return;
    }
    if (id === undefined || member === undefined) return;
    const connection = connectionOf(id);
    if (connection === null) {
      skips.once("limit-exceeded", "connections", place, `more than ${limits.connections} peer connections`);
      return;
    }
    if (path.length === seriesDepth && member === "stats" && key !== undefined)
      takeSeries(connection, key, value, offset);
    else if (member === "updateLog" && path.length === 3) takeEntry(connection, value, offset);
    else if (member === "pid") connection.pid = value;
    else if (member === "url" && typeof value === "string") connection.url = reduceUrl(value);
    else if (member === "rtcConfiguration" && typeof value === "string") {
      const parsed = parseJson(value);
      if (isObject(parsed) && isPlain(parsed)) connection.configuration = reduceData(parsed);
    }
  }

  function connectionOf(id: string): DumpConnection | null {
    const known = connections.get(id);
    if (known !== undefined) return known;
    if (connections.size >= limits.connections) return null;
    const created = {
      id,
      pid: null,
      url: "",
      configuration: null,
      log: [],
      objects: new Map(),
      firstMs: null,
    };
    connections.set(id, created);
    return created;
  }

  function takeSeries(connection: DumpConnection, key: string, value: JsonValue, offset: number): void {
    const place = { line: null, offset };
    const split = splitSeriesKey(key);
    if (split === null) {
      skips.add("invalid-entry", place, "a series without the id of its object");
      return;
    }
    const { id, name } = split;
    if (isDerivedName(name)) return;
    const series = name === "__proto__" ? null : parseSeries(name, value);
    if (series === null) {
      skips.add("invalid-entry", place, `series ${name.slice(0, 60)} has no list of values`);
      return;
    }
    if (series.length === 0) return;
    const type = series.type ?? typeOfId(id);
    if (type === "unknown" || isCallbackType(type)) {
      skips.once(
        "version-unsupported",
        "callback statistics",
        place,
        "statistics that are not those of the W3C (goog…, Conn-…)",
      );
      return;
    }
    values += series.values.length > 1 ? series.values.length : 0;
    let object = connection.objects.get(id);
    if (values > limits.values || (object === undefined && connection.objects.size >= limits.objects)) {
      skips.once("limit-exceeded", "statistics", place, "more statistics than are read of one dump");
      return;
    }
    if (object === undefined) {
      object = { id, type, members: new Map() };
      connection.objects.set(id, object);
    }
    object.members.set(name, series);
    if (series.startMs !== null && series.startMs < (connection.firstMs ?? Number.POSITIVE_INFINITY)) {
      connection.firstMs = series.startMs;
    }
  }

  function takeEntry(connection: DumpConnection, value: JsonValue, offset: number): void {
    const { timestamp, time, type, value: text } = objectOf(value);
    const place = { line: null, offset };
    if (typeof type !== "string" || (text !== undefined && text !== null && typeof text !== "string")) {
      skips.add("invalid-entry", place, "an entry of updateLog has no type, or a value that is no text");
    } else if (connection.log.length >= limits.entries) {
      skips.once(
        "limit-exceeded",
        "updateLog",
        place,
        `more than ${limits.entries} entries of one updateLog`,
      );
    } else {
      const at = isUnixMs(timestamp) ? timestamp : null;
      const clock = at === null && typeof time === "string" ? readClockText(time) : null;
      if (at === null && clock === null)
        skips.add("time-unknown", place, `${type.slice(0, 60)} of updateLog has no usable time`);
      else connection.log.push({ at, clock, type, value: text ?? "" });
    }
  }

  function createPlan(): { readonly sessionId: string; readonly step: Step }[] {
    const pages = new Map<
      string,
      { readonly connections: DumpConnection[]; readonly requests: MediaRequest[] }
    >();
    const pageAt = (
      key: string,
    ): { readonly connections: DumpConnection[]; readonly requests: MediaRequest[] } => {
      const page = pages.get(key) ?? { connections: [], requests: [] };
      pages.set(key, page);
      return page;
    };
    for (const connection of connections.values()) {
      // Chrome before 145 filed events of connections it did not know here.
      if (connection.id === "undefined-undefined" && connection.objects.size === 0) continue;
      pageAt(pageKey(connection.pid, renderer(connection.id), connection.url)).connections.push(connection);
    }
    for (const request of joinMediaEntries(mediaEntries, (entry) =>
      pageKey(
        entry["pid"] ?? null,
        typeof entry["rid"] === "number" ? String(entry["rid"]) : "",
        reduceUrl(textOf(entry["url"]) ?? textOf(entry["origin"]) ?? ""),
      ),
    )) {
      pageAt(request.page).requests.push(request);
    }
    const whole: { readonly sessionId: string; readonly step: Step }[] = [];
    const base = (options.name ?? "webrtc-internals").replaceAll(/[^\w-]+/g, "-").slice(0, 40);
    let number = 0;
    for (const page of pages.values()) {
      number += 1;
      const sessionId = `${base}-${number}`;
      const steps = stepsOf(page.connections, page.requests);
      if (steps.length === 0) continue;
      sink.session({ sessionId, peer: null, userId: null, callId: null });
      for (const step of steps) whole.push({ sessionId, step });
    }
    return whole;
  }

  function stepsOf(own: readonly DumpConnection[], requests: readonly MediaRequest[]): Step[] {
    let calls = 0;
    const nextCallId = (): number => (calls += 1);
    const steps: Step[] = [];
    const addEvents = (events: readonly EventRecord[]): void => {
      for (const event of events)
        steps.push({ at: event.at, rank: event.name === "connection-created" ? 0 : 1, record: () => event });
    };
    for (const request of requests) addEvents(readMediaRequest(request, nextCallId));
    for (const connection of own) {
      const reports = reportsOf(connection);
      const entries = timed(connection, reports.timesMs[0] ?? connection.firstMs);
      const createdAt = Math.min(
        entries[0]?.at ?? Number.POSITIVE_INFINITY,
        reports.timesMs[0] ?? Number.POSITIVE_INFINITY,
      );
      if (!Number.isFinite(createdAt)) continue;
      const { configuration, id } = connection;
      const created: EventRecord = {
        kind: "event",
        at: createdAt,
        name: "connection-created",
        connectionId: id,
        data: configuration === null ? {} : { configuration },
      };
      addEvents([created]);
      addEvents(
        readUpdateLog(entries, id, nextCallId, (type) =>
          skips.once("unknown-event", type, nowhere, `updateLog entry ${quoted(type)} is not known`),
        ),
      );
      for (const [index, at] of reports.timesMs.entries()) {
        steps.push({ at, rank: 2, record: () => reports.sample(index, id) });
      }
      noteCap(reports, createdAt);
    }
    steps.sort((a, b) => a.at - b.at || a.rank - b.rank);
    const [first] = steps;
    if (first === undefined) return [];
    const context: SessionRecord = {
      kind: "context",
      at: first.at,
      context: describeMachine(facts, own[0]?.url ?? ""),
    };
    return [{ at: first.at, rank: -1, record: () => context }, ...steps];
  }

  function reportsOf({ objects }: DumpConnection): Reports {
    const lost = (what: string): void => skips.once("time-unknown", what, nowhere, what);
    const aligned = [...objects.values()].flatMap((object) => alignObject(object, lost) ?? []);
    // The members are held by what was aligned; an object that could not be is not needed any more.
    objects.clear();
    const reports = createReports(aligned);
    if (reports.unplaced > 0) lost("samples of statistics that belong to no report");
    return reports;
  }

  function noteCap({ timesMs }: Reports, createdAt: number): void {
    if (timesMs.length === cappedSamples && (timesMs[0] ?? 0) - createdAt > cappedAfterMs) {
      notes.add("The browser keeps the last 1,000 samples: statistics of the beginning are missing.");
    }
  }

  /** Gives every entry a Unix time. Clock texts are in a zone that only the statistics tell. */
  function timed({ log }: DumpConnection, nearMs: number | null): LogEntry[] {
    const texts = log.filter(({ clock }) => clock !== null);
    let shiftMs = 0;
    if (texts.length > 0) {
      const anchor = texts.find(
        ({ type, value }) => /connectionstatechange$/i.test(type) && /connected/.test(plainText(value)),
      );
      const { clock } = anchor ?? texts[0] ?? {};
      // Zones are whole quarters of an hour away from UTC.
      if (clock && nearMs !== null)
        shiftMs = Math.round((nearMs - chooseReading(clock, nearMs)) / 900_000) * 900_000;
      notes.add(
        nearMs === null
          ? "Times of events are in the zone of the machine the dump was made on."
          : "Times of events are exact to a second.",
      );
    }
    return log
      .map(({ at, clock, type, value }) => ({
        at:
          at ??
          (clock === null ? 0 : chooseReading(clock, nearMs === null ? null : nearMs - shiftMs) + shiftMs),
        type,
        value,
      }))
      .sort((a, b) => a.at - b.at);
  }

  function give(maxRecords: number): number {
    plan ??= createPlan();
    const until = Math.min(plan.length, given + maxRecords);
    for (; given < until; given += 1) {
      const next = plan[given];
      if (next === undefined) break;
      sink.record(next.sessionId, next.step.record());
      records += 1;
    }
    return plan.length - given;
  }

  return {
    push: (chunk) => scanner.push(chunk),
    give,
    end(): ForeignSummary {
      if (!isEnded) {
        isEnded = true;
        scanner.end();
      }
      give(Number.POSITIVE_INFINITY);
      const missing = hasConnections ? [] : ["There is no peer connection in this dump."];
      return {
        format: "webrtc-internals",
        records,
        skippedCount: skips.count,
        limits: [...missing, ...notes, ...alwaysMissing],
      };
    },
  };
}

const alwaysMissing = [
  "Statistics begin when the internals page was opened.",
  "Devices, tracks being muted or ended, tab visibility and CPU load are not in these dumps.",
  "The end of the call is not noted.",
];

/** Connections and requests of one page belong to one session; nothing in a dump says who or which call it is. */
function pageKey(pid: JsonValue, rendererId: string, url: string): string {
  return JSON.stringify([pid, rendererId, url.replace(/\/$/, "")]);
}

/** "9-1" is connection 1 of renderer 9. */
function renderer(connectionId: string): string {
  return connectionId.split("-")[0] ?? "";
}
