import { createHandshake, followHandshake, type Handshake } from "./handshake.ts";
import { createIceState, type IceState, noteCandidate, noteRestart, noteSelectedPair } from "./ice.ts";
import { createNegotiation, type Negotiation } from "./negotiation.ts";
import type { CapturedSource } from "./captured-sources.ts";
import { KeptReport } from "./kept-report.ts";
import type { CandidateStats, PairStats, Report } from "./report.ts";
import { type RoundTrips, createRoundTrips } from "./round-trips.ts";
import { type ConnectionState, impliedState, selectedPair } from "./selected-pair.ts";
import type { InboundStream, OutboundStream, Subject } from "./streams.ts";
import { SmallMap, SmallSet } from "../pack/small-map.ts";

/** Counters of a candidate pair as last seen; Chromium 156 removes pairs from the report when ICE fails. */
export interface CheckedPair {
  readonly id: string;
  readonly local: CandidateStats | null;
  readonly remote: CandidateStats | null;
  readonly requestsSent: number | null;
  readonly responsesReceived: number | null;
}

/** One RTCPeerConnection over its whole life. */
export interface Connection {
  readonly id: string;
  /** Subject of the connection as a whole, and of everything it sends or receives. */
  readonly subject: Subject;
  readonly inboundSubject: Subject;
  readonly outboundSubject: Subject;
  readonly firstSeenAt: number;
  state: ConnectionState;
  stateSince: number;
  /** State events were seen: the statistics no longer decide. */
  stateFromEvents: boolean;
  /** Unix ms when it first tried to connect; null for a connection that was never negotiated. */
  attemptedAt: number | null;
  connectedAt: number | null;
  /** Latest time at which it became connected (first connect, or after an interruption). */
  lastConnectedAt: number | null;
  closedAt: number | null;
  /** ICE failed before anything connected, or afterwards. */
  failedAt: number | null;
  remoteDescriptionSet: boolean;
  readonly inbound: SmallMap<string, InboundStream>;
  readonly outbound: SmallMap<string, OutboundStream>;
  /** By the id of the media-source. */
  readonly sources: SmallMap<string, CapturedSource>;
  /** A received sound was found that waits for an AudioContext which the browser does not let run. */
  foundSilentContext: boolean;
  /** Received streams that carried media and are gone: an analysis of the whole call still counts them. */
  readonly formerInbound: { readonly ssrc: number | null; readonly from: number; readonly to: number }[];
  /** Most audio streams received at once, most layers sent at once, and whether it ever sent or received streams. */
  readonly seen: { audioIn: number; layersOut: number; sent: boolean; received: boolean };
  readonly checkedPairs: SmallMap<string, CheckedPair>;
  /** Types of candidates seen on each side. */
  readonly localCandidateTypes: SmallSet<string>;
  readonly remoteCandidateTypes: SmallSet<string>;
  /** How both ends came to agree, and the steps from there to an encrypted path. */
  readonly negotiation: Negotiation;
  readonly handshake: Handshake;
  /** What ICE was told to do, what it found, and how it fared. */
  readonly ice: IceState;
  /** What is kept of the report before, and of that at the start of the running evaluation step: often the same one. */
  previous: KeptReport | null;
  stepStart: KeptReport | null;
  /** The one of the two that is free while both are the same; null before it is needed. */
  spareReport: KeptReport | null;
  /** Lengths of the last intervals between samples, ms. */
  recentIntervals: number[];
  selectedPairId: string | null;
  localUfrag: string | null;
  /** Unix ms of the last change of the selected pair or of the ICE user fragment (guard G7). */
  pathChangedAt: number | null;
  /** Unix ms since when STUN requests go unanswered; null while they are answered or unknown. */
  unansweredSince: number | null;
  /** Requests sent since the last answer. */
  unansweredRequests: number;
  /** Unix ms since when the whole transport receives nothing; null while it receives or unknown. */
  transportSilentSince: number | null;
  everReceivedBytes: boolean;
  /** Unix ms of the last replaceTrack by kind (guard G6). */
  replacedAt: { audio: number | null; video: number | null };
  /** Unix ms when packets last overtook one another on the way in, and on the way out. */
  reorderedAt: number | null;
  reorderedOutAt: number | null;
  /** Shortest round trip seen, ms. */
  lowestRttMs: number | null;
  /** Timestamp of the receiver report whose round trip was used last, by stream. */
  readonly rttReportAt: SmallMap<string, number>;
  /** Sent media rates (bit/s) of recent steps without bandwidth limitation: what the application wants to send. */
  wantedRates: readonly number[];
  /** Steps in a row whose estimate covered what is wanted: the ramp-up is over. */
  coveredSteps: number;
  /** Estimate of the last evaluation step, bit/s. */
  estimateBps: number | null;
  /** Highest estimate right after a fall while the way out was too narrow; null when it is not. Bit/s. */
  narrowBps: number | null;
  readonly roundTrips: RoundTrips;
}

/** Keeps a report for the next one. `startsStep`: an evaluation step begins with it. */
export function keepReport(connection: Connection, report: Report, startsStep: boolean): void {
  const { previous, stepStart, spareReport } = connection;
  if (startsStep) {
    if (previous !== stepStart) connection.spareReport = stepStart;
    connection.previous = previous ?? new KeptReport();
    connection.stepStart = connection.previous;
  } else if (previous === stepStart) {
    connection.previous = spareReport ?? new KeptReport();
    connection.spareReport = null;
  }
  connection.previous?.keep(report);
}

