import { toCallMember } from "@peerscope/observer";
import type { EventRecord, Observation, ScoreWindow, SessionAnalysis } from "@peerscope/schema";
import type { SessionTraits } from "@peerscope/schema/api";
import type { LogReference } from "../ingest/session-registry.ts";
import type { SessionNames } from "./session-names.ts";
import { toSessionSummary } from "./session-summary.ts";
import type { ColumnValue, RowValues, TableName } from "./table-columns.ts";

/** A row before it gets its version. `key` is what replaces an older row: the sorting key of its table. */
export interface Row {
  readonly table: TableName;
  readonly key: readonly (string | number)[];
  readonly values: { readonly [column: string]: ColumnValue };
  /** Of a window: its end, Unix ms. */
  readonly endedAt?: number;
}

/** One with all columns of its table. */
interface RowOf<Table extends TableName> extends Omit<Row, "values"> {
  readonly table: Table;
  readonly values: RowValues<Table>;
}

/** Events of one session that get a row; the log has them all. Ours. */
export const maxEventRows = 2_000;
/** Characters of an event's data in its row. Ours. */
const maxEventDataLength = 2_000;

/**
 * Rows of the analysis: one leg, its tracks, its observations and the windows that ended after `since` (Unix ms).
 * `toJson` gives the analysis as JSON, for who has it already. Columns: docs/reference/tables.md.
 */
export function toRows(
  analysis: SessionAnalysis,
  log: LogReference,
  names: SessionNames,
  traits: SessionTraits,
  since: number,
  toJson: () => string = () => JSON.stringify(analysis),
): Row[] {
  const session = { projectId: log.projectId, sessionId: log.sessionId, leg: 0 };
  return [
    ...analysis.score.windows.flatMap((window) => (window.to > since ? [toWindowRow(window, session)] : [])),
    ...toTrackRows(analysis.score.windows, session),
    ...analysis.observations.map((observation) => toObservationRow(observation, session)),
    ...(log.finished ? [toAnalysisRow(analysis, log, toJson())] : []),
    toLegRow(analysis, log, names, traits),
  ];
}

/** Of a finished session: what its pages would otherwise read the log for again. */
function toAnalysisRow(analysis: SessionAnalysis, log: LogReference, json: string): RowOf<"analyses"> {
  return {
    table: "analyses",
    key: [0],
    values: {
      projectId: log.projectId,
      sessionId: log.sessionId,
      leg: 0,
      startedAt: analysis.start,
      logBytes: log.bytes,
      catalogVersion: analysis.catalogVersion,
      scoreVersion: analysis.scoreVersion,
      analysis: json,
      callMember: JSON.stringify(toCallMember(analysis)),
    },
  };
}

/** What every row of a session begins with. */
export type SessionColumns = Readonly<Record<"projectId" | "sessionId", string>> & { readonly leg: number };

function toLegRow(
  analysis: SessionAnalysis,
  log: LogReference,
  { userIds, callIds }: SessionNames,
  traits: SessionTraits,
): RowOf<"legs"> {
  const summary = toSessionSummary(analysis, log, traits);
  const { counts } = analysis;
  return {
    table: "legs",
    key: [0],
    values: {
      projectId: log.projectId,
      sessionId: log.sessionId,
      leg: 0,
      callId: summary.callId,
      userId: summary.userId,
      userIds: [...userIds],
      callIds: [...callIds],
      startedAt: summary.startedAt,
      lastAt: summary.lastAt,
      ended: summary.ended ? 1 : 0,
      finished: log.finished ? 1 : 0,
      sample: summary.sample ? 1 : 0,
      score: summary.score,
      scoreClass: summary.scoreClass,
      coverage: summary.coverage,
      goodMinutes: analysis.score.goodMinutes,
      faultDomain: summary.faultDomain,
      confidence: summary.confidence,
      statedCause: summary.statedCause,
      observationIds: summary.observationIds,
      worstSeverity: summary.worstSeverity,
      browser: summary.browser,
      os: summary.os,
      browserName: traits.browserName ?? "",
      browserVersion: traits.browserVersion ?? "",
      osName: traits.osName ?? "",
      device: traits.device ?? "",
      country: traits.country ?? "",
      network: traits.network ?? "",
      appVersion: traits.appVersion ?? "",
      paths: traits.paths,
      codecs: traits.codecs,
      sdkVersion: traits.sdkVersion,
      tags: summary.tags,
      samples: counts.samples,
      events: counts.events,
      connections: counts.connections,
      catalogVersion: analysis.catalogVersion,
      scoreVersion: analysis.scoreVersion,
      logBytes: log.bytes,
    },
  };
}

