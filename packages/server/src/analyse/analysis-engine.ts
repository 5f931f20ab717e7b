import type { JsonObject, SessionAnalysis } from "@peerscope/schema";
import { analyseCall, parseThresholds, type Thresholds } from "@peerscope/observer";
import type { LogReference } from "../ingest/session-registry.ts";
import { sessionNow } from "../query/live-session.ts";
import { createAnalysisCache } from "./analysis-cache.ts";
import { createLogAnalysis, type LogAnalysis } from "./log-analysis.ts";
import type {
  AnalysisAnswers,
  AnalysisLag,
  AnalysisRequest,
  SessionRows,
  WorkerInput,
  WorkerOutput,
} from "./messages.ts";
import type { RestingFile } from "./resting-file.ts";
import { pauseAfterRead } from "./read-pauses.ts";
import { createReadingTurns, type Reading } from "./reading-turns.ts";
import type { WorkMark } from "./work-mark.ts";

export interface AnalysisEngineOptions {
  /** `transfer`: what the message holds of memory that nobody here needs any more. */
  readonly send: (message: WorkerOutput, transfer?: readonly ArrayBuffer[]) => void;
  /** Monotonic milliseconds; injected so that tests decide. */
  readonly now: () => number;
  /** Where sessions that rest wait. Default: in memory. */
  readonly restingFile?: RestingFile;
  /** Which session is worked on, for whoever is left when this is not. */
  readonly mark?: Pick<WorkMark, "set">;
}

/** Everything the analysis worker does, without the worker: told what happened, it answers through `send`. */
export interface AnalysisEngine {
  receive(input: WorkerInput): void;
  /** Reads one piece of one log; true while there is more to read. */
  work(): boolean;
  /** Sends what changed. Called a few times a second. */
  tick(): void;
}

/** A changed session is reported this often at most, in milliseconds. Ours. */
const summaryIntervalMs = 1_000;
/** And at least this often, however many sessions there are. Ours. */
const longestSummaryIntervalMs = 60_000;
/** Reports of all sessions together may take this share of the worker: a twentieth. Ours. */
const reportShare = 20;
/** Somebody looks until so long after they asked last, in milliseconds. Ours: pages ask every few seconds. */
const attentionMs = 60_000;
/** All reports of a tick together take about so long at most, in milliseconds; the others have their turn at the next one. Ours. */
const reportsOfTickMs = 100;
/** A session that is not read for so long rests meanwhile, in milliseconds. Ours: docs/decisions/0012-sessions-rest.md. */
const restFromMs = 10_000;
/** Finished analyses kept ready for the pages that show them, in characters of JSON. Ours. */
const cacheCharacters = 16 << 20;
/**
 * Finished sessions whose rows nobody fetched yet: so many are kept ready, and those before them at rest, as many as were open besides at
 * the same time, when all end at once. Beyond it (the store is away) they are read again. Ours.
 */
const fewestKeptFinished = 100;

interface Tracked extends Reading {
  readonly analysis: LogAnalysis;
  readonly handle: number | null;
  changed: boolean;
  /** The analysis threw; it is left alone. */
  failed: boolean;
  nextReportAt: number;
  /** As `pauseAfterRead` asks. */
  isApart: boolean;
  /** Since when there is something to read; null when there is nothing. */
  unreadSince: number | null;
}

