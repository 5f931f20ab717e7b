import type { JsonObject, StatsObject } from "@peerscope/schema";
import type { Conditions } from "./conditions.ts";
import type { AudioCounters, VideoCounters } from "./streams.ts";

/** Everything that a report is written from. */
export interface ReportState {
  readonly audioOut: AudioCounters;
  readonly audioIn: AudioCounters;
  readonly videoOut: VideoCounters;
  readonly videoIn: VideoCounters;
  readonly tracks: { readonly [place in "audioOut" | "audioIn" | "videoOut" | "videoIn"]: string };
  readonly ssrcs: { readonly [place in "audioOut" | "audioIn" | "videoOut" | "videoIn"]: number };
  /** False while ICE has not found a path. */
  readonly connected: boolean;
  /** True when the session sends no media of its own. */
  readonly listensOnly: boolean;
  /** STUN checks on the pair. */
  readonly checksSent: number;
  readonly checksAnswered: number;
  readonly totalRoundTripTimeMs: number;
  /** Unix ms at which the last receiver report came; null before the first. */
  readonly reportedAt: number | null;
  readonly reports: number;
  /** What the far end had counted then. */
  readonly reported: { readonly audio: FarEnd; readonly video: FarEnd };
  readonly conditions: Conditions;
}

export interface FarEnd {
  readonly packetsLost: number;
  readonly fractionLost: number;
  readonly packetsReceived: number;
}

/** A whole getStats report in Chromium's shape: ids, types and members as Chromium 156 writes them. */
export function writeReport(state: ReportState, at: number): StatsObject[] {
  const { connected, listensOnly } = state;
  const object = (id: string, type: string, members: JsonObject): StatsObject => ({
    id,
    timestamp: at,
    type,
    ...members,
  });
  const objects = [
    ...pathObjects(state, object),
    object("P", "peer-connection", { dataChannelsClosed: 0, dataChannelsOpened: 0 }),
  ];
  if (!listensOnly) objects.push(...sourceObjects(state, object));
  if (!connected) return objects;
  objects.push(...codecObjects(object, listensOnly), ...inboundObjects(state, object, at));
  if (!listensOnly) objects.push(...outboundObjects(state, object));
  return objects;
}

type Write = (id: string, type: string, members: JsonObject) => StatsObject;

const transportId = "T01";
const audioCodec = "111_minptime=10;useinbandfec=1";

function codecObjects(object: Write, listensOnly: boolean): StatsObject[] {
  return (listensOnly ? ["CI"] : ["CI", "CO"]).flatMap((side) => [
    object(`${side}T01_${audioCodec}`, "codec", {
      channels: 2,
      clockRate: 48_000,
      mimeType: "audio/opus",
      payloadType: 111,
      sdpFmtpLine: "minptime=10;useinbandfec=1",
      transportId,
    }),
    object(`${side}T01_96`, "codec", {
      clockRate: 90_000,
      mimeType: "video/VP8",
      payloadType: 96,
      transportId,
    }),
  ]);
}

function pathObjects(state: ReportState, object: Write): StatsObject[] {
  const { connected, checksSent, checksAnswered, totalRoundTripTimeMs, conditions } = state;
  const sent = trafficOf([state.audioOut, state.videoOut], "Sent", checksSent);
  const received = trafficOf([state.audioIn, state.videoIn], "Received", checksAnswered);
  const candidate = { candidateType: "host", priority: 2_122_260_223, protocol: "udp", transportId };
  return [
    object("ILocal", "local-candidate", {
      ...candidate,
      address: "192.0.2.10",
      port: 50_000,
      isRemote: false,
      networkType: "wifi",
    }),
    object("IRemote", "remote-candidate", {
      ...candidate,
      address: "198.51.100.20",
      port: 51_000,
      isRemote: true,
    }),
    object("CPLocal_Remote", "candidate-pair", {
      ...sent,
      ...received,
      bytesDiscardedOnSend: 0,
      localCandidateId: "ILocal",
      remoteCandidateId: "IRemote",
      nominated: connected,
      packetsDiscardedOnSend: 0,
      priority: 7_962_116_751_024_340_000,
      requestsReceived: checksAnswered,
      requestsSent: checksSent,
      responsesReceived: checksAnswered,
      responsesSent: checksAnswered,
      state: connected ? "succeeded" : "in-progress",
      totalRoundTripTime: totalRoundTripTimeMs / 1000,
      transportId,
      writable: connected,
      ...(connected
        ? {
            currentRoundTripTime: conditions.roundTripTimeMs / 1000,
            availableOutgoingBitrate: Math.round(conditions.uplinkBps * 0.95),
          }
        : {}),
    }),
    object(transportId, "transport", {
      ...sent,
      ...received,
      dtlsState: connected ? "connected" : "new",
      iceRole: "controlling",
      iceState: connected ? "connected" : "checking",
      selectedCandidatePairChanges: connected ? 1 : 0,
      ...(connected
        ? { dtlsRole: "client", selectedCandidatePairId: "CPLocal_Remote", tlsVersion: "FEFC" }
        : {}),
    }),
  ];
}

