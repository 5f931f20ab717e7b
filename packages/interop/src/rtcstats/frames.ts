import type { JsonObject, JsonValue, SessionContext, SessionRecord } from "@peerscope/schema";
import { isObject, numberOf, parseJson } from "../json.ts";
import type { ForeignSink } from "../reader.ts";
import { createSkips, nowhere, quoted, type Place, type Skips } from "../skips.ts";
import { createEventTranslator } from "./events.ts";
import { methodName } from "./names.ts";
import { readOwnMembers } from "./own-frames.ts";
import { describePage, type RtcstatsPage } from "./page.ts";
import {
  createReportState,
  isNearlyFull,
  type DecodedReport,
  type HeldWeight,
  type ReportState,
} from "./report-state.ts";

/** A time above this is absolute, Unix ms; below it counts from the frame before. Of the protocol. */
const absoluteFromMs = 1e11;

/** Bounds of one session. Ours. */
const limits = {
  connections: 1_000,
  nameCharacters: 512,
  /** Frames that wait for one that says when they were. */
  waitingFrames: 1_000,
  /** Members of reports that may come of one byte, and that may come in any case: a call has half of one, an idle one two. */
  membersPerByte: 8,
  membersAtOnce: 1_000_000,
} as const;

/** Choices of `createRtcstatsFrames`. */
export interface RtcstatsFramesOptions {
  readonly sessionId: string;
  readonly sink: Pick<ForeignSink, "record" | "skipped">;
  /** What is known of the page besides its frames: from the upgrade request, or the head of a file. */
  readonly page?: RtcstatsPage;
  /**
   * The frames of an earlier socket of the same page. The client goes on with the differences where it was, so that what comes first
   * can be read only with what was there before.
   */
  readonly continues?: RtcstatsFrames;
}

/** Reads the frames of one socket of an rtcstats client (subprotocol `rtcstats#5.0`), or the lines of a dump, as they come. */
export interface RtcstatsFrames {
  /** One text message. `place` says where it stands in a file. */
  push(frame: string, place?: Place): void;
  /** A frame was lost, or could not be read: from here on times are not sure until a report tells the time again. */
  lost(): void;
  /** Nothing follows. With the close code of the socket, where one is known; 1005 is what `trace.close()` leads to. */
  end(closeCode?: number | null): void;
  readonly records: number;
  readonly skippedCount: number;
  /** What a later socket of the page goes on with. */
  readonly connections: ReadonlyMap<string, ReportState>;
  readonly held: HeldWeight;
}

interface Frame {
  readonly method: string;
  readonly connectionId: string | null;
  readonly value: JsonValue;
  readonly extra: readonly JsonValue[];
  /** As it came: milliseconds since the frame before, or Unix ms. */
  readonly time: number;
  readonly place: Place;
}

