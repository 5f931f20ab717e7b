import type {
  EventData,
  EventName,
  JsonValue,
  SessionAnalysis,
  SessionRecord,
  StatsObject,
} from "@peerscope/schema";
import { observationCatalog } from "../detect/catalog.ts";
import { createSessionObserver, type SessionObserverOptions } from "../session-observer.ts";

/** Parts of the report of a builder: what each adds a second, and what it shows. */
export type Part =
  | "inAudio"
  | "inVideo"
  | "outAudio"
  | "outVideo"
  | "remoteInAudio"
  | "remoteInVideo"
  | "remoteOutAudio"
  | "remoteOutVideo"
  | "micSource"
  | "camSource"
  | "pair"
  | "transport";

/** Counters grow by the number a second; other members are shown as they are; null leaves a member out. */
export type Change = { readonly [member: string]: JsonValue };
export type Changes = { readonly [P in Part]?: Change | null };

const audioIn = 1001;
const videoIn = 1002;
const audioOut = 2001;
const videoOut = 2002;

interface PartState {
  readonly id: string;
  readonly type: string;
  readonly fixed: Change;
  /** Growth a second of the counters. */
  readonly rates: { [member: string]: number };
  readonly totals: { [member: string]: number };
  readonly shown: Change;
}

function part(
  id: string,
  type: string,
  fixed: Change,
  rates: { [member: string]: number },
  shown: Change = {},
): PartState {
  return {
    id,
    type,
    fixed,
    rates,
    totals: Object.fromEntries(Object.keys(rates).map((member) => [member, 0])),
    shown,
  };
}

function parts(): Record<Part, PartState> {
  return {
    inAudio: part(
      "IA",
      "inbound-rtp",
      { kind: "audio", ssrc: audioIn, mid: "0", trackIdentifier: "far-mic" },
      {
        packetsReceived: 50,
        packetsLost: 0,
        bytesReceived: 4000,
        totalSamplesReceived: 48_000,
        concealedSamples: 0,
        silentConcealedSamples: 0,
        concealmentEvents: 0,
        jitterBufferDelay: 1920,
        jitterBufferEmittedCount: 48_000,
        jitterBufferTargetDelay: 1920,
        jitterBufferMinimumDelay: 1920,
        insertedSamplesForDeceleration: 0,
        removedSamplesForAcceleration: 0,
        estimatedPlayoutTimestamp: 1000,
        totalAudioEnergy: 0.01,
        totalSamplesDuration: 1,
      },
      { jitter: 0.002 },
    ),
    inVideo: part(
      "IV",
      "inbound-rtp",
      { kind: "video", ssrc: videoIn, mid: "1", trackIdentifier: "far-cam" },
      {
        packetsReceived: 60,
        packetsLost: 0,
        bytesReceived: 60_000,
        framesReceived: 30,
        framesDecoded: 30,
        framesDropped: 0,
        totalDecodeTime: 0.06,
        freezeCount: 0,
        totalFreezesDuration: 0,
        pauseCount: 0,
        totalPausesDuration: 0,
        totalInterFrameDelay: 1,
        totalSquaredInterFrameDelay: 1 / 30,
        pliCount: 0,
        nackCount: 0,
        jitterBufferDelay: 1,
        jitterBufferEmittedCount: 30,
        jitterBufferTargetDelay: 1,
        jitterBufferMinimumDelay: 1,
        firCount: 0,
        estimatedPlayoutTimestamp: 1000,
      },
      { jitter: 0.002, frameHeight: 360, frameWidth: 640, framesPerSecond: 30 },
    ),
    outAudio: part(
      "OA",
      "outbound-rtp",
      { kind: "audio", ssrc: audioOut, mid: "0", mediaSourceId: "SA" },
      {
        packetsSent: 50,
        bytesSent: 4000,
        retransmittedBytesSent: 0,
        retransmittedPacketsSent: 0,
      },
      { active: true, targetBitrate: 32_000 },
    ),
    outVideo: part(
      "OV",
      "outbound-rtp",
      { kind: "video", ssrc: videoOut, mid: "1", mediaSourceId: "SV" },
      {
        packetsSent: 60,
        bytesSent: 60_000,
        retransmittedBytesSent: 0,
        retransmittedPacketsSent: 0,
        framesEncoded: 30,
        totalEncodeTime: 0.12,
        totalPacketSendDelay: 0,
        nackCount: 0,
        bandwidthLimited: 0,
        cpuLimited: 0,
      },
      { active: true, targetBitrate: 500_000, frameHeight: 360, frameWidth: 640 },
    ),
    remoteInAudio: part(
      "RIA",
      "remote-inbound-rtp",
      { kind: "audio", ssrc: audioOut, localId: "OA" },
      { packetsLost: 0 },
      { jitter: 0.002, fractionLost: 0, roundTripTime: 0.04 },
    ),
    remoteInVideo: part(
      "RIV",
      "remote-inbound-rtp",
      { kind: "video", ssrc: videoOut, localId: "OV" },
      { packetsLost: 0 },
      { jitter: 0.002, fractionLost: 0, roundTripTime: 0.04 },
    ),
    remoteOutAudio: part(
      "ROA",
      "remote-outbound-rtp",
      { kind: "audio", ssrc: audioIn, localId: "IA" },
      { packetsSent: 50 },
    ),
    remoteOutVideo: part(
      "ROV",
      "remote-outbound-rtp",
      { kind: "video", ssrc: videoIn, localId: "IV" },
      { packetsSent: 60 },
    ),
    micSource: part(
      "SA",
      "media-source",
      { kind: "audio", trackIdentifier: "mic" },
      { totalAudioEnergy: 0.01, totalSamplesDuration: 1 },
    ),
    camSource: part("SV", "media-source", { kind: "video", trackIdentifier: "cam" }, { frames: 30 }),
    pair: part(
      "CP",
      "candidate-pair",
      { transportId: "T", nominated: true, localCandidateId: "L", remoteCandidateId: "R" },
      {
        bytesReceived: 64_000,
        bytesSent: 64_000,
        requestsSent: 1,
        responsesReceived: 1,
      },
      { state: "succeeded", currentRoundTripTime: 0.04, availableOutgoingBitrate: 2_000_000 },
    ),
    transport: part(
      "T",
      "transport",
      { selectedCandidatePairId: "CP" },
      { bytesReceived: 64_000, bytesSent: 64_000 },
      { iceState: "connected", dtlsState: "connected" },
    ),
  };
}

