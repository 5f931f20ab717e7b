import type { ObservationScope } from "@peerscope/schema";
import { RowQueue } from "../pack/row-queue.ts";
import { type ReceivedMedia, createReceivedMedia } from "./received-media.ts";
import type { QuietSpeech } from "./quiet-speech.ts";
import type { InboundStats, OutboundStats } from "./report.ts";

/** What an observation is about: the scope it carries, and a key that is the same in every replay. */
export interface Subject {
  readonly key: string;
  readonly scope: Omit<ObservationScope, "sessionId" | "participantId">;
}

/** What is known about the far end's sending while nothing arrives. */
export interface SenderEvidence {
  /** W3C stats type and member that shows it. */
  readonly stat: "remote-outbound-rtp" | "remote-inbound-rtp" | "candidate-pair";
  readonly field: string;
  readonly value: number;
}

/** The recent past of packetsLost of one stream, here or at the far end. */
export interface RecentLoss {
  /** Samples whose loss late packets may still take back, oldest first. */
  waiting: readonly { readonly from: number; readonly to: number; readonly lost: number }[];
  /** Unix ms of the first and the last growth since packets came late, or since there was none for a while. */
  growsSince: number | null;
  grewAt: number | null;
}

/** What of the latest statistics of a received stream is looked at between two reports; written over with each of them. */
export type LatestInbound = Writable<
  Pick<
    InboundStats,
    | "id"
    | "timestamp"
    | "ssrc"
    | "packetsReceived"
    | "packetsLost"
    | "jitter"
    | "framesDecoded"
    | "frameWidth"
    | "frameHeight"
    | "screenShare"
  >
>;

/** The same of a sent stream. */
export type LatestOutbound = Writable<
  Pick<OutboundStats, "id" | "kind" | "ssrc" | "mid" | "rid" | "active" | "framesPerSecond" | "screenShare">
>;

type Writable<Members> = { -readonly [Name in keyof Members]: Members[Name] };

/** One received RTP stream over its whole life. Changed by the derive stage only. */
export interface InboundStream {
  readonly subject: Subject;
  readonly kind: "audio" | "video";
  readonly firstSeenAt: number;
  readonly latest: LatestInbound;
  /** Unix ms of the last packet; null before the first. */
  lastPacketAt: number | null;
  /** Unix ms of the first sample with packets. */
  joinedAt: number | null;
  /** Packets per second while they flowed, smoothed; null until known. */
  usualPacketRate: number | null;
  /** Milliseconds without a packet up to the latest sample; 0 while packets arrive. */
  silentMs: number;
  /** Proof that the sender sends although nothing arrives; null while flowing or unknown. */
  senderEvidence: SenderEvidence | null;
  /** Last sender report while packets arrived, with what had been received when it came. */
  flowing: { reportAt: number; packetsSent: number; packetsReceived: number } | null;
  /** First sender report that came inside the running gap. */
  reportInGap: { at: number; packetsSent: number } | null;
  /** A finished gap that waits for the next sender report to say whether media was sent in it. */
  pendingGap: PendingGap | null;
  /** What the first sender report after a gap said; set in the sample of that report only. */
  confirmedGap: ConfirmedGap | null;
  /** Unix ms at which packets came back after the last gap. */
  gapEndedAt: number | null;
  /** Highest packetsLost seen: late packets lower the counter, only what exceeds this is new loss. */
  highestLost: number | null;
  readonly recentLoss: RecentLoss;
  /** Frozen milliseconds of the latest interval between two samples. */
  frozenMsOfSample: number;
  /** Freezes of the latest interval that a camera's low frame rate may explain; the next sample decides. */
  doubtfulFreeze: DoubtfulFreeze | null;
  /** Frozen seconds already counted for a freeze that the browser has not booked yet. */
  runningFrozenS: number;
  /** The far end's reports said that it sent nothing while no frame came; until the next frame. */
  isPausedBySender: boolean;
  /** Frames that usually come in a second, smoothed over the evaluation steps; null until known. Video. */
  usualFrameRate: number | null;
  /** Frames a second: smoothed over a few samples, and the most there was, slowly forgotten. Video. */
  readonly frameRate: { smoothed: number | null; full: number };
  /** Unix ms since when frames come steadily; ends the ramp-up early. */
  steadyMs: number;
  /** It was steady long enough once: the ramp-up of its start is over. */
  wasSteady: boolean;
  /** Unix ms of the last unmute, layer or codec change (guards G5 and G9). */
  changedAt: number | null;
  /** The last steps of this stream, for findings over 15 and 30 s. */
  readonly recentSteps: RowQueue;
  /** Sums since the last evaluation step. */
  readonly sinceStep: InboundSums;
  /** What is known of speech that may be too quiet; null while it is loud. Audio. */
  quietSpeech: QuietSpeech | null;
  /** Unix ms since when packets arrive and nothing of them is played out; null while something is. Audio. */
  unplayedSince: number | null;
  /** Its recent past beyond that. */
  readonly media: ReceivedMedia;
}