function subject(pcId: string, suffix: string, direction?: "inbound" | "outbound"): Subject {
  return {
    key: `${pcId}${suffix}`,
    scope: { pcId, ...(direction === undefined ? {} : { direction }) },
  };
}

export function openConnection(id: string, at: number): Connection {
  return {
    id,
    subject: subject(id, ""),
    inboundSubject: subject(id, "/in", "inbound"),
    outboundSubject: subject(id, "/out", "outbound"),
    firstSeenAt: at,
    state: "new",
    stateSince: at,
    stateFromEvents: false,
    attemptedAt: null,
    connectedAt: null,
    lastConnectedAt: null,
    closedAt: null,
    failedAt: null,
    remoteDescriptionSet: false,
    inbound: new SmallMap(),
    outbound: new SmallMap(),
    sources: new SmallMap(),
    foundSilentContext: false,
    formerInbound: [],
    seen: { audioIn: 0, layersOut: 0, sent: false, received: false },
    checkedPairs: new SmallMap(),
    localCandidateTypes: new SmallSet(),
    remoteCandidateTypes: new SmallSet(),
    negotiation: createNegotiation(at),
    handshake: createHandshake(),
    ice: createIceState(),
    previous: null,
    stepStart: null,
    spareReport: null,
    recentIntervals: [],
    selectedPairId: null,
    localUfrag: null,
    pathChangedAt: null,
    unansweredSince: null,
    unansweredRequests: 0,
    transportSilentSince: null,
    everReceivedBytes: false,
    replacedAt: { audio: null, video: null },
    reorderedAt: null,
    reorderedOutAt: null,
    lowestRttMs: null,
    rttReportAt: new SmallMap(),
    wantedRates: [],
    coveredSteps: 0,
    estimateBps: null,
    narrowBps: null,
    roundTrips: createRoundTrips(),
  };
}

/** Takes over a new state. Returns true when it changed. */
export function changeState(connection: Connection, state: ConnectionState, at: number): boolean {
  if (state === "connecting" && connection.attemptedAt === null) connection.attemptedAt = at;
  // Closed is final: whatever is reported after it belongs to the tear-down.
  if (connection.state === state || connection.closedAt !== null) return false;
  connection.state = state;
  connection.stateSince = at;
  if (state === "connected") {
    connection.ice.lostSince = null;
    connection.attemptedAt ??= connection.firstSeenAt;
    connection.connectedAt ??= at;
    connection.lastConnectedAt = at;
  } else if (state === "failed") {
    connection.attemptedAt ??= connection.firstSeenAt;
    connection.failedAt = at;
  } else if (state === "closed") {
    connection.closedAt ??= at;
  }
  if (connection.connectedAt !== null && (state === "disconnected" || state === "failed")) {
    connection.ice.lostSince ??= at;
  }
  return true;
}

/** State by statistics, for logs without state events. Returns true when it changed. */
export function inferState(connection: Connection, report: Report): boolean {
  if (connection.stateFromEvents || connection.closedAt !== null) return false;
  const state = impliedState(report);
  if (state === null) return false;
  return changeState(connection, state, report.at);
}

/** Remembers what ICE tried and over what it runs. */
export function rememberPath(connection: Connection, report: Report): void {
  followHandshake(connection.handshake, report);
  for (const candidate of report.candidates.values()) {
    if (candidate.type === null) continue;
    const types = candidate.remote ? connection.remoteCandidateTypes : connection.localCandidateTypes;
    if (types.size < 8) types.add(candidate.type);
    noteCandidate(connection.ice, candidate);
  }
  if (connection.connectedAt === null) rememberChecks(connection, report);
  const pair = selectedPair(report);
  if (pair !== null) {
    if (connection.selectedPairId !== null && connection.selectedPairId !== pair.id) {
      connection.pathChangedAt = report.at;
    }
    connection.selectedPairId = pair.id;
    noteSelectedPair(connection.ice, report, pair);
  }
  for (const { localUfrag } of report.transports.values()) {
    if (localUfrag === null) continue;
    if (connection.localUfrag !== null && connection.localUfrag !== localUfrag) {
      connection.pathChangedAt = report.at;
      noteRestart(connection.ice, report.at);
    }
    connection.localUfrag = localUfrag;
    break;
  }
}

function rememberChecks(connection: Connection, report: Report): void {
  for (const pair of report.pairs.values()) {
    if (!connection.checkedPairs.has(pair.id) && connection.checkedPairs.size >= 50) continue;
    connection.checkedPairs.set(pair.id, checkedPair(report, pair));
  }
}

function checkedPair(report: Report, pair: PairStats): CheckedPair {
  return {
    id: pair.id,
    local: pair.localCandidateId === null ? null : (report.candidates.get(pair.localCandidateId) ?? null),
    remote: pair.remoteCandidateId === null ? null : (report.candidates.get(pair.remoteCandidateId) ?? null),
    requestsSent: pair.requestsSent,
    responsesReceived: pair.responsesReceived,
  };
}
