import type {
  EventRecord,
  MetricPoint,
  SampleRecord,
  SessionAnalysis,
  SessionRecord,
} from "@peerscope/schema";
import { deriveInterval } from "./derive/interval.ts";
import { emitMetrics } from "./derive/metrics.ts";
import { followStreams, trackStreams } from "./derive/track-streams.ts";
import { forgetBaselines, isGap, noteInterval, usualInterval } from "./derive/gaps.ts";
import { captureCallOf } from "./detect/capture-calls.ts";
import { detectors } from "./detect/catalog.ts";
import type { ObservationDefinition } from "./detect/definition.ts";
import type { Detector, Moment, View } from "./detect/view.ts";
import type { CustomMetric } from "./extend/define-metric.ts";
import type { Extension } from "./extend/define-observation.ts";
import { createExtensionRunner } from "./extend/extension-runner.ts";
import { versionInForce } from "./extend/in-force.ts";
import type { Thresholds } from "./extend/thresholds.ts";
import { type Connection, inferState, keepReport, rememberPath } from "./model/connection.ts";
import type { KeptReport } from "./model/kept-report.ts";
import { type Report, readReport } from "./model/report.ts";
import { applyContext, applyEvent, connectionOf } from "./model/session.ts";
import { ScoreWindows } from "./score/collector.ts";
import { feedScore, ScoreWindowKeeper } from "./score-feed.ts";
import { analysisOf, type KnownSession, outlineOf, type SessionOutline } from "./session-results.ts";
import { createSessionState, putSessionState, type SessionState, takeSessionState } from "./session-state.ts";

export interface SessionObserverOptions {
  /** Id that the results carry. */
  readonly sessionId: string;
  /** Participant name in a capture; null elsewhere. */
  readonly peer?: string | null;
  /** Called with every derived value, in order of time; for charts. Left out on the server: nothing is then computed for it. */
  readonly onMetric?: (point: MetricPoint) => void;
  /** Thresholds of the project, from `parseThresholds`. */
  readonly thresholds?: Thresholds;
  /** Observations of the project's own, from `defineObservation`. */
  readonly extensions?: readonly Extension[];
  /** Metrics of the project's own, from `defineMetric`; given to `onMetric`. */
  readonly metrics?: readonly CustomMetric[];
}

/**
 * Analyses one session from its records alone: no clock, no I/O. Records come in the order of the log.
 * The same records in any batching give the same analysis.
 */
export interface SessionObserver {
  push(record: SessionRecord): void;
  /** Everything known so far, open observations included. Does not change the state. */
  analysis(): SessionAnalysis;
  /** What lists say of it, the same as in `analysis`, at a cost that hardly grows with the length of the session. Does not change the state. */
  outline(): SessionOutline;
  /** The log is complete: closes what is open (`session-end`) and returns the final analysis. */
  finish(): SessionAnalysis;
  /**
   * All that it remembers, as bytes that only this process can read: `createSessionObserver` goes on from them. A tenth of the memory, for
   * whoever follows thousands of sessions; this observer is not to be used any more.
   */
  rest(): Uint8Array;
}

/** An evaluation step ends at the first sample this long after its start: 2 s, less the jitter of sampling timers (ours). */
const stepAfterMs = 1750;

/** How finely states that last are judged, ms of record time. Ours. */
const timeGrainMs = 500;

/** An interval that is shorter is never a gap, ms. Ours. */
const shortestGapMs = 2000;

/** Detectors by what they look at, so that those which do not care are not asked. */
interface DetectorsByHook {
  readonly time: readonly Detector[];
  readonly sample: readonly Detector[];
  readonly step: readonly Detector[];
  readonly gap: readonly Detector[];
  readonly event: readonly Detector[];
  readonly end: readonly Detector[];
}

function byHook(all: readonly Detector[]): DetectorsByHook {
  return {
    time: all.filter((detector) => "onTime" in detector),
    sample: all.filter((detector) => "onSample" in detector),
    step: all.filter((detector) => "onStep" in detector),
    gap: all.filter((detector) => "onGap" in detector),
    event: all.filter((detector) => "onEvent" in detector),
    end: all.filter((detector) => "onEnd" in detector),
  };
}

const wholeCatalog = byHook(detectors);

const noDefinitions: ReadonlyMap<string, ObservationDefinition> = new Map();

/**
 * Starts the analysis of one session, or goes on from the bytes of `rest`, for which the options are the same as before. Never throws on odd
 * records: what makes no sense is passed over.
 */
export function createSessionObserver(options: SessionObserverOptions, rested?: Uint8Array): SessionObserver {
  return new SessionAnalyser(options, rested);
}

