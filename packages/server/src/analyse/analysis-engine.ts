import type { SessionAnalysis } from "@peerscope/schema";
import { analyseCall } from "@peerscope/observer";
import type { LogReference } from "../ingest/session-registry.ts";
import { createLogAnalysis, type LogAnalysis } from "./log-analysis.ts";
import type { AnalysisAnswers, AnalysisRequest, SessionRows, WorkerInput, WorkerOutput } from "./messages.ts";
import { toSessionSummary } from "./session-summary.ts";

export interface AnalysisEngineOptions {
  readonly send: (message: WorkerOutput) => void;
  /** Monotonic milliseconds; injected so that tests decide. */
  readonly now: () => number;
}

/** Everything the analysis worker does, without the worker: told what happened, it answers through `send`. */
export interface AnalysisEngine {
  receive(input: WorkerInput): void;
  /** Reads one piece of one log; true while there is more to read. */
  work(): boolean;
  /** Sends what changed. Called a few times a second. */
  tick(): void;
}

/** A changed session is reported this often, in milliseconds. Ours. */
const summaryIntervalMs = 1_000;
/** At most this share of the worker goes into reporting one session. Ours: a twentieth. */
const reportShare = 20;
/** Finished analyses kept ready for the pages that show them, in characters of JSON. Ours. */
const cacheCharacters = 32 << 20;
/** Finished sessions whose rows nobody fetched yet (the store is away): beyond it they are read again. Ours. */
const maxKeptFinished = 100;

interface Tracked {
  readonly analysis: LogAnalysis;
  changed: boolean;
  /** The analysis threw; it is left alone. */
  failed: boolean;
  nextReportAt: number;
}