/** Most rows are of windows: each column is named, as copies of objects would take twice the time. */
function toWindowRow(window: ScoreWindow, { projectId, sessionId, leg }: SessionColumns): RowOf<"windows"> {
  const { scope, from, to, pcId = "", trackId = "", kind = "", mos, score, reason, flags } = window;
  const lostMos: Record<string, number> = {};
  for (const { term, lostMos: lost } of window.terms) lostMos[term] = lost;
  return {
    table: "windows",
    key: [scope, pcId, trackId, kind, from],
    endedAt: to,
    values: {
      projectId,
      sessionId,
      leg,
      scope,
      pcId,
      trackId,
      kind,
      startedAt: from,
      endedAt: to,
      mos,
      score,
      reason,
      flags,
      lostMos,
    },
  };
}

function toTrackRows(windows: readonly ScoreWindow[], session: SessionColumns): Row[] {
  const tracks = new Map<string, ScoreWindow[]>();
  for (const window of windows) {
    if (window.scope !== "track") continue;
    const pcId = window.pcId ?? "";
    const trackId = window.trackId ?? "";
    const key = `${pcId.length} ${trackId.length} ${pcId}${trackId}${window.kind ?? ""}`;
    const list = tracks.get(key);
    if (list === undefined) tracks.set(key, [window]);
    else list.push(window);
  }
  return [...tracks.values()].map((list) => toTrackRow(list, session));
}

function toTrackRow(windows: readonly ScoreWindow[], session: SessionColumns): RowOf<"tracks"> {
  const first = windows[0];
  const subject = { pcId: first?.pcId ?? "", trackId: first?.trackId ?? "", kind: first?.kind ?? "" };
  const mos = windows.flatMap((window) => (window.mos === null ? [] : [window.mos]));
  const scores = windows.flatMap((window) => (window.score === null ? [] : [window.score]));
  const lost = new Map<string, number>();
  for (const { terms } of windows) {
    for (const { term, lostMos } of terms) lost.set(term, (lost.get(term) ?? 0) + lostMos);
  }
  const per = Math.max(1, mos.length);
  return {
    table: "tracks",
    key: [subject.pcId, subject.trackId, subject.kind],
    values: {
      ...session,
      ...subject,
      // The score judges what a person receives, so a scored track is an inbound one.
      direction: "inbound",
      startedAt: Math.min(...windows.map(({ from }) => from)),
      endedAt: Math.max(...windows.map(({ to }) => to)),
      windows: windows.length,
      scoredWindows: mos.length,
      mosMean: mean(mos),
      mosMin: mos.length === 0 ? null : Math.min(...mos),
      scoreMean: mean(scores),
      lostMos: Object.fromEntries([...lost].map(([term, sum]) => [term, sum / per])),
    },
  };
}

function toObservationRow(observation: Observation, session: SessionColumns): RowOf<"observations"> {
  const { scope, peak } = observation;
  return {
    table: "observations",
    key: [observation.key],
    values: {
      ...session,
      key: observation.key,
      id: observation.id,
      severity: observation.severity,
      category: observation.category,
      startedAt: observation.startedAt,
      clearedAt: observation.clearedAt,
      endReason: observation.endReason,
      pcId: scope.pcId ?? "",
      trackId: scope.trackId ?? "",
      kind: scope.kind ?? "",
      direction: scope.direction ?? "",
      peakField: peak?.field ?? null,
      peakValue: typeof peak?.value === "number" ? peak.value : null,
      peakUnit: peak?.unit ?? null,
      domainHint: observation.domainHint,
      parentKey: observation.parentId,
      catalogVersion: observation.catalogVersion,
      detail: JSON.stringify(observation),
    },
  };
}

/** Row of the `index`-th event of a session. */
export function toEventRow(event: EventRecord, index: number, log: LogReference): RowOf<"events"> {
  const data = event.data === undefined ? "" : JSON.stringify(event.data);
  return {
    table: "events",
    key: [index],
    values: {
      projectId: log.projectId,
      sessionId: log.sessionId,
      leg: 0,
      position: index,
      at: event.at,
      name: event.name,
      pcId: event.connectionId ?? "",
      data: data.length > maxEventDataLength ? "" : data,
      dataLength: data.length,
    },
  };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