/** A session written second by second: whole reports whose counters agree, in virtual time. */
export interface CallBuilder {
  readonly records: SessionRecord[];
  /** Unix ms of the latest sample or event. */
  now: number;
  /** Samples for `seconds`; changes apply to these samples only. */
  run(seconds: number, changes?: Changes): CallBuilder;
  /** Lets time pass without a sample. */
  skip(seconds: number): CallBuilder;
  event<Name extends EventName>(name: Name, data: EventData[Name], onConnection?: boolean): CallBuilder;
  /** Restarts a counter as another stream would. */
  reset(which: Part): CallBuilder;
  analyse(options?: Partial<SessionObserverOptions>): SessionAnalysis;
}

export const callStart = 1_700_000_000_000;

/** A good two-way call of audio and video over one connection, sampled each second. */
export function buildCall(intervalSeconds = 1): CallBuilder {
  const state = parts();
  const records: SessionRecord[] = [];
  const builder: CallBuilder = {
    records,
    now: callStart,
    run(seconds, changes = {}) {
      for (let elapsed = 0; elapsed < seconds; elapsed += intervalSeconds) {
        builder.now += intervalSeconds * 1000;
        const stats: StatsObject[] = [
          {
            id: "L",
            type: "local-candidate",
            timestamp: builder.now,
            candidateType: "host",
            protocol: "udp",
          },
          {
            id: "R",
            type: "remote-candidate",
            timestamp: builder.now,
            candidateType: "host",
            protocol: "udp",
          },
        ];
        for (const name of Object.keys(state) as Part[]) {
          const change = changes[name];
          if (change === null) continue;
          stats.push(show(state[name], change ?? {}, builder.now, intervalSeconds));
        }
        records.push({ kind: "sample", at: builder.now, connectionId: "pc", stats });
      }
      return builder;
    },
    skip(seconds) {
      builder.now += seconds * 1000;
      return builder;
    },
    event(name, data, onConnection = false) {
      records.push({
        kind: "event",
        at: builder.now,
        name,
        data,
        ...(onConnection ? { connectionId: "pc" } : {}),
      });
      return builder;
    },
    reset(which) {
      for (const member of Object.keys(state[which].totals)) state[which].totals[member] = 0;
      return builder;
    },
    analyse(options = {}) {
      return analyseRecords(records, options);
    },
  };
  return builder;
}