/** Freezes without loss that the browser booked in one interval. */
export interface DoubtfulFreeze {
  readonly frozenMs: number;
  readonly freezes: number;
  /** Mean length of one, seconds. */
  readonly meanS: number;
}

/** A gap in the packets of a stream that ended without proof of sending. */
export interface PendingGap {
  readonly from: number;
  readonly to: number;
  readonly reportAt: number;
  readonly packetsSent: number;
  readonly packetsReceivedBefore: number;
  readonly usualPacketRate: number;
}

/** A gap of which the sender's report after it says whether media was sent. */
export interface ConfirmedGap {
  readonly from: number;
  readonly to: number;
  readonly sending: boolean;
  /** Packets the far end sent from its last report before the gap to its first after it. */
  readonly sent: number;
}

/** Sums over the samples of one evaluation step that cannot be had from two ends of it. */
export interface InboundSums {
  newlyLost: number;
  /** Start of the first sample interval with new loss. */
  lostFrom: number | null;
  frozenMs: number;
  freezeEvents: number;
  blackoutMs: number;
}

/**
 * Columns of `recentSteps`: when the step was (Unix ms), whether a guard excludes it (1), packets lost; then of sound what was
 * played, and of a picture how long it stood still.
 */
export const stepColumn = {
  from: 0,
  to: 1,
  excluded: 2,
  lost: 3,
  samples: 4,
  concealed: 5,
  silent: 6,
  events: 7,
  received: 8,
  blackoutMs: 9,
  frozenMs: 4,
  freezes: 5,
} as const;

/** Numbers of a step of sound, and of a picture. */
const stepWidths = { audio: 10, video: 6 };

/** One sent RTP stream over its whole life. */
export interface OutboundStream {
  readonly subject: Subject;
  readonly kind: "audio" | "video";
  readonly firstSeenAt: number;
  readonly latest: LatestOutbound;
  /** Unix ms since packetsSent stands still although the source delivers; null otherwise. */
  stalledSince: number | null;
  everSent: boolean;
  /** Timestamp of the receiver report whose jitter was judged last. */
  jitterReportAt: number | null;
  /** Jitter that the far end reported while too few frames came to judge it by, s; null once it went up again or was low. */
  settlingJitterS: number | null;
  /** Round trip of the last receiver report, s, and the timestamp of the report that first told it. */
  reportedRtt: { readonly seconds: number; readonly toldAt: number } | null;
  /** Timestamp of the newest receiver report that was used. */
  reportAt: number | null;
  /** Milliseconds from one report to the next, smoothed; null before the second. */
  usualReportMs: number | null;
  /** That report arrived in the latest interval. */
  reportIsNew: boolean;
  /** Lost share between the last two reports; null when it cannot be known. */
  reportedLossRatio: number | null;
  /** Counters at the last report. */
  lastReport: { packetsSent: number; packetsLost: number } | null;
  highestLost: number | null;
  readonly recentLoss: RecentLoss;
  /** Counters at the end of the last loss measurement: when, packetsSent, highestLost. */
  lossBase: { at: number; packetsSent: number; highestLost: number } | null;
  /** Packets sent and lost between the last two measurements, once a report made one. */
  measuredLoss: LossMeasurement | null;
  /** The last measurement there was. */
  latestLoss: LossMeasurement | null;
  /** Start of the first of the latest measurements that all were clean; null after one that was not. Unix ms. */
  cleanSince: number | null;
  changedAt: number | null;
  /** Wait in the sender of the packets of the last ten seconds or so, older ones counting less. */
  readonly sendDelay: { seconds: number; packets: number };
  /** Highest target of the encoder so far, bit/s. */
  highestTargetBps: number | null;
  /** Since when the source is silent; steps that were loud again. Audio. */
  silence: { quietSince: number; zeroSince: number | null; loudSteps: number[] } | null;
}

/** Loss on the way out, between two receiver reports. */
export interface LossMeasurement {
  readonly from: number;
  readonly to: number;
  readonly sent: number;
  readonly lost: number;
}

const nothingWaits: RecentLoss["waiting"] = [];

