import { availableParallelism } from "node:os";
import { setFlagsFromString } from "node:v8";
import type { JsonObject } from "@peerscope/schema";
import type { LogReference } from "../ingest/session-registry.ts";
import { entryUrl, startWorkerThread } from "../entry.ts";
import type {
  AnalysisAnswers,
  AnalysisLag,
  AnalysisRequest,
  SessionRows,
  WorkerOutput,
  WorkerStart,
} from "./messages.ts";
import { createSetAside, SessionSetAside } from "./set-aside.ts";
import { createWorkerLink, type WorkerLink, type WorkerThread } from "./worker-link.ts";

export interface AnalyserOptions {
  /** Worker threads. */
  readonly workers: number;
  /** Where they keep what they remember of sessions that wait; made when it is needed. */
  readonly restingFolder: string;
  readonly onSummary: (message: Extract<WorkerOutput, { type: "summary" }>) => void;
  readonly onFramesRefused: (sessionId: string, codes: readonly string[]) => void;
  /** The session cannot be analysed: a defect, or it ended its workers. */
  readonly onFailed: (sessionId: string, message: string) => void;
  /** The thresholds of a project cannot be used; the catalogue's count. */
  readonly onThresholdsRefused: (projectId: string, message: string) => void;
  /** A worker failed and a new one runs, which reads the logs of its sessions again. */
  readonly onRestart: (error: Error) => void;
  /** Injected by tests; default: a thread of its own. */
  readonly startWorker?: (mark: SharedArrayBuffer) => WorkerThread;
  /** Monotonic ms; injected by tests. */
  readonly now?: () => number;
}

/** How far the analysis is behind what was acknowledged. */
export interface AnalyserLag {
  /** Bytes of logs that are on disk and not analysed, as far as the workers said. */
  readonly bytes: number;
  /** How long the oldest of them have been waiting since it was their turn, in ms. */
  readonly ageMs: number;
  readonly workers: readonly (AnalysisLag & { readonly isRunning: boolean; readonly restarts: number })[];
}

/**
 * The analysis workers as the main thread sees them. All sessions of a call are with one worker: which call a session
 * is in only its records say, so it begins with the worker that has least to do, and moves, by being read again from
 * its start, when its first summary names a call that is with another one.
 *
 * A worker is told lengths of logs, never given frames: one that is behind costs a number a session, and reads later.
 */
export interface Analyser {
  /** The log is there for the first time, was finished or was opened again. */
  follow(log: LogReference): void;
  /** More of a log is on disk; false when it is not followed, or was finished and has to be followed anew. */
  grown(sessionId: string, bytes: number): boolean;
  forget(sessionId: string): void;
  /** Somebody looks at what is happening now. While nobody does, open sessions are read every second minute only. */
  attend(): void;
  /** The client of a session went away: what is left of it is read soon. */
  hurry(sessionId: string): void;
  /** What a project has instead of the catalogue's thresholds. Open sessions are judged anew. */
  setThresholds(projectId: string, thresholds: JsonObject): void;
  /**
   * Without the sessions that ended their workers again and again.
   *
   * @throws SessionSetAside when none is left.
   * @throws Error when the worker fails or takes longer than a minute.
   */
  ask<Kind extends AnalysisRequest["kind"]>(
    request: Extract<AnalysisRequest, { kind: Kind }>,
  ): Promise<AnalysisAnswers[Kind]>;
  readonly lag: AnalyserLag;
  close(): Promise<void>;
}

/** Workers are told what grew at most this often, in milliseconds. Ours. */
const tellIntervalMs = 250;
/** And that somebody looks this often, in milliseconds. Ours. */
const attendIntervalMs = 5_000;

/**
 * How the heaps of workers grow. V8 collects the first time at some 256 MB, and then when a heap has doubled or more, whatever
 * is alive of it; sessions that wait are bytes outside of it. Ours: collecting at half more than what
 * is alive takes less memory for no time that could be measured; at a quarter more it takes time. See npm run bench -- server.
 */
const heapFlags = ["--initial-old-space-size=16", "--heap-growing-percent=50"];
const maxYoungGenerationSizeMb = 24;
/**
 * On so few cores the engine's threads that help to collect garbage wait for one themselves, and the thread that they help waits for them.
 * Ours, measured on two cores with 5,000 clients that came at once: after 30 s the worker was up to date without them, and 5 s behind with them.
 */
const fewCores = 2;
const fewCoresFlags = ["--no-concurrent-marking", "--no-parallel-scavenge"];

interface PoolWorker {
  readonly link: WorkerLink;
  readonly sessions: Set<Followed>;
  /** Sessions that grew since the worker was told. */
  readonly grown: Set<Followed>;
  /** Sessions whose clients went away since. */
  readonly hurried: Set<Followed>;
  /** It did not yet take what it was told last. */
  isTelling: boolean;
  restarts: number;
  lag: AnalysisLag;
  /** When it said so. */
  lagAt: number;
}

