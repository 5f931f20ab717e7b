import type {
  EventRecord,
  JsonValue,
  MetricPoint,
  Observation,
  SampleRecord,
  SessionAnalysis,
  SessionRecord,
} from "@peerscope/schema";
import { attachParents } from "./attribute/parents.ts";
import { sessionVerdict, withVerdicts } from "./attribute/session-verdict.ts";
import { deriveInterval } from "./derive/interval.ts";
import { emitMetrics } from "./derive/metrics.ts";
import { followStreams, trackStreams } from "./derive/track-streams.ts";
import { forgetBaselines, isGap, noteInterval, usualInterval } from "./derive/gaps.ts";
import { Board } from "./detect/board.ts";
import { captureCallOf } from "./detect/capture-calls.ts";
import { detectors } from "./detect/catalog.ts";
import type { ObservationDefinition } from "./detect/definition.ts";
import { toObservation, troubleEnd } from "./detect/observation.ts";
import type { Detector, View } from "./detect/view.ts";
import type { CustomMetric } from "./extend/define-metric.ts";
import type { Extension } from "./extend/define-observation.ts";
import { createExtensionRunner } from "./extend/extension-runner.ts";
import { versionInForce } from "./extend/in-force.ts";
import type { Thresholds } from "./extend/thresholds.ts";
import { type Connection, inferState, rememberPath } from "./model/connection.ts";
import { type Report, readReport } from "./model/report.ts";
import { microphoneSpans } from "./model/microphone.ts";
import { applyContext, applyEvent, connectionOf, createSessionModel } from "./model/session.ts";
import { createCallShareCollector } from "./call-share.ts";
import { createScoreCollector } from "./score/collector.ts";
import type { ScoreCollector } from "./score/inputs.ts";
import { scoreVersion } from "./score/version.ts";
import { feedScore, keepScoreWindow } from "./score-feed.ts";
import { lostSince, sessionOutcome } from "./session-outcome.ts";

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
  /** The log is complete: closes what is open (`session-end`) and returns the final analysis. */
  finish(): SessionAnalysis;
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

