import type { StatsObject } from "@peerscope/schema";
import { lowestPacketsLost } from "./impossible-values.ts";
import type {
  InboundStats,
  OutboundStats,
  RemoteInboundStats,
  RemoteOutboundStats,
  SourceStats,
  PairStats,
  TransportStats,
} from "./report.ts";
import { boolean, count, mediaKindOf, number, objectOf, string } from "./stat-members.ts";

/* Single objects of a report as typed data. What is missing or of the wrong type reads as null. */

/** May be negative: late packets are taken back. Null for what cannot be true. */
function packetsLostOf(stats: StatsObject): number | null {
  const lost = number(stats["packetsLost"]);
  return lost === null || lost < lowestPacketsLost ? null : lost;
}

/** 0 to 1, null for anything else. */
function shareOf(stats: StatsObject, member: string): number | null {
  const share = count(stats[member]);
  return share === null || share > 1 ? null : share;
}

export function readInbound(stats: StatsObject): InboundStats | null {
  const kind = mediaKindOf(stats);
  if (kind === null) return null;
  return {
    id: stats.id,
    timestamp: stats.timestamp,
    kind,
    ssrc: count(stats["ssrc"]),
    mid: string(stats["mid"]),
    trackId: string(stats["trackIdentifier"]),
    codecId: string(stats["codecId"]),
    packetsReceived: count(stats["packetsReceived"]),
    packetsLost: packetsLostOf(stats),
    // Firefox before 96 calls it discardedPackets.
    packetsDiscarded: count(stats["packetsDiscarded"]) ?? count(stats["discardedPackets"]),
    bytesReceived: count(stats["bytesReceived"]),
    retransmittedBytesReceived: count(stats["retransmittedBytesReceived"]),
    jitter: count(stats["jitter"]),
    jitterBufferDelay: count(stats["jitterBufferDelay"]),
    jitterBufferEmittedCount: count(stats["jitterBufferEmittedCount"]),
    jitterBufferTargetDelay: count(stats["jitterBufferTargetDelay"]),
    jitterBufferMinimumDelay: count(stats["jitterBufferMinimumDelay"]),
    totalSamplesReceived: count(stats["totalSamplesReceived"]),
    insertedSamplesForDeceleration: count(stats["insertedSamplesForDeceleration"]),
    removedSamplesForAcceleration: count(stats["removedSamplesForAcceleration"]),
    concealedSamples: count(stats["concealedSamples"]),
    silentConcealedSamples: count(stats["silentConcealedSamples"]),
    concealmentEvents: count(stats["concealmentEvents"]),
    totalAudioEnergy: count(stats["totalAudioEnergy"]),
    totalSamplesDuration: count(stats["totalSamplesDuration"]),
    audioLevel: count(stats["audioLevel"]),
    framesReceived: count(stats["framesReceived"]),
    framesDecoded: count(stats["framesDecoded"]),
    framesRendered: count(stats["framesRendered"]),
    framesDropped: count(stats["framesDropped"]),
    totalDecodeTime: count(stats["totalDecodeTime"]),
    decoderImplementation: string(stats["decoderImplementation"]),
    powerEfficientDecoder: boolean(stats["powerEfficientDecoder"]),
    framesPerSecond: count(stats["framesPerSecond"]),
    frameWidth: count(stats["frameWidth"]),
    frameHeight: count(stats["frameHeight"]),
    totalInterFrameDelay: count(stats["totalInterFrameDelay"]),
    totalSquaredInterFrameDelay: count(stats["totalSquaredInterFrameDelay"]),
    freezeCount: count(stats["freezeCount"]),
    totalFreezesDuration: count(stats["totalFreezesDuration"]),
    pauseCount: count(stats["pauseCount"]),
    totalPausesDuration: count(stats["totalPausesDuration"]),
    pliCount: count(stats["pliCount"]),
    firCount: count(stats["firCount"]),
    nackCount: count(stats["nackCount"]),
    lastPacketReceivedTimestamp: count(stats["lastPacketReceivedTimestamp"]),
    estimatedPlayoutTimestamp: count(stats["estimatedPlayoutTimestamp"]),
    screenShare: stats["contentType"] === "screenshare",
  };
}