interface Followed {
  readonly handle: number;
  log: LogReference;
  bytes: number;
  worker: PoolWorker;
  callKey: string | null;
}

interface Call {
  readonly worker: PoolWorker;
  sessions: number;
}

const noLag: AnalysisLag = { bytes: 0, ageMs: 0, sessions: 0 };

export function createAnalyser(options: AnalyserOptions): Analyser {
  const now = options.now ?? (() => performance.now());
  const startWorker =
    options.startWorker ??
    ((mark: SharedArrayBuffer) => {
      const flags = availableParallelism() > fewCores ? heapFlags : [...heapFlags, ...fewCoresFlags];
      for (const flag of flags) setFlagsFromString(flag);
      return startWorkerThread(entryUrl("analyse-worker", "./analyse/"), {
        resourceLimits: { maxYoungGenerationSizeMb },
        workerData: { restingFolder: options.restingFolder, mark } satisfies WorkerStart,
      });
    });
  const followed = new Map<string, Followed>();
  const calls = new Map<string, Call>();
  const thresholds = new Map<string, JsonObject>();
  const setAside = createSetAside();
  let nextHandle = 0;
  let attendedAt = Number.NEGATIVE_INFINITY;
  const workers: readonly PoolWorker[] = Array.from({ length: Math.max(1, options.workers) }, createWorker);
  const timer = setInterval(() => workers.forEach(tell), tellIntervalMs);

  function createWorker(): PoolWorker {
    const link = createWorkerLink({
      start: startWorker,
      onMessage: (message) => onMessage(worker, message),
      onEnd: suspect,
      onRestart(error) {
        worker.restarts += 1;
        worker.isTelling = false;
        worker.grown.clear();
        worker.hurried.clear();
        for (const [projectId, wanted] of thresholds)
          link.post({ type: "thresholds", projectId, thresholds: wanted });
        for (const session of worker.sessions) announce(session);
        options.onRestart(error);
      },
    });
    const worker: PoolWorker = {
      link,
      sessions: new Set(),
      grown: new Set(),
      hurried: new Set(),
      isTelling: false,
      restarts: 0,
      lag: noLag,
      lagAt: now(),
    };
    return worker;
  }

  /** A worker ended while it worked on this session: the others get a worker again, in the end without it. */
  function suspect(sessionId: string | null): void {
    if (sessionId === null || !setAside.ended(sessionId)) return;
    drop(sessionId);
    options.onFailed(sessionId, new SessionSetAside(sessionId).message);
  }

  function onMessage(
    worker: PoolWorker,
    message: Exclude<WorkerOutput, { type: "answer" | "failure" }>,
  ): void {
    switch (message.type) {
      case "summary": {
        const session = followed.get(message.summary.sessionId);
        // It moved meanwhile: its new worker says the same.
        if (session !== undefined && session.worker !== worker) return;
        if (session !== undefined) placeInCall(session, message.summary.callId);
        return options.onSummary(message);
      }
      case "taken":
        worker.isTelling = false;
        return;
      case "lag":
        worker.lag = message.lag;
        worker.lagAt = now();
        return;
      case "thresholds-refused":
        return options.onThresholdsRefused(message.projectId, message.message);
      case "frames-refused":
        return options.onFramesRefused(message.sessionId, message.codes);
      case "analysis-failed":
        return options.onFailed(message.sessionId, message.message);
    }
  }

  function placeInCall(session: Followed, callId: string | null): void {
    const key = callId === null ? null : JSON.stringify([session.log.projectId, callId]);
    if (key === session.callKey) return;
    leaveCall(session);
    if (key === null) return;
    session.callKey = key;
    const call = calls.get(key) ?? { worker: session.worker, sessions: 0 };
    calls.set(key, call);
    call.sessions += 1;
    if (call.worker === session.worker) return;
    release(session);
    session.worker = call.worker;
    call.worker.sessions.add(session);
    announce(session);
  }

  function leaveCall(session: Followed): void {
    const call = session.callKey === null ? undefined : calls.get(session.callKey);
    if (call !== undefined) {
      call.sessions -= 1;
      if (call.sessions === 0) calls.delete(session.callKey ?? "");
    }
    session.callKey = null;
  }

  /** Takes the session from its worker. */
  function release(session: Followed): void {
    const { worker } = session;
    worker.sessions.delete(session);
    worker.grown.delete(session);
    worker.hurried.delete(session);
    worker.link.post({ type: "forget", sessionId: session.log.sessionId });
  }

  function announce(session: Followed): void {
    session.log = { ...session.log, bytes: session.bytes };
    session.worker.grown.delete(session);
    session.worker.link.post({ type: "log", handle: session.handle, log: session.log });
  }

  /** One message for all that grew, and the next when it was taken: a worker that is busy is not buried. */
  function tell(worker: PoolWorker): void {
    if (worker.isTelling || !worker.link.isRunning) return;
    tellGrown(worker);
    if (worker.hurried.size === 0) return;
    worker.link.post({ type: "hurry", handles: Array.from(worker.hurried, ({ handle }) => handle) });
    worker.hurried.clear();
  }

  function tellGrown(worker: PoolWorker): void {
    if (worker.grown.size === 0) return;
    const sizes = new Float64Array(worker.grown.size * 2);
    let index = 0;
    for (const { handle, bytes } of worker.grown) {
      sizes[index] = handle;
      sizes[index + 1] = bytes;
      index += 2;
    }
    worker.grown.clear();
    worker.isTelling = true;
    worker.link.post({ type: "grown", sizes }, [sizes.buffer]);
  }

  function leastBusy(): PoolWorker {
    return workers.reduce((least, worker) => (worker.sessions.size < least.sessions.size ? worker : least));
  }

  function drop(sessionId: string): void {
    const session = followed.get(sessionId);
    if (session === undefined) return;
    followed.delete(sessionId);
    leaveCall(session);
    release(session);
  }

  /** Each worker gives the rows of its own sessions. */
  async function askRows({
    version,
    sessions,
  }: Extract<AnalysisRequest, { kind: "rows" }>): Promise<SessionRows[]> {
    const parts = new Map<PoolWorker, (typeof sessions)[number][]>();
    for (const one of sessions) {
      const worker = followed.get(one.log.sessionId)?.worker ?? leastBusy();
      const own = parts.get(worker);
      if (own === undefined) parts.set(worker, [one]);
      else own.push(one);
    }
    const answers = await Promise.all(
      [...parts].map(([{ link }, own]) => link.ask<"rows">({ kind: "rows", version, sessions: own })),
    );
    // With the rows of a finished session the worker forgets it, unless it came back while they were made.
    for (const { sessionId, finished, bytes } of answers.flat()) {
      const log = followed.get(sessionId)?.log;
      if (finished && log?.finished === true && log.bytes === bytes) drop(sessionId);
    }
    return answers.flat();
  }

  return {
    follow(log) {
      if (setAside.has(log.sessionId)) return;
      let session = followed.get(log.sessionId);
      if (session === undefined) {
        nextHandle += 1;
        const worker = leastBusy();
        session = { handle: nextHandle, log, bytes: log.bytes, worker, callKey: null };
        followed.set(log.sessionId, session);
        worker.sessions.add(session);
      }
      session.log = log;
      session.bytes = log.bytes;
      announce(session);
    },
    grown(sessionId, bytes) {
      if (setAside.has(sessionId)) return true;
      const session = followed.get(sessionId);
      // An analysis that was closed cannot go on: the session is to be followed anew.
      if (session === undefined || session.log.finished) return false;
      session.bytes = bytes;
      session.worker.grown.add(session);
      return true;
    },
    forget(sessionId) {
      drop(sessionId);
      setAside.forget(sessionId);
      // The analysis of one of the past may be kept ready by any of them.
      for (const { link } of workers) link.post({ type: "forget", sessionId });
    },
    attend() {
      if (now() - attendedAt < attendIntervalMs) return;
      attendedAt = now();
      for (const { link } of workers) link.post({ type: "attention" });
    },
    hurry(sessionId) {
      const session = followed.get(sessionId);
      session?.worker.hurried.add(session);
    },
    setThresholds(projectId, wanted) {
      thresholds.set(projectId, wanted);
      for (const { link } of workers) link.post({ type: "thresholds", projectId, thresholds: wanted });
    },
    async ask(request) {
      const wanted = setAside.without(request);
      // The kind decides the answer, which TypeScript does not follow through a union.
      if (wanted.kind === "rows") return (await askRows(wanted)) as never;
      const sessionIds =
        wanted.kind === "call" ? wanted.logs.map(({ sessionId }) => sessionId) : [wanted.log.sessionId];
      const known = sessionIds.flatMap((sessionId) => followed.get(sessionId) ?? []);
      const worker = known.find(({ callKey }) => callKey !== null)?.worker ?? known[0]?.worker ?? leastBusy();
      return (await worker.link.ask<"analysis" | "call">(wanted)) as never;
    },
    get lag() {
      const at = now();
      const states = workers.map(({ lag, lagAt, link, restarts, sessions }) => ({
        bytes: lag.bytes,
        // One that says nothing is at least as late as it was, and as long as it has been silent with work to do.
        ageMs: lag.ageMs > 0 || !link.isRunning ? lag.ageMs + at - lagAt : Math.max(0, at - lagAt - silentMs),
        sessions: sessions.size,
        isRunning: link.isRunning,
        restarts,
      }));
      return {
        bytes: states.reduce((sum, { bytes }) => sum + bytes, 0),
        ageMs: Math.max(...states.map(({ ageMs }) => ageMs)),
        workers: states,
      };
    },
    async close() {
      clearInterval(timer);
      await Promise.all(workers.map(({ link }) => link.close()));
    },
  };
}

/** A worker speaks this often when all is well, in milliseconds. */
const silentMs = 1_000;