export function createRtcstatsFrames(options: RtcstatsFramesOptions): RtcstatsFrames {
  const { sessionId, sink, page, continues } = options;
  const skips: Skips = createSkips(sink);
  const connections = new Map<string, ReportState>(continues?.connections);
  const held: HeldWeight = continues?.held ?? { weight: 0 };
  /** Connections that the app has closed: what is held of them goes first. */
  const closed = new Set<string>();
  /** Unix ms of the last frame; null until one says when it was. */
  let now: number | null = null;
  let waiting: Frame[] = [];
  /** By how much a frame is later than its report, as seen last; for times that a lost frame has taken away. */
  let lagMs = 0;
  let isTimeSure = true;
  let isPageTold = false;
  let records = 0;
  let memberBudget: number = limits.membersAtOnce;
  const baseless = new Set<string>();

  function emit(record: SessionRecord): void {
    records += 1;
    sink.record(sessionId, record);
  }

  function emitContext(at: number, context: SessionContext): void {
    if (Object.keys(context).length > 0) emit({ kind: "context", at, context });
  }

  const events = createEventTranslator(emit, emitContext);

  function read(text: string, place: Place): void {
    memberBudget += text.length * limits.membersPerByte;
    const parsed = parseJson(text);
    if (parsed === undefined) {
      skips.add("unreadable", place, "not valid JSON");
      isTimeSure = false;
      return;
    }
    const frame = toFrame(parsed, place);
    if (typeof frame === "string") {
      skips.add("invalid-entry", place, frame);
      isTimeSure = false;
      return;
    }
    if (now === null && !findTime(frame)) {
      if (waiting.length < limits.waitingFrames) waiting.push(frame);
      else skips.add("time-unknown", place, "nothing before it says when it was");
      return;
    }
    take(frame);
  }

  /** The frame tells the time, by itself or by its report: what waited for it is taken. */
  function findTime(frame: Frame): boolean {
    const reportAt = isReport(frame) ? reportTime(frame.value) : null;
    if (frame.time <= absoluteFromMs && reportAt === null && page?.startedAt == null) return false;
    // Of a frame with a time of its own nothing says how long after the ones before it that was: they are put right before it.
    let at = frame.time > absoluteFromMs ? frame.time : (reportAt ?? page?.startedAt ?? 0) - frame.time;
    const waited = waiting;
    waiting = [];
    for (const one of waited) at -= one.time;
    now = at;
    for (const one of waited) take(one);
    return true;
  }

  function take(frame: Frame): void {
    now = frame.time > absoluteFromMs ? frame.time : (now ?? 0) + frame.time;
    if (frame.time > absoluteFromMs) isTimeSure = true;
    if (isReport(frame)) correctTime(reportTime(frame.value));
    if (!isPageTold) {
      isPageTold = true;
      emitContext(now, describePage(page));
    }
    if (isReport(frame)) takeReport(frame, now);
    else takeMethod(frame, now);
  }

  /** A lost frame takes the time with it that passed before it. The next report says what time it is. */
  function correctTime(reportAt: number | null): void {
    if (reportAt === null || now === null) return;
    if (!isTimeSure) now = Math.max(now, reportAt + lagMs);
    else if (Math.abs(now - reportAt) < 5_000) lagMs = now - reportAt;
    isTimeSure = true;
  }

  function takeReport({ method, connectionId, value, extra, place }: Frame, at: number): void {
    if (!isObject(value)) return;
    if (connectionId === null) {
      skips.add("invalid-entry", place, "a report that names no connection");
      return;
    }
    const state = stateOf(connectionId, place);
    if (state === null) return;
    memberBudget -= state.size;
    if (memberBudget < 0) {
      memberBudget += state.size;
      skips.once(
        "limit-exceeded",
        "reports",
        place,
        "reports that are far larger than what they are made from",
      );
      return;
    }
    const own = readOwnMembers(extra);
    const isNamed = method === "getstats" || isWholeReport(method, value);
    const report = isNamed ? state.applyNamed(value, method !== "getstats", at) : state.apply(value, own, at);
    tellProblems(report, connectionId, place);
    if (report.cpuState !== null) events.pressure(at, report.cpuState);
    emit({ kind: "sample", at: own.at ?? at, connectionId, stats: report.stats, ...own.duration });
  }

  function stateOf(connectionId: string, place: Place): ReportState | null {
    const known = connections.get(connectionId);
    if (known !== undefined) return known;
    if (connections.size >= limits.connections) {
      skips.once("limit-exceeded", "connections", place, `more than ${limits.connections} connections`);
      return null;
    }
    if (isNearlyFull(held)) forgetClosed();
    const state = createReportState(held);
    connections.set(connectionId, state);
    return state;
  }

  function forgetClosed(): void {
    for (const connectionId of closed) {
      connections.get(connectionId)?.release();
      connections.delete(connectionId);
    }
    closed.clear();
  }

  function tellProblems({ left, baseless: count }: DecodedReport, connectionId: string, place: Place): void {
    if (left > 0) {
      const reason = `members of reports of ${quoted(connectionId)} that are too many, too large or of no use`;
      skips.once("limit-exceeded", `members ${connectionId}`, place, reason);
    }
    if (count > 0 && !baseless.has(connectionId)) {
      baseless.add(connectionId);
      const reason = `the first report of ${quoted(connectionId)} is missing: members that did not change since are unknown`;
      skips.add("out-of-step", place, reason);
    }
  }

  function takeMethod({ method, connectionId, value, extra, place }: Frame, at: number): void {
    const { record } = readOwnMembers(extra);
    if (record !== null) {
      if (record === "invalid") skips.add("invalid-entry", place, "a record that cannot be used");
      else emit(record);
      return;
    }
    if (method === "close" && connectionId === null) {
      end(numberOf(value));
      return;
    }
    if (method === "close" && connectionId !== null && connections.has(connectionId))
      closed.add(connectionId);
    switch (events.translate({ method, connectionId, value, extra, at })) {
      case "unknown":
        skips.once("unknown-event", method, place, `a method that has no counterpart: ${quoted(method)}`);
        return;
      case "invalid":
        skips.add("invalid-entry", place, `${method} with a value that it does not have`);
        return;
      case "too-large":
        skips.add("limit-exceeded", place, `${method} with a value that is too large or too deep`);
        return;
      case "base-missing":
        skips.add("out-of-step", place, `${method}: the description that it refers to is not there`);
        return;
      case "read":
      case "empty":
    }
  }

  /** The socket was closed. Only a close that the page asked for ends the session: 1006 leaves open what became of it. */
  function end(closeCode: number | null | undefined): void {
    if (closeCode !== 1005 && closeCode !== 1000) return;
    if (now !== null) emit({ kind: "event", at: now, name: "session-ended", data: { reason: "stopped" } });
  }

  return {
    push(text, place = nowhere) {
      read(text, place);
    },
    lost() {
      isTimeSure = false;
    },
    end(closeCode) {
      for (const { place } of waiting) skips.add("time-unknown", place, "nothing says when it was");
      waiting = [];
      end(closeCode);
    },
    get records() {
      return records;
    },
    get skippedCount() {
      return skips.count;
    },
    connections,
    held,
  };
}