export function createAnalysisEngine(options: AnalysisEngineOptions): AnalysisEngine {
  const tracked = new Map<string, Tracked>();
  /** Sessions with unread bytes, in turn. */
  const behind = new Set<string>();
  const cache = new Map<string, { readonly bytes: number; readonly json: string }>();
  let cached = 0;

  function track(log: LogReference): Tracked {
    const entry: Tracked = {
      analysis: createLogAnalysis(log),
      changed: true,
      failed: false,
      nextReportAt: 0,
    };
    tracked.set(log.sessionId, entry);
    behind.add(log.sessionId);
    return entry;
  }

  function follow(log: LogReference): void {
    const entry = tracked.get(log.sessionId);
    // What was closed with finish() cannot go on: a session that came back is read again from its start.
    if (entry === undefined || (entry.analysis.log.finished && !log.finished)) {
      track(log);
      return;
    }
    entry.analysis.advance(log);
    if (entry.failed) return;
    entry.changed = true;
    entry.nextReportAt = log.finished ? 0 : entry.nextReportAt;
    behind.add(log.sessionId);
  }

  /** The session, read to the end of what is on disk. */
  function upToDate(log: LogReference): Tracked {
    const known = tracked.get(log.sessionId);
    if (
      known === undefined ||
      known.analysis.log.finished !== log.finished ||
      known.analysis.log.bytes < log.bytes
    ) {
      follow(log);
    }
    const entry = tracked.get(log.sessionId) ?? track(log);
    while (entry.analysis.read());
    behind.delete(log.sessionId);
    reportRefused(entry);
    return entry;
  }

  /** A defect that one session brings out must not stop the analysis of the others. */
  function guarded(entry: Tracked, act: () => void): void {
    try {
      act();
    } catch (error) {
      entry.failed = true;
      entry.changed = false;
      const { sessionId } = entry.analysis.log;
      behind.delete(sessionId);
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      options.send({ type: "analysis-failed", sessionId, message });
    }
  }

  function reportRefused({ analysis }: Tracked): void {
    const codes = analysis.takeRefused();
    if (codes.length > 0) options.send({ type: "frames-refused", sessionId: analysis.log.sessionId, codes });
  }

  function report(entry: Tracked): void {
    const before = options.now();
    const { log } = entry.analysis;
    const summary = toSessionSummary(entry.analysis.result(), log);
    const cost = options.now() - before;
    entry.changed = false;
    entry.nextReportAt = before + Math.max(summaryIntervalMs, cost * reportShare);
    options.send({ type: "summary", summary, finished: log.finished, bytes: log.bytes });
    if (log.finished) keep(log, entry.analysis.result());
  }

  function keep(log: LogReference, analysis: SessionAnalysis): string {
    const json = JSON.stringify(analysis);
    cached += json.length - (cache.get(log.sessionId)?.json.length ?? 0);
    cache.delete(log.sessionId);
    cache.set(log.sessionId, { bytes: log.bytes, json });
    for (const [sessionId, { json }] of cache) {
      if (cached <= cacheCharacters) break;
      cache.delete(sessionId);
      cached -= json.length;
    }
    return json;
  }

  function analysisJson(log: LogReference): string {
    if (!log.finished) return JSON.stringify(upToDate(log).analysis.result());
    const ready = cache.get(log.sessionId);
    if (ready?.bytes === log.bytes) return keepRecent(log.sessionId, ready);
    const known = tracked.has(log.sessionId);
    const entry = upToDate(log);
    // Who asks first after the end also gets the list right; a session of the past is only read for the answer.
    if (known && entry.changed) report(entry);
    const json = keep(log, entry.analysis.result());
    if (!known) drop(log.sessionId);
    return json;
  }

  function keepRecent(sessionId: string, ready: { readonly bytes: number; readonly json: string }): string {
    cache.delete(sessionId);
    cache.set(sessionId, ready);
    return ready.json;
  }

  function rowsOf(log: LogReference, complete: boolean, version: number): SessionRows {
    // Rows given out before may never have arrived: only the log has them all again.
    if (complete) drop(log.sessionId);
    const entry = upToDate(log);
    const rows = entry.analysis.rows(version);
    if (log.finished) drop(log.sessionId);
    return rows;
  }

  function drop(sessionId: string): void {
    tracked.delete(sessionId);
    behind.delete(sessionId);
  }

  function answer(request: AnalysisRequest): AnalysisAnswers[keyof AnalysisAnswers] {
    if (request.kind === "analysis") return analysisJson(request.log);
    if (request.kind === "call") {
      const analyses = request.logs.map((log) => JSON.parse(analysisJson(log)) as SessionAnalysis);
      return JSON.stringify(analyseCall(analyses));
    }
    return request.sessions.flatMap(({ log, complete }) => {
      let rows: SessionRows[] = [];
      guarded(tracked.get(log.sessionId) ?? track(log), () => {
        rows = [rowsOf(log, complete, request.version)];
      });
      return rows;
    });
  }

  return {
    receive(input) {
      switch (input.type) {
        case "log":
          follow(input.log);
          break;
        case "forget":
          drop(input.sessionId);
          break;
        case "request":
          try {
            options.send({ type: "answer", id: input.id, value: answer(input.request) });
          } catch (error) {
            options.send({ type: "failure", id: input.id, message: String(error) });
          }
          break;
      }
    },
    work() {
      for (const sessionId of behind) {
        behind.delete(sessionId);
        const entry = tracked.get(sessionId);
        if (entry === undefined) continue;
        guarded(entry, () => {
          const more = entry.analysis.read();
          reportRefused(entry);
          entry.changed = true;
          if (more) behind.add(sessionId);
        });
        break;
      }
      return behind.size > 0;
    },
    tick() {
      const now = options.now();
      let finished = 0;
      for (const [sessionId, entry] of tracked) {
        if (entry.analysis.log.finished) finished += 1;
        if (!entry.changed || now < entry.nextReportAt || behind.has(sessionId)) continue;
        guarded(entry, () => report(entry));
      }
      for (const [sessionId, entry] of tracked) {
        if (finished <= maxKeptFinished) break;
        if (!entry.analysis.log.finished || entry.changed) continue;
        drop(sessionId);
        finished -= 1;
      }
    },
  };
}