export function createAnalysisEngine(options: AnalysisEngineOptions): AnalysisEngine {
  const tracked = new Map<string, Tracked>();
  const byHandle = new Map<number, Tracked>();
  let attendedAt = Number.NEGATIVE_INFINITY;
  /** Sessions with unread bytes. */
  const turns = createReadingTurns<Tracked>(options.now);
  /** Sessions that were open at the same time, at most. */
  let mostOpen = 0;
  const thresholds = new Map<string, Thresholds>();
  const cache = createAnalysisCache(cacheCharacters);

  function track(log: LogReference, handle: number | null): Tracked {
    drop(log.sessionId);
    const own = thresholds.get(log.projectId);
    const entry: Tracked = {
      analysis: createLogAnalysis(log, {
        ...(own !== undefined && { thresholds: own }),
        ...(options.restingFile !== undefined && { restingFile: options.restingFile }),
      }),
      handle,
      changed: true,
      failed: false,
      nextReportAt: 0,
      nextReadAt: 0,
      isApart: false,
      unreadSince: null,
    };
    tracked.set(log.sessionId, entry);
    if (handle !== null) byHandle.set(handle, entry);
    awaitTurn(entry);
    return entry;
  }

  /** Has the session read when it is its turn. */
  function awaitTurn(entry: Tracked): void {
    entry.unreadSince ??= options.now();
    if (entry.analysis.log.finished) turns.endPause(entry);
    turns.add(entry);
  }

  function follow(log: LogReference, handle: number | null): void {
    const entry = tracked.get(log.sessionId);
    // What was closed with finish() cannot go on: a session that came back is read again from its start.
    if (entry === undefined || (entry.analysis.log.finished && !log.finished)) {
      track(log, handle ?? entry?.handle ?? null);
      return;
    }
    entry.analysis.advance(log);
    if (entry.failed) return;
    entry.changed = true;
    entry.nextReportAt = log.finished ? 0 : entry.nextReportAt;
    awaitTurn(entry);
  }

  function grow(sizes: Float64Array): void {
    for (let index = 0; index + 1 < sizes.length; index += 2) {
      const entry = byHandle.get(sizes[index] ?? -1);
      const bytes = sizes[index + 1] ?? 0;
      if (entry === undefined || entry.failed || bytes <= entry.analysis.log.bytes) continue;
      entry.analysis.advance({ ...entry.analysis.log, bytes });
      awaitTurn(entry);
    }
  }

  const isAttended = (): boolean => options.now() - attendedAt < attentionMs;

  /** Somebody looks: what is known is of a minute ago, and is brought up to date at once. */
  function attend(): void {
    const wasAttended = isAttended();
    attendedAt = options.now();
    if (wasAttended) return;
    for (const entry of tracked.values()) {
      turns.endPause(entry);
      entry.nextReportAt = 0;
    }
  }

  /** Their clients went away, maybe for good: the last of them is read when it is there. */
  function hurry(handles: readonly number[]): void {
    for (const handle of handles) {
      const entry = byHandle.get(handle);
      if (entry === undefined || entry.failed) continue;
      turns.endPause(entry);
      entry.nextReportAt = 0;
    }
  }

  /** Sessions of the project are judged anew, from their start: their rows follow. */
  function setThresholds(projectId: string, wanted: JsonObject): void {
    let parsed: Thresholds | undefined;
    try {
      parsed = parseThresholds(wanted);
    } catch (error) {
      options.send({ type: "thresholds-refused", projectId, message: String(error) });
    }
    const before = thresholds.get(projectId)?.canonical ?? "";
    if (parsed === undefined || parsed.canonical === "") thresholds.delete(projectId);
    else thresholds.set(projectId, parsed);
    if ((parsed?.canonical ?? "") === before) return;
    cache.clear();
    const own = [...tracked.values()].filter(({ analysis }) => analysis.log.projectId === projectId);
    for (const { analysis, handle } of own) track(analysis.log, handle);
  }

  /**
   * The session, read to the end of what is on disk. Who asks may know less than this worker was told meanwhile: of a
   * session that came back, or went on.
   */
  function upToDate(log: LogReference): Tracked {
    const known = tracked.get(log.sessionId)?.analysis.log;
    const isNews =
      known === undefined ||
      known.bytes < log.bytes ||
      (known.bytes === log.bytes && log.finished && !known.finished);
    if (isNews) follow(log, null);
    const entry = tracked.get(log.sessionId) ?? track(log, null);
    while (entry.analysis.read());
    wasRead(entry);
    return entry;
  }

  /** Whatever becomes of this thread meanwhile, it is this session that it worked on. */
  function marked<Result>(sessionId: string, act: () => Result): Result {
    options.mark?.set(sessionId);
    try {
      return act();
    } finally {
      options.mark?.set(null);
    }
  }

  /** A defect that one session brings out must not stop the analysis of the others. */
  function guarded(entry: Tracked, act: () => void): void {
    try {
      marked(entry.analysis.log.sessionId, act);
    } catch (error) {
      entry.failed = true;
      entry.changed = false;
      const { sessionId } = entry.analysis.log;
      entry.unreadSince = null;
      turns.remove(entry);
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      options.send({ type: "analysis-failed", sessionId, message });
    }
  }

  function wasRead(entry: Tracked): void {
    const { analysis } = entry;
    turns.remove(entry);
    entry.changed = true;
    entry.unreadSince = null;
    const attended = isAttended();
    const { handle, isApart } = entry;
    const pauseMs = pauseAfterRead({
      isAttended: attended,
      sessions: tracked.size,
      handle: handle ?? 1,
      isApart,
    });
    entry.isApart = !attended;
    entry.nextReadAt = options.now() + pauseMs;
    const codes = analysis.takeRefused();
    if (codes.length > 0) options.send({ type: "frames-refused", sessionId: analysis.log.sessionId, codes });
  }

  /** It was read, and is left alone for a while: what is to be reported is reported now, while everything is at hand. */
  function leave(entry: Tracked): void {
    if (entry.nextReportAt <= options.now()) report(entry);
    settle(entry);
  }

  /** Lets it rest, unless it is needed again soon, as one that is finished is for its rows. */
  function settle(entry: Tracked): void {
    if (entry.failed || entry.analysis.log.finished) return;
    if (entry.nextReadAt - options.now() >= restFromMs) entry.analysis.rest();
  }

  function report(entry: Tracked): void {
    const before = options.now();
    const { log } = entry.analysis;
    const outline = entry.analysis.outline();
    const summary = entry.analysis.summary(outline);
    const now = sessionNow(outline);
    const cost = options.now() - before;
    entry.changed = false;
    const intervalMs = clamp(cost * tracked.size * reportShare, summaryIntervalMs, longestSummaryIntervalMs);
    // While nobody looks, whenever it is read.
    entry.nextReportAt = isAttended() ? before + intervalMs : 0;
    options.send({ type: "summary", summary, now, finished: log.finished, bytes: log.bytes });
    if (log.finished) cache.put(log, entry.analysis.json());
  }

  function analysisJson(log: LogReference): string {
    const known = tracked.has(log.sessionId);
    if (!log.finished) {
      const entry = upToDate(log);
      const json = entry.analysis.json();
      // Another worker follows it.
      if (!known) drop(log.sessionId);
      else settle(entry);
      return json;
    }
    const ready = cache.get(log);
    if (ready !== null) return ready;
    const entry = upToDate(log);
    // Who asks first after the end also gets the list right; a session of the past is only read for the answer.
    if (known && entry.changed) report(entry);
    const json = entry.analysis.json();
    cache.put(log, json);
    if (!known) drop(log.sessionId);
    else settle(entry);
    return json;
  }

  const markedJson = (log: LogReference): string => marked(log.sessionId, () => analysisJson(log));

  function callJson(logs: readonly LogReference[], members: readonly string[]): string {
    const sessions = [...members, ...logs.map(markedJson)].map((json) => JSON.parse(json) as SessionAnalysis);
    return JSON.stringify(analyseCall(sessions));
  }

  function rowsOf(log: LogReference, complete: boolean, version: number): SessionRows {
    // Rows given out before may never have arrived: only the log has them all again.
    const known = tracked.get(log.sessionId);
    if (complete) {
      const isAhead = known !== undefined && known.analysis.log.bytes > log.bytes;
      track(isAhead ? known.analysis.log : log, known?.handle ?? null);
    }
    const entry = upToDate(log);
    const rows = entry.analysis.rows(version);
    // What they were made of is at hand: a report now is cheaper than one later.
    entry.nextReportAt = 0;
    if (rows.finished) drop(log.sessionId);
    else settle(entry);
    return rows;
  }

  function drop(sessionId: string): void {
    const entry = tracked.get(sessionId);
    if (entry === undefined) return;
    tracked.delete(sessionId);
    if (entry.handle !== null) byHandle.delete(entry.handle);
    turns.remove(entry);
    entry.analysis.close();
  }

  function lag(): AnalysisLag {
    let bytes = 0;
    let since = Number.POSITIVE_INFINITY;
    for (const { analysis, unreadSince, nextReadAt } of tracked.values()) {
      if (unreadSince === null) continue;
      bytes += analysis.unreadBytes;
      since = Math.min(since, Math.max(unreadSince, nextReadAt));
    }
    const ageMs = Number.isFinite(since) ? Math.max(0, options.now() - since) : 0;
    return { bytes, ageMs, sessions: tracked.size };
  }

  function answer(request: AnalysisRequest): AnalysisAnswers[keyof AnalysisAnswers] {
    if (request.kind === "analysis") return markedJson(request.log);
    if (request.kind === "call") return callJson(request.logs, request.members);
    return request.sessions.flatMap(({ log, complete }) => {
      let rows: SessionRows[] = [];
      guarded(tracked.get(log.sessionId) ?? track(log, null), () => {
        rows = [rowsOf(log, complete, request.version)];
      });
      return rows;
    });
  }

  return {
    receive(input) {
      switch (input.type) {
        case "log":
          follow(input.log, input.handle);
          break;
        case "grown":
          grow(input.sizes);
          options.send({ type: "taken" });
          break;
        case "attention":
          attend();
          break;
        case "hurry":
          hurry(input.handles);
          break;
        case "thresholds":
          setThresholds(input.projectId, input.thresholds);
          break;
        case "forget":
          drop(input.sessionId);
          cache.forget(input.sessionId);
          break;
        case "request":
          try {
            const value = answer(input.request);
            options.send({ type: "answer", id: input.id, value }, buffersOf(value));
          } catch (error) {
            options.send({ type: "failure", id: input.id, message: String(error) });
          }
          break;
      }
    },
    work() {
      const entry = turns.take();
      if (entry === null) return false;
      guarded(entry, () => {
        // One that has more goes to the end of the line, so that a long log does not keep the others waiting.
        if (entry.analysis.read()) {
          turns.again(entry);
        } else {
          wasRead(entry);
          leave(entry);
        }
      });
      return turns.isBusy;
    },
    tick() {
      const now = options.now();
      let finished = 0;
      let open = 0;
      for (const entry of tracked.values()) {
        if (entry.analysis.log.finished) finished += 1;
        else open += 1;
        if (!entry.changed || now < entry.nextReportAt || turns.isDue(entry)) continue;
        if (options.now() - now > reportsOfTickMs) continue;
        guarded(entry, () => {
          report(entry);
          settle(entry);
        });
      }
      mostOpen = Math.max(mostOpen, open);
      const kept = Math.max(fewestKeptFinished, mostOpen - open);
      for (const [sessionId, entry] of tracked) {
        if (finished <= fewestKeptFinished) break;
        if (!entry.analysis.log.finished || entry.changed) continue;
        if (finished > kept) drop(sessionId);
        else if (!entry.failed) guarded(entry, () => entry.analysis.rest());
        finished -= 1;
      }
      options.send({ type: "lag", lag: lag() });
    },
  };
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

function buffersOf(value: AnalysisAnswers[keyof AnalysisAnswers]): ArrayBuffer[] {
  if (typeof value === "string") return [];
  return value.flatMap(({ tables }) => Object.values(tables).map(({ bytes }) => bytes.buffer));
}