/** The parts of a frame, or why it is none. */
function toFrame(value: JsonValue, place: Place): Frame | string {
  if (!Array.isArray(value)) return "not an array";
  const parts: readonly JsonValue[] = value;
  if (parts.length < 4) return "an array of less than four entries";
  const method = methodName(parts[0]);
  if (method === null || method.length > limits.nameCharacters)
    return "an array without the name of a method";
  const connection = parts[1];
  if (typeof connection === "string" && connection.length > limits.nameCharacters) {
    return `a name longer than ${limits.nameCharacters} characters`;
  }
  const last = parts.at(-1);
  const time = typeof last === "string" ? Date.parse(last) : numberOf(last);
  if (time === null || Number.isNaN(time)) return "an array without a time at its end";
  return {
    method,
    connectionId: typeof connection === "string" && connection !== "" ? connection : null,
    value: parts[2] ?? null,
    extra: parts.slice(3, -1),
    time,
    place,
  };
}

function isReport({ method }: Frame): boolean {
  return method === "getStats" || method === "getstats";
}

/** Time of a report, Unix ms; null where it says none that can be one. */
function reportTime(value: JsonValue): number | null {
  if (!isObject(value)) return null;
  const { t, timestamp } = value;
  const time = typeof timestamp === "string" ? Date.parse(timestamp) : numberOf(t ?? timestamp);
  return time !== null && time > absoluteFromMs ? time : null;
}

/** Older clients write whole reports under the name that differences have now. Those have no common time `t`. */
function isWholeReport(method: string, value: JsonObject): boolean {
  if (method !== "getStats" || value["t"] !== undefined) return false;
  const [first] = Object.entries(value).filter(([name]) => name !== "timestamp");
  return isObject(first?.[1]) && typeof first[1]["type"] === "string" && first[1]["timestamp"] !== undefined;
}