/** Bytes on the transport: payload and headers of all streams, and a STUN check's 100 bytes each. */
function trafficOf(
  streams: readonly (AudioCounters | VideoCounters)[],
  direction: "Sent" | "Received",
  checks: number,
): JsonObject {
  let bytes = checks * 100;
  let packets = checks;
  for (const stream of streams) {
    bytes += stream[`bytes${direction}`] + stream[`headerBytes${direction}`];
    packets += stream[`packets${direction}`];
  }
  return { [`bytes${direction}`]: bytes, [`packets${direction}`]: packets };
}

function sourceObjects({ audioOut, videoOut, tracks }: ReportState, object: Write): StatsObject[] {
  return [
    object("SA1", "media-source", {
      kind: "audio",
      trackIdentifier: tracks.audioOut,
      audioLevel: audioOut.audioLevel,
      totalAudioEnergy: audioOut.totalAudioEnergy,
      totalSamplesDuration: audioOut.totalSamplesDuration,
    }),
    object("SV2", "media-source", {
      kind: "video",
      trackIdentifier: tracks.videoOut,
      frames: videoOut.frames,
      framesPerSecond: 30,
      height: 360,
      width: 640,
    }),
  ];
}

function inboundObjects(
  { audioIn, videoIn, tracks, ssrcs, conditions }: ReportState,
  object: Write,
  at: number,
): StatsObject[] {
  const received = (stream: AudioCounters | VideoCounters): JsonObject => ({
    transportId,
    jitter: conditions.jitterMs / 1000,
    packetsLost: stream.packetsLost,
    packetsReceived: stream.packetsReceived,
    bytesReceived: stream.bytesReceived,
    headerBytesReceived: stream.headerBytesReceived,
    packetsDiscarded: 0,
    ...(stream.packetsReceived > 0 && conditions.alive ? { lastPacketReceivedTimestamp: at - 10 } : {}),
  });
  return [
    object(`IT01A${ssrcs.audioIn}`, "inbound-rtp", {
      ...received(audioIn),
      codecId: `CIT01_${audioCodec}`,
      kind: "audio",
      mid: "0",
      ssrc: ssrcs.audioIn,
      trackIdentifier: tracks.audioIn,
      audioLevel: conditions.alive ? audioIn.audioLevel : 0,
      concealedSamples: audioIn.concealedSamples,
      concealmentEvents: audioIn.concealmentEvents,
      silentConcealedSamples: 0,
      fecPacketsDiscarded: 0,
      fecPacketsReceived: 0,
      insertedSamplesForDeceleration: 0,
      removedSamplesForAcceleration: 0,
      jitterBufferDelay: audioIn.jitterBufferDelay,
      jitterBufferEmittedCount: audioIn.jitterBufferEmittedCount,
      totalAudioEnergy: audioIn.totalAudioEnergy,
      totalSamplesDuration: audioIn.totalSamplesDuration,
      totalSamplesReceived: audioIn.totalSamplesReceived,
    }),
    object(`IT01V${ssrcs.videoIn}`, "inbound-rtp", {
      ...received(videoIn),
      codecId: "CIT01_96",
      kind: "video",
      mid: "1",
      ssrc: ssrcs.videoIn,
      trackIdentifier: tracks.videoIn,
      decoderImplementation: "libvpx",
      firCount: 0,
      frameHeight: videoIn.frameHeight,
      frameWidth: (videoIn.frameHeight * 16) / 9,
      framesDecoded: videoIn.framesDecoded,
      framesDropped: 0,
      framesPerSecond: videoIn.framesPerSecond,
      framesReceived: videoIn.framesReceived,
      freezeCount: videoIn.freezeCount,
      jitterBufferDelay: videoIn.jitterBufferDelay,
      jitterBufferEmittedCount: videoIn.jitterBufferEmittedCount,
      keyFramesDecoded: videoIn.framesDecoded > 0 ? 1 : 0,
      nackCount: videoIn.nackCount,
      pauseCount: videoIn.pauseCount,
      pliCount: 0,
      qpSum: videoIn.qpSum,
      retransmittedBytesReceived: videoIn.retransmittedBytes,
      retransmittedPacketsReceived: videoIn.retransmittedPackets,
      totalDecodeTime: videoIn.framesDecoded * 0.001,
      totalFreezesDuration: videoIn.totalFreezesDuration,
      totalInterFrameDelay: videoIn.totalInterFrameDelay,
      totalPausesDuration: videoIn.totalPausesDuration,
      totalSquaredInterFrameDelay: videoIn.totalSquaredInterFrameDelay,
    }),
  ];
}