export function readOutbound(stats: StatsObject): OutboundStats | null {
  const kind = mediaKindOf(stats);
  if (kind === null) return null;
  const durations = objectOf(stats["qualityLimitationDurations"]);
  return {
    id: stats.id,
    timestamp: stats.timestamp,
    kind,
    ssrc: count(stats["ssrc"]),
    mid: string(stats["mid"]),
    rid: string(stats["rid"]),
    codecId: string(stats["codecId"]),
    mediaSourceId: string(stats["mediaSourceId"]),
    active: boolean(stats["active"]),
    packetsSent: count(stats["packetsSent"]),
    bytesSent: count(stats["bytesSent"]),
    retransmittedBytesSent: count(stats["retransmittedBytesSent"]),
    retransmittedPacketsSent: count(stats["retransmittedPacketsSent"]),
    totalPacketSendDelay: count(stats["totalPacketSendDelay"]),
    nackCount: count(stats["nackCount"]),
    targetBitrate: count(stats["targetBitrate"]),
    framesEncoded: count(stats["framesEncoded"]),
    qpSum: count(stats["qpSum"]),
    hugeFramesSent: count(stats["hugeFramesSent"]),
    totalEncodeTime: count(stats["totalEncodeTime"]),
    encoderImplementation: string(stats["encoderImplementation"]),
    powerEfficientEncoder: boolean(stats["powerEfficientEncoder"]),
    framesPerSecond: count(stats["framesPerSecond"]),
    frameWidth: count(stats["frameWidth"]),
    frameHeight: count(stats["frameHeight"]),
    qualityLimitationReason: string(stats["qualityLimitationReason"]),
    limitedByBandwidth: durations === null ? null : number(durations["bandwidth"]),
    limitedByCpu: durations === null ? null : number(durations["cpu"]),
    screenShare: stats["contentType"] === "screenshare",
  };
}

export function readRemoteInbound(stats: StatsObject): RemoteInboundStats {
  return {
    id: stats.id,
    timestamp: stats.timestamp,
    localId: string(stats["localId"]),
    ssrc: count(stats["ssrc"]),
    packetsLost: packetsLostOf(stats),
    fractionLost: shareOf(stats, "fractionLost"),
    jitter: count(stats["jitter"]),
    roundTripTime: count(stats["roundTripTime"]),
    totalRoundTripTime: count(stats["totalRoundTripTime"]),
    roundTripTimeMeasurements: count(stats["roundTripTimeMeasurements"]),
  };
}

export function readRemoteOutbound(stats: StatsObject): RemoteOutboundStats {
  return {
    id: stats.id,
    timestamp: stats.timestamp,
    localId: string(stats["localId"]),
    ssrc: count(stats["ssrc"]),
    packetsSent: count(stats["packetsSent"]),
    roundTripTime: count(stats["roundTripTime"]),
  };
}

export function readSource(stats: StatsObject): SourceStats | null {
  const kind = mediaKindOf(stats);
  if (kind === null) return null;
  return {
    id: stats.id,
    timestamp: stats.timestamp,
    kind,
    trackId: string(stats["trackIdentifier"]),
    audioLevel: count(stats["audioLevel"]),
    totalAudioEnergy: count(stats["totalAudioEnergy"]),
    totalSamplesDuration: count(stats["totalSamplesDuration"]),
    frames: count(stats["frames"]),
    framesPerSecond: count(stats["framesPerSecond"]),
    height: count(stats["height"]),
    echoReturnLoss: number(stats["echoReturnLoss"]),
    echoReturnLossEnhancement: number(stats["echoReturnLossEnhancement"]),
  };
}

export function readPair(stats: StatsObject): PairStats {
  return {
    id: stats.id,
    timestamp: stats.timestamp,
    transportId: string(stats["transportId"]),
    state: string(stats["state"]),
    nominated: stats["nominated"] === true,
    selected: stats["selected"] === true,
    localCandidateId: string(stats["localCandidateId"]),
    remoteCandidateId: string(stats["remoteCandidateId"]),
    bytesSent: count(stats["bytesSent"]),
    bytesReceived: count(stats["bytesReceived"]),
    requestsSent: count(stats["requestsSent"]),
    responsesReceived: count(stats["responsesReceived"]),
    currentRoundTripTime: count(stats["currentRoundTripTime"]),
    totalRoundTripTime: count(stats["totalRoundTripTime"]),
    availableOutgoingBitrate: count(stats["availableOutgoingBitrate"]),
  };
}

export function readTransport(stats: StatsObject): TransportStats {
  return {
    id: stats.id,
    timestamp: stats.timestamp,
    iceState: string(stats["iceState"]),
    dtlsState: string(stats["dtlsState"]),
    dtlsRole: string(stats["dtlsRole"]),
    tlsVersion: string(stats["tlsVersion"]),
    selectedCandidatePairId: string(stats["selectedCandidatePairId"]),
    localUfrag: string(stats["iceLocalUsernameFragment"]),
    bytesSent: count(stats["bytesSent"]),
    bytesReceived: count(stats["bytesReceived"]),
  };
}