/** The state of one analysis. A class, so that thousands of sessions share its functions. */
class SessionAnalyser implements SessionObserver {
  private readonly sessionId: string;
  private readonly peer: string | null;
  private readonly onMetric: SessionObserverOptions["onMetric"];
  private readonly state: SessionState;
  private readonly tuned: Thresholds["tuned"] | undefined;
  private readonly extensions: readonly Extension[];
  private readonly active: DetectorsByHook;
  /** Definitions of the project's own observations. */
  private readonly own: ReadonlyMap<string, ObservationDefinition>;
  private readonly version: string;
  private readonly runner: ReturnType<typeof createExtensionRunner> | null;

  constructor(options: SessionObserverOptions, rested: Uint8Array | undefined) {
    const { sessionId, peer = null, onMetric, thresholds, extensions = [], metrics = [] } = options;
    this.sessionId = sessionId;
    this.peer = peer;
    this.onMetric = onMetric;
    this.tuned = thresholds?.tuned;
    this.extensions = extensions;
    this.state =
      rested === undefined
        ? createSessionState(this.tuned)
        : takeSessionState(rested, this.tuned, this.extensions);
    const off = thresholds?.off;
    this.active =
      off === undefined || off.size === 0
        ? wholeCatalog
        : byHook(detectors.filter(({ definition }) => !off.has(definition.id)));
    this.own =
      extensions.length === 0
        ? noDefinitions
        : new Map(extensions.map(({ definition }) => [definition.id, definition]));
    this.version = versionInForce(thresholds, extensions);
    this.runner =
      extensions.length + metrics.length === 0
        ? null
        : createExtensionRunner(extensions, metrics, this.state.board, this.state.keptSamples, onMetric);
  }

  push(record: SessionRecord): void {
    const { at } = record;
    if (this.state.finished !== null || typeof at !== "number" || !Number.isFinite(at)) return;
    if (this.state.start === null) {
      this.state.start = at;
      this.state.end = at;
      this.state.score = new ScoreWindows({
        sessionStart: at,
        settled: new ScoreWindowKeeper(this.state.model),
      });
    }
    this.state.end = Math.max(this.state.end, at);
    if (record.kind === "context") applyContext(this.state.model, record);
    else if (record.kind === "event") this.onEvent(record);
    else if (record.kind === "sample") this.onSample(record);
  }

  private onEvent(event: EventRecord): void {
    const board = this.state.board;
    const model = this.state.model;
    this.state.events += 1;
    const before = this.connectionOfEvent(event);
    const closedBefore = before?.closedAt ?? null;
    this.passTime(this.state.end, before);
    const call = captureCallOf(model, event);
    for (const detector of this.active.event) detector.onEvent?.({ model, event, call, board });
    this.runner?.onEvent(event, this.state.end);
    const ofThePageBefore = event.name === "session-resumed" ? this.openConnections() : [];
    applyEvent(model, event);
    for (const gone of ofThePageBefore) if (gone.closedAt !== null) this.close(gone);
    const connection = this.connectionOfEvent(event);
    if (connection !== undefined) {
      this.judgeState(connection, this.state.end);
      if (connection.closedAt !== null && closedBefore === null) this.close(connection);
    }
    if (event.name === "track-state-changed") this.closeEndedTracks(event);
  }

  private openConnections(): Connection[] {
    return [...this.state.model.connections.values()].filter(({ closedAt }) => closedAt === null);
  }

  private connectionOfEvent({ connectionId }: EventRecord): Connection | undefined {
    return connectionId === undefined ? undefined : this.state.model.connections.get(connectionId);
  }

  private onSample(sample: SampleRecord): void {
    this.state.samples += 1;
    const connection = connectionOf(this.state.model, sample.connectionId, sample.at);
    if (connection === null || connection.closedAt !== null) return;
    const report = readReport(sample);
    for (const gone of followStreams(connection, report)) this.state.board.removeSubject(gone.key, sample.at);
    rememberPath(connection, report);
    inferState(connection, report);
    const { previous } = connection;
    if (previous !== null && isGap(connection, report.at - previous.at))
      forgetBaselines(connection, report.at);
    this.passTime(this.state.end, undefined);
    this.judgeState(connection, this.state.end);
    this.noteAttempt(connection);
    if (connection.closedAt !== null) this.close(connection);
    else {
      this.compare(connection, report);
      this.runner?.onSample(connection, sample);
    }
  }