function outboundObjects(state: ReportState, object: Write): StatsObject[] {
  const { audioOut, videoOut, ssrcs } = state;
  const sent = (stream: AudioCounters | VideoCounters): JsonObject => ({
    transportId,
    active: true,
    packetsSent: stream.packetsSent,
    bytesSent: stream.bytesSent,
    headerBytesSent: stream.headerBytesSent,
    nackCount: stream.nackCount,
    retransmittedBytesSent: stream.retransmittedBytes,
    retransmittedPacketsSent: stream.retransmittedPackets,
    totalPacketSendDelay: stream.packetsSent * 0.00001,
  });
  return [
    object(`OT01A${ssrcs.audioOut}`, "outbound-rtp", {
      ...sent(audioOut),
      codecId: `COT01_${audioCodec}`,
      kind: "audio",
      mediaSourceId: "SA1",
      mid: "0",
      remoteId: `RIA${ssrcs.audioOut}`,
      ssrc: ssrcs.audioOut,
      targetBitrate: 32_000,
    }),
    object(`OT01V${ssrcs.videoOut}`, "outbound-rtp", {
      ...sent(videoOut),
      codecId: "COT01_96",
      kind: "video",
      mediaSourceId: "SV2",
      mid: "1",
      remoteId: `RIV${ssrcs.videoOut}`,
      ssrc: ssrcs.videoOut,
      encoderImplementation: "libvpx",
      firCount: 0,
      frameHeight: videoOut.frameHeight,
      frameWidth: (videoOut.frameHeight * 16) / 9,
      framesEncoded: videoOut.framesEncoded,
      framesPerSecond: 30,
      framesSent: videoOut.framesEncoded,
      hugeFramesSent: 0,
      keyFramesEncoded: 1,
      pliCount: 0,
      qpSum: videoOut.qpSum,
      qualityLimitationDurations: {
        bandwidth: videoOut.limitedBandwidth,
        cpu: 0,
        none: videoOut.limitedNone,
        other: 0,
      },
      qualityLimitationReason: videoOut.limitation,
      qualityLimitationResolutionChanges: videoOut.limitedBandwidth > 0 ? 1 : 0,
      targetBitrate: videoOut.targetBitrate,
      totalEncodeTime: videoOut.framesEncoded * 0.003,
    }),
    ...receiverReports(state, object),
  ];
}

/** What the far end says of our streams; stamped with the time at which its report came. */
function receiverReports(state: ReportState, object: Write): StatsObject[] {
  const { reported, reportedAt, reports, conditions, ssrcs } = state;
  if (reportedAt === null) return [];
  return (["audio", "video"] as const).map((kind) => {
    const letter = kind === "audio" ? "A" : "V";
    const ssrc = kind === "audio" ? ssrcs.audioOut : ssrcs.videoOut;
    const roundTripTime = conditions.roundTripTimeMs / 1000;
    return {
      ...object(`RI${letter}${ssrc}`, "remote-inbound-rtp", {
        kind,
        ssrc,
        transportId,
        localId: `OT01${letter}${ssrc}`,
        jitter: conditions.jitterMs / 1000,
        packetsLost: reported[kind].packetsLost,
        fractionLost: reported[kind].fractionLost,
        roundTripTime,
        roundTripTimeMeasurements: reports,
        totalRoundTripTime: state.totalRoundTripTimeMs / 1000,
      }),
      timestamp: reportedAt,
    };
  });
}