/** Starts the analysis of one session. Never throws on odd records: what makes no sense is passed over. */
export function createSessionObserver(options: SessionObserverOptions): SessionObserver {
  const { sessionId, onMetric } = options;
  const model = createSessionModel();
  const callShare = createCallShareCollector();
  const { thresholds, extensions = [], metrics = [] } = options;
  const board = new Board(thresholds?.tuned);
  const off = thresholds?.off;
  const active =
    off === undefined || off.size === 0
      ? wholeCatalog
      : byHook(detectors.filter(({ definition }) => !off.has(definition.id)));
  const own =
    extensions.length === 0
      ? noDefinitions
      : new Map(extensions.map(({ definition }) => [definition.id, definition]));
  const version = versionInForce(thresholds, extensions);
  const runner =
    extensions.length + metrics.length === 0
      ? null
      : createExtensionRunner(extensions, metrics, board, onMetric);
  let score: ScoreCollector | null = null;
  let start: number | null = null;
  let end = 0;
  let samples = 0;
  let events = 0;
  let timePassedAt = Number.NEGATIVE_INFINITY;
  let finished: SessionAnalysis | null = null;

  function push(record: SessionRecord): void {
    const { at } = record;
    if (finished !== null || typeof at !== "number" || !Number.isFinite(at)) return;
    if (start === null) {
      start = at;
      end = at;
      score = createScoreCollector({
        sessionStart: at,
        onSettled: (window) => keepScoreWindow(model, window),
      });
    }
    end = Math.max(end, at);
    if (record.kind === "context") applyContext(model, record);
    else if (record.kind === "event") onEvent(record);
    else if (record.kind === "sample") onSample(record);
  }

  function onEvent(event: EventRecord): void {
    events += 1;
    const before = connectionOfEvent(event);
    const closedBefore = before?.closedAt ?? null;
    passTime(end, before);
    const call = captureCallOf(model, event);
    for (const detector of active.event) detector.onEvent?.({ model, event, call, board });
    runner?.onEvent(event, end);
    const ofThePageBefore = event.name === "session-resumed" ? openConnections() : [];
    applyEvent(model, event);
    for (const gone of ofThePageBefore) if (gone.closedAt !== null) close(gone);
    const connection = connectionOfEvent(event);
    if (connection !== undefined) {
      judgeState(connection, end);
      if (connection.closedAt !== null && closedBefore === null) close(connection);
    }
    if (event.name === "track-state-changed") closeEndedTracks(event);
  }

  function openConnections(): Connection[] {
    return [...model.connections.values()].filter(({ closedAt }) => closedAt === null);
  }

  function connectionOfEvent({ connectionId }: EventRecord): Connection | undefined {
    return connectionId === undefined ? undefined : model.connections.get(connectionId);
  }

  function onSample(sample: SampleRecord): void {
    samples += 1;
    const connection = connectionOf(model, sample.connectionId, sample.at);
    if (connection === null || connection.closedAt !== null) return;
    const report = readReport(sample);
    for (const gone of followStreams(connection, report)) board.removeSubject(gone.key, sample.at);
    rememberPath(connection, report);
    inferState(connection, report);
    const { previous } = connection;
    if (previous !== null && isGap(connection, report.at - previous.at))
      forgetBaselines(connection, report.at);
    passTime(end, undefined);
    judgeState(connection, end);
    noteAttempt(connection);
    if (connection.closedAt !== null) close(connection);
    else {
      compare(connection, report);
      runner?.onSample(connection, sample);
    }
  }

  function compare(connection: Connection, report: Report): void {
    const { previous } = connection;
    if (previous === null) {
      connection.previous = report;
      connection.stepStart = report;
      return;
    }
    const lengthMs = report.at - previous.at;
    if (lengthMs === 0) return;
    if (lengthMs > shortestGapMs) tellGap(connection, previous, report);
    if (lengthMs < 0 || isGap(connection, lengthMs)) {
      // Suspended, throttled, or a clock that jumped: nothing is compared across it (guard G8).
      if (lengthMs > 0) noteInterval(connection, lengthMs);
      forgetBaselines(connection, report.at);
      runner?.forget(connection.id);
      board.forgetWindows(connection.subject.key);
      connection.previous = report;
      connection.stepStart = report;
      return;
    }
    noteInterval(connection, lengthMs);
    const interval = deriveInterval(previous, report);
    connection.previous = report;
    trackStreams(connection, interval);
    callShare.note(model, connection, interval);
    if (score !== null) feedScore(model, connection, interval, score);
    if (onMetric !== undefined) emitMetrics(connection, interval, onMetric);
    const view: View = { model, connection, interval, board };
    for (const detector of active.sample) detector.onSample?.(view);
    const { stepStart } = connection;
    if (stepStart === null || report.at - stepStart.at < stepAfterMs) return;
    const step = stepStart === previous ? view : { ...view, interval: deriveInterval(stepStart, report) };
    for (const detector of active.step) detector.onStep?.(step);
    for (const { sinceStep } of connection.inbound.values()) {
      sinceStep.newlyLost = 0;
      sinceStep.lostFrom = null;
      sinceStep.frozenMs = 0;
      sinceStep.freezeEvents = 0;
      sinceStep.blackoutMs = 0;
    }
    connection.stepStart = report;
  }

  function tellGap(connection: Connection, before: Report, after: Report): void {
    const usualMs = usualInterval(connection);
    if (usualMs === null || after.at - before.at <= usualMs) return;
    for (const detector of active.gap) detector.onGap?.({ model, connection, before, after, usualMs, board });
  }

  /** States that last are judged as time passes: of every connection twice a second, of the one that is touched at once. */
  function passTime(at: number, touched: Connection | undefined): void {
    if (at - timePassedAt >= timeGrainMs) {
      timePassedAt = at;
      for (const connection of model.connections.values()) judgeState(connection, at);
    } else if (touched !== undefined) judgeState(touched, at);
  }

  function judgeState(connection: Connection, at: number): void {
    if (connection.closedAt !== null) return;
    // While the machine sleeps nothing lasts (guard G8).
    const { previous, state } = connection;
    if (state === "disconnected" && previous !== null && isGap(connection, at - previous.at)) return;
    for (const detector of active.time) detector.onTime?.({ model, connection, at, board });
  }

  function noteAttempt(connection: Connection): void {
    if (connection.attemptedAt !== null) score?.connectionAttempted(connection.attemptedAt);
  }

  /** The application closed it, or the far end said goodbye: what is open about it ends here (guard G14). */
  function close(connection: Connection): void {
    const at = connection.closedAt ?? end;
    noteAttempt(connection);
    for (const detector of active.end) detector.onEnd?.({ model, connection, at, board });
    board.removeSubject(connection.subject.key, at);
  }

  function closeEndedTracks(event: EventRecord): void {
    const trackId = event.data?.["trackId"];
    if (typeof trackId !== "string" || model.tracks.get(trackId)?.ended !== true) return;
    for (const connection of model.connections.values()) {
      for (const stream of [...connection.inbound.values(), ...connection.outbound.values()]) {
        if (stream.subject.scope.trackId === trackId) board.removeSubject(stream.subject.key, event.at);
      }
    }
  }

  function analysis(): SessionAnalysis {
    return finished ?? summarise(false);
  }

  function finish(): SessionAnalysis {
    if (finished !== null) return finished;
    for (const connection of model.connections.values()) {
      if (connection.closedAt !== null) continue;
      for (const detector of active.end) detector.onEnd?.({ model, connection, at: end, board });
    }
    board.endSession(end);
    finished = summarise(true);
    return finished;
  }

  function summarise(over: boolean): SessionAnalysis {
    const userId = text(model.context["userId"]);
    const scope = { sessionId, participantId: userId };
    const found = board.records.map((record) => toObservation(record, scope, version));
    const ends = new Map<string, number | null>();
    for (const [index, { key }] of found.entries()) {
      const record = board.records[index];
      if (record !== undefined) ends.set(key, troubleEnd(record));
    }
    const attached = attachParents(found, end, ends).sort(inOrder);
    const connections = [...model.connections.values()];
    const attempted = connections.some(({ attemptedAt }) => attemptedAt !== null);
    const connected = connections.some(({ connectedAt }) => connectedAt !== null);
    for (const connection of connections) noteAttempt(connection);
    const collector = score ?? createScoreCollector({ sessionStart: 0 });
    const neverConnected = isFailed(attempted, connected, found);
    const microphoneOff = microphoneSpans(model.microphone, attached, {
      from: Math.min(...connections.map(({ attemptedAt }) => attemptedAt ?? Infinity)),
      to: Math.max(0, ...connections.map(({ closedAt }) => closedAt ?? end)),
    });
    const outcome = sessionOutcome({ model, end, over, neverConnected });
    return {
      catalogVersion: version,
      scoreVersion,
      sessionId,
      callId: text(model.context["callId"]),
      userId,
      peer: options.peer ?? null,
      start: start ?? 0,
      end,
      ended: model.ended,
      context: model.context,
      counts: { samples, events, connections: connections.length },
      score: collector.result(end, outcome),
      verdict: sessionVerdict({
        model,
        observations: attached,
        notComputable: board.notComputable(),
        own,
        end,
      }),
      observations: withVerdicts({ model, observations: attached, own, end }),
      callShare: {
        ...callShare.result(model, start ?? 0, outcome.dropped ? lostSince(model, end) : null),
        ...(microphoneOff.length === 0 ? {} : { microphoneOff }),
      },
    };
  }

  return { push, analysis, finish };
}

/** Nothing connected, and that was found to be a failure: while it is still connecting nobody knows. */
function isFailed(attempted: boolean, connected: boolean, found: readonly Observation[]): boolean {
  if (!attempted || connected) return false;
  return found.some(({ id, severity }) => id === "connection-never-established" && severity === "critical");
}

function text(value: JsonValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}

/** By start, then by key: the same in every replay. */
function inOrder(a: Observation, b: Observation): number {
  if (a.startedAt !== b.startedAt) return a.startedAt - b.startedAt;
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}