  private compare(connection: Connection, report: Report): void {
    const board = this.state.board;
    const model = this.state.model;
    const { previous, stepStart } = connection;
    if (previous === null || stepStart === null) {
      keepReport(connection, report, true);
      return;
    }
    const lengthMs = report.at - previous.at;
    if (lengthMs === 0) return;
    if (lengthMs > shortestGapMs) this.tellGap(connection, previous, report);
    if (lengthMs < 0 || isGap(connection, lengthMs)) {
      // Suspended, throttled, or a clock that jumped: nothing is compared across it (guard G8).
      if (lengthMs > 0) noteInterval(connection, lengthMs);
      forgetBaselines(connection, report.at);
      this.runner?.forget(connection.id);
      board.forgetWindows(connection.subject.key);
      keepReport(connection, report, true);
      return;
    }
    noteInterval(connection, lengthMs);
    const interval = deriveInterval(previous, report, connection);
    const endsStep = report.at - stepStart.at >= stepAfterMs;
    const stepInterval =
      endsStep && stepStart !== previous ? deriveInterval(stepStart, report, connection) : interval;
    keepReport(connection, report, endsStep);
    trackStreams(connection, interval);
    this.state.callShare.note(model, connection, interval);
    if (this.state.score !== null) feedScore(model, connection, interval, this.state.score);
    if (this.onMetric !== undefined) emitMetrics(connection, interval, this.onMetric);
    const view: View = { model, connection, interval, board };
    for (const detector of this.active.sample) detector.onSample?.(view);
    if (!endsStep) return;
    const step = stepInterval === interval ? view : { ...view, interval: stepInterval };
    for (const detector of this.active.step) detector.onStep?.(step);
    for (const { sinceStep } of connection.inbound.values()) {
      sinceStep.newlyLost = 0;
      sinceStep.lostFrom = null;
      sinceStep.frozenMs = 0;
      sinceStep.freezeEvents = 0;
      sinceStep.blackoutMs = 0;
    }
  }

  private tellGap(connection: Connection, before: KeptReport, after: Report): void {
    const board = this.state.board;
    const model = this.state.model;
    const usualMs = usualInterval(connection);
    if (usualMs === null || after.at - before.at <= usualMs) return;
    for (const detector of this.active.gap)
      detector.onGap?.({ model, connection, before, after, usualMs, board });
  }

  /** States that last are judged as time passes: of every connection twice a second, of the one that is touched at once. */
  private passTime(at: number, touched: Connection | undefined): void {
    if (at - this.state.timePassedAt >= timeGrainMs) {
      this.state.timePassedAt = at;
      for (const connection of this.state.model.connections.values()) this.judgeState(connection, at);
    } else if (touched !== undefined) this.judgeState(touched, at);
  }

  private judgeState(connection: Connection, at: number): void {
    if (connection.closedAt !== null) return;
    // While the machine sleeps nothing lasts (guard G8).
    const { previous, state } = connection;
    if (state === "disconnected" && previous !== null && isGap(connection, at - previous.at)) return;
    const moment: Moment = { model: this.state.model, connection, at, board: this.state.board };
    for (const detector of this.active.time) detector.onTime?.(moment);
  }

  private noteAttempt(connection: Connection): void {
    if (connection.attemptedAt !== null) this.state.score?.connectionAttempted(connection.attemptedAt);
  }

  /** The application closed it, or the far end said goodbye: what is open about it ends here (guard G14). */
  private close(connection: Connection): void {
    const board = this.state.board;
    const model = this.state.model;
    const at = connection.closedAt ?? this.state.end;
    this.noteAttempt(connection);
    for (const detector of this.active.end) detector.onEnd?.({ model, connection, at, board });
    board.removeSubject(connection.subject.key, at);
  }

  private closeEndedTracks(event: EventRecord): void {
    const model = this.state.model;
    const trackId = event.data?.["trackId"];
    if (typeof trackId !== "string" || model.tracks.get(trackId)?.ended !== true) return;
    for (const connection of model.connections.values()) {
      for (const stream of [...connection.inbound.values(), ...connection.outbound.values()]) {
        if (stream.subject.scope.trackId === trackId)
          this.state.board.removeSubject(stream.subject.key, event.at);
      }
    }
  }

  analysis(): SessionAnalysis {
    return this.state.finished ?? this.summarise(false);
  }

  finish(): SessionAnalysis {
    const board = this.state.board;
    const model = this.state.model;
    if (this.state.finished !== null) return this.state.finished;
    for (const connection of model.connections.values()) {
      if (connection.closedAt !== null) continue;
      for (const detector of this.active.end)
        detector.onEnd?.({ model, connection, at: this.state.end, board });
    }
    board.endSession(this.state.end);
    this.state.finished = this.summarise(true);
    return this.state.finished;
  }

  rest(): Uint8Array {
    return putSessionState(this.state, this.tuned, this.extensions);
  }

  outline(): SessionOutline {
    return this.state.finished ?? outlineOf(this.known());
  }

  private summarise(over: boolean): SessionAnalysis {
    return analysisOf(this.known(), over);
  }

  private known(): KnownSession {
    const { state, sessionId, peer, version, own } = this;
    for (const connection of state.model.connections.values()) this.noteAttempt(connection);
    return { state, sessionId, peer, version, own };
  }
}