function latestInbound(stats: InboundStats): LatestInbound {
  return {
    id: stats.id,
    timestamp: stats.timestamp,
    ssrc: stats.ssrc,
    packetsReceived: stats.packetsReceived,
    packetsLost: stats.packetsLost,
    jitter: stats.jitter,
    framesDecoded: stats.framesDecoded,
    frameWidth: stats.frameWidth,
    frameHeight: stats.frameHeight,
    screenShare: stats.screenShare,
  };
}

/** Takes over a report. What makes a stream another one stays as it is. */
export function noteLatestInbound({ latest }: InboundStream, stats: InboundStats): void {
  latest.timestamp = stats.timestamp;
  latest.packetsReceived = stats.packetsReceived;
  latest.packetsLost = stats.packetsLost;
  latest.jitter = stats.jitter;
  latest.framesDecoded = stats.framesDecoded;
  latest.frameWidth = stats.frameWidth;
  latest.frameHeight = stats.frameHeight;
  latest.screenShare = stats.screenShare;
}

function latestOutbound(stats: OutboundStats): LatestOutbound {
  return {
    id: stats.id,
    kind: stats.kind,
    ssrc: stats.ssrc,
    mid: stats.mid,
    rid: stats.rid,
    active: stats.active,
    framesPerSecond: stats.framesPerSecond,
    screenShare: stats.screenShare,
  };
}

/** Takes over a report. What makes a stream another one stays as it is. */
export function noteLatestOutbound({ latest }: OutboundStream, stats: OutboundStats): void {
  latest.kind = stats.kind;
  latest.mid = stats.mid;
  latest.rid = stats.rid;
  latest.active = stats.active;
  latest.framesPerSecond = stats.framesPerSecond;
  latest.screenShare = stats.screenShare;
}

export function openInboundStream(pcId: string, stats: InboundStats, at: number): InboundStream {
  return {
    subject: {
      key: [pcId, "in", stats.kind, stats.id, stats.ssrc ?? ""].join("/"),
      scope: {
        pcId,
        kind: stats.kind,
        direction: "inbound",
        ...(stats.trackId === null ? {} : { trackId: stats.trackId }),
        ...(stats.mid === null ? {} : { mid: stats.mid }),
        ...(stats.ssrc === null ? {} : { ssrc: stats.ssrc }),
      },
    },
    kind: stats.kind,
    firstSeenAt: at,
    latest: latestInbound(stats),
    lastPacketAt: null,
    joinedAt: (stats.packetsReceived ?? 0) > 0 ? at : null,
    usualPacketRate: null,
    silentMs: 0,
    senderEvidence: null,
    flowing: null,
    reportInGap: null,
    pendingGap: null,
    confirmedGap: null,
    gapEndedAt: null,
    highestLost: stats.packetsLost,
    recentLoss: { waiting: nothingWaits, growsSince: null, grewAt: null },
    frozenMsOfSample: 0,
    doubtfulFreeze: null,
    runningFrozenS: 0,
    isPausedBySender: false,
    usualFrameRate: null,
    frameRate: { smoothed: null, full: 0 },
    steadyMs: 0,
    wasSteady: false,
    changedAt: null,
    recentSteps: new RowQueue(stepWidths[stats.kind]),
    sinceStep: { newlyLost: 0, lostFrom: null, frozenMs: 0, freezeEvents: 0, blackoutMs: 0 },
    quietSpeech: null,
    unplayedSince: null,
    media: createReceivedMedia(),
  };
}

export function openOutboundStream(
  pcId: string,
  stats: OutboundStats,
  trackId: string | null,
  at: number,
): OutboundStream {
  return {
    subject: {
      key: [pcId, "out", stats.kind, stats.id, stats.ssrc ?? ""].join("/"),
      scope: {
        pcId,
        kind: stats.kind,
        direction: "outbound",
        ...(trackId === null ? {} : { trackId }),
        ...(stats.mid === null ? {} : { mid: stats.mid }),
        ...(stats.rid === null ? {} : { rid: stats.rid }),
        ...(stats.ssrc === null ? {} : { ssrc: stats.ssrc }),
      },
    },
    kind: stats.kind,
    firstSeenAt: at,
    latest: latestOutbound(stats),
    stalledSince: null,
    everSent: (stats.packetsSent ?? 0) > 0,
    jitterReportAt: null,
    settlingJitterS: null,
    reportedRtt: null,
    reportAt: null,
    usualReportMs: null,
    reportIsNew: false,
    reportedLossRatio: null,
    lastReport: null,
    highestLost: null,
    recentLoss: { waiting: nothingWaits, growsSince: null, grewAt: null },
    lossBase: null,
    measuredLoss: null,
    latestLoss: null,
    cleanSince: null,
    changedAt: null,
    sendDelay: { seconds: 0, packets: 0 },
    highestTargetBps: null,
    silence: null,
  };
}