function show(state: PartState, change: Change, now: number, seconds: number): StatsObject {
  const shown: { [member: string]: JsonValue } = { ...state.fixed, ...state.shown };
  for (const [member, rate] of Object.entries(state.rates)) {
    const given = change[member];
    const growth = typeof given === "number" ? given : rate;
    state.totals[member] = (state.totals[member] ?? 0) + growth * seconds;
    if (given !== null) shown[member] = state.totals[member];
  }
  for (const [member, value] of Object.entries(change)) {
    if (member in state.rates) continue;
    if (value === null) delete shown[member];
    else shown[member] = value;
  }
  const { bandwidthLimited: bandwidth, cpuLimited: cpu } = shown;
  delete shown["bandwidthLimited"];
  delete shown["cpuLimited"];
  if (typeof bandwidth === "number" && typeof cpu === "number")
    shown["qualityLimitationDurations"] = { bandwidth, cpu, none: 0, other: 0 };
  return { id: state.id, timestamp: now, ...shown, type: state.type };
}

/** Records after which an analysis rests, so that whatever a detector remembers is once put into bytes in its tests. */
const restAfter = 3;

/** Analyses records to the end. */
export function analyseRecords(
  records: readonly SessionRecord[],
  options: Partial<SessionObserverOptions> = {},
): SessionAnalysis {
  const all = { sessionId: "session", ...options };
  let observer = createSessionObserver(all);
  for (const [index, record] of records.entries()) {
    observer.push(record);
    if (index % restAfter === 0) observer = createSessionObserver(all, observer.rest());
  }
  const analysis = observer.finish();
  expectAnnounced(analysis);
  return analysis;
}

/** "id severity start..end" of every observation above info, seconds since the start of the call. */
export function summary(analysis: SessionAnalysis): string[] {
  return analysis.observations
    .filter(({ severity }) => severity !== "info")
    .map(({ id, severity, startedAt, clearedAt }) => {
      const seconds = (at: number | null): string =>
        at === null ? "" : String(Math.round((at - callStart) / 1000));
      return `${id} ${severity} ${seconds(startedAt)}..${seconds(clearedAt)}`;
    });
}

/** Ids above info, once each, sorted. */
export function ids(analysis: SessionAnalysis): string[] {
  return [
    ...new Set(analysis.observations.filter(({ severity }) => severity !== "info").map(({ id }) => id)),
  ].sort();
}

/** Everything of an outage: nothing arrives, requests go unanswered, own packets leave into the void. */
export const outage: Changes = {
  inAudio: {
    packetsReceived: 0,
    bytesReceived: 0,
    concealedSamples: 48_000,
    silentConcealedSamples: 48_000,
    totalAudioEnergy: 0,
  },
  inVideo: { packetsReceived: 0, bytesReceived: 0, framesReceived: 0, framesDecoded: 0 },
  remoteInAudio: { timestamp: callStart, packetsLost: 0 },
  remoteInVideo: { timestamp: callStart, packetsLost: 0 },
  remoteOutAudio: { timestamp: callStart, packetsSent: 0 },
  remoteOutVideo: { timestamp: callStart, packetsSent: 0 },
  pair: { bytesReceived: 0, requestsSent: 1, responsesReceived: 0, state: "in-progress" },
  transport: { bytesReceived: 0 },
};

/** Texts and pages rely on the names of evidence: an observation may only use those its definition announces. */
function expectAnnounced({ observations }: SessionAnalysis): void {
  for (const { id, evidence, counter } of observations) {
    const announced = observationCatalog.get(id)?.evidence;
    // One that the project of a test defined itself.
    if (announced === undefined) continue;
    for (const { stat, field } of [...evidence, ...counter]) {
      if (!announced.includes(`${stat}.${field}`))
        throw new Error(`${id} does not announce ${stat}.${field}`);
    }
  }
}
