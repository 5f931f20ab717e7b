/**
 * Messages of ObserveRTC's protobuf samples: for each record its fields in the order of their numbers, from 1 on, as `name:kind`.
 * Kinds: d double, i integer (varint), o boolean (varint), s text, b identifier (text or 16 bytes of a UUID), enum and enum1 the state
 * of a candidate pair, anything else a record, with [] when repeated. Numbers were given anew with each version of the schema and nothing on
 * the wire says which one it is: see `observertc/generations.ts`.
 */

/** Fields by record. */
type Description = { readonly [record: string]: string };

/** Schema 3.5.0, and 3.3.0 as the newer client-monitor has it. */
const newest: Description = {
  ClientSample: `
    clientEvents:ClientEvent[] clientIssues:ClientIssue[] clientMetaItems:ClientMetaData[]
    extensionStats:ExtensionStat[] peerConnections:PeerConnectionSample[] scoreReasons:s[] timestamp:d attachments:s
    callId:b clientId:b score:d
  `,
  PeerConnectionSample: `
    certificates:CertificateStats[] codecs:CodecStats[] dataChannels:DataChannelStats[]
    iceCandidatePairs:IceCandidatePairStats[] iceCandidates:IceCandidateStats[] iceTransports:IceTransportStats[]
    inboundRtps:InboundRtpStats[] inboundTracks:InboundTrackSample[] mediaPlayouts:MediaPlayoutStats[]
    mediaSources:MediaSourceStats[] outboundRtps:OutboundRtpStats[] outboundTracks:OutboundTrackSample[]
    peerConnectionTransports:PeerConnectionTransportStats[] remoteInboundRtps:RemoteInboundRtpStats[]
    remoteOutboundRtps:RemoteOutboundRtpStats[] scoreReasons:s[] peerConnectionId:b attachments:s score:d
  `,
  InboundTrackSample: `
    scoreReasons:s[] id:s kind:s timestamp:d attachments:s score:d
  `,
  OutboundTrackSample: `
    scoreReasons:s[] id:s kind:s timestamp:d attachments:s score:d
  `,
  CodecStats: `
    id:s mimeType:s timestamp:d attachments:s channels:i clockRate:i payloadType:i sdpFmtpLine:s transportId:s
  `,
  InboundRtpStats: `
    id:s kind:s ssrc:i timestamp:d trackIdentifier:b attachments:s audioLevel:d bytesReceived:i codecId:s
    concealedSamples:i concealmentEvents:i corruptionMeasurements:i decoderImplementation:s
    estimatedPlayoutTimestamp:d fecBytesReceived:i fecPacketsDiscarded:i fecPacketsReceived:i fecSsrc:i firCount:i
    frameHeight:i frameWidth:i framesAssembledFromMultiplePackets:i framesDecoded:i framesDropped:i
    framesPerSecond:d framesReceived:i framesRendered:i freezeCount:i headerBytesReceived:i
    insertedSamplesForDeceleration:i jitter:d jitterBufferDelay:d jitterBufferEmittedCount:i
    jitterBufferMinimumDelay:d jitterBufferTargetDelay:d keyFramesDecoded:i lastPacketReceivedTimestamp:d mid:s
    nackCount:i packetsDiscarded:i packetsLost:i packetsReceived:i packetsReceivedWithCe:i packetsReceivedWithEct1:i
    packetsReportedAsLost:i packetsReportedAsLostButRecovered:i pauseCount:i playoutId:s pliCount:i
    powerEfficientDecoder:o qpSum:d remoteId:s removedSamplesForAcceleration:i retransmittedBytesReceived:i
    retransmittedPacketsReceived:i rtxSsrc:i silentConcealedSamples:i totalAssemblyTime:d totalAudioEnergy:d
    totalCorruptionProbability:d totalDecodeTime:d totalFreezesDuration:d totalInterFrameDelay:d
    totalPausesDuration:d totalProcessingDelay:d totalSamplesDuration:d totalSamplesReceived:i
    totalSquaredCorruptionProbability:d totalSquaredInterFrameDelay:d transportId:s
  `,
  RemoteInboundRtpStats: `
    id:s kind:s ssrc:i timestamp:d attachments:s codecId:s fractionLost:d jitter:d localId:s packetsLost:i
    packetsReceived:i packetsReceivedWithCe:i packetsReceivedWithEct1:i packetsReportedAsLost:i
    packetsReportedAsLostButRecovered:i packetsWithBleachedEct1Marking:i roundTripTime:d roundTripTimeMeasurements:i
    totalRoundTripTime:d transportId:s
  `,
  OutboundRtpStats: `
    id:s kind:s ssrc:i timestamp:d active:o attachments:s bytesSent:i codecId:s encoderImplementation:s
    encodingIndex:i firCount:i frameHeight:i frameWidth:i framesEncoded:i framesPerSecond:d framesSent:i
    headerBytesSent:i hugeFramesSent:i keyFramesEncoded:i mediaSourceId:s mid:s nackCount:i packetsSent:i
    packetsSentWithEct1:i pliCount:i powerEfficientEncoder:o psnrMeasurements:i psnrSum:PsnrSum qpSum:i
    qualityLimitationDurations:QualityLimitationDurations qualityLimitationReason:s
    qualityLimitationResolutionChanges:i remoteId:s retransmittedBytesSent:i retransmittedPacketsSent:i rid:s
    rtxSsrc:i scalabilityMode:s targetBitrate:d totalEncodeTime:d totalEncodedBytesTarget:i totalPacketSendDelay:d
    transportId:s
  `,
  PsnrSum: `
    u:d v:d y:d
  `,
  QualityLimitationDurations: `
    bandwidth:d cpu:d none:d other:d
  `,
  RemoteOutboundRtpStats: `
    id:s kind:s ssrc:i timestamp:d attachments:s bytesSent:i codecId:s localId:s packetsSent:i remoteTimestamp:d
    reportsSent:i roundTripTime:d roundTripTimeMeasurements:i totalRoundTripTime:d transportId:s
  `,
  MediaSourceStats: `
    id:s kind:s timestamp:d attachments:s audioLevel:d echoReturnLoss:d echoReturnLossEnhancement:d frames:i
    framesPerSecond:d height:i totalAudioEnergy:d totalSamplesDuration:d trackIdentifier:b width:i
  `,
  MediaPlayoutStats: `
    id:s kind:s timestamp:d attachments:s synthesizedSamplesDuration:d synthesizedSamplesEvents:i
    totalPlayoutDelay:d totalSamplesCount:i totalSamplesDuration:d
  `,
  PeerConnectionTransportStats: `
    id:s timestamp:d attachments:s dataChannelsClosed:i dataChannelsOpened:i
  `,
  DataChannelStats: `
    id:s timestamp:d attachments:s bytesReceived:i bytesSent:i dataChannelIdentifier:i label:s messagesReceived:i
    messagesSent:i protocol:s state:s
  `,
  IceTransportStats: `
    id:s timestamp:d attachments:s bytesReceived:i bytesSent:i ccfbMessagesReceived:i ccfbMessagesSent:i
    dtlsCipher:s dtlsRole:s dtlsState:s iceLocalUsernameFragment:s iceRole:s iceState:s localCertificateId:s
    packetsReceived:i packetsSent:i remoteCertificateId:s selectedCandidatePairChanges:i selectedCandidatePairId:s
    srtpCipher:s tlsVersion:s
  `,
  IceCandidateStats: `
    id:s timestamp:d address:s attachments:s candidateType:s foundation:s port:i priority:i protocol:s
    relatedAddress:s relatedPort:i relayProtocol:s tcpType:s transportId:s url:s usernameFragment:s
  `,
  IceCandidatePairStats: `
    id:s timestamp:d attachments:s availableIncomingBitrate:d availableOutgoingBitrate:d bytesDiscardedOnSend:i
    bytesReceived:i bytesSent:i consentRequestsSent:i currentRoundTripTime:d lastPacketReceivedTimestamp:d
    lastPacketSentTimestamp:d localCandidateId:s nominated:o packetsDiscardedOnSend:i packetsReceived:i
    packetsSent:i remoteCandidateId:s requestsReceived:i requestsSent:i responsesReceived:i responsesSent:i
    state:enum totalRoundTripTime:d transportId:s
  `,
  CertificateStats: `
    id:s timestamp:d attachments:s base64Certificate:s fingerprint:s fingerprintAlgorithm:s issuerCertificateId:s
  `,
  ClientEvent: `
    type:s payload:s timestamp:d
  `,
  ClientIssue: `
    type:s key:s payload:s timestamp:d
  `,
  ClientMetaData: `
    type:s payload:s peerConnectionId:b ssrc:i timestamp:d trackId:b
  `,
  ExtensionStat: `
    type:s payload:s
  `,
};

/** Records that schema 3.0.0 numbered in another way: what `@observertc/samples-encoder` 3.0 writes. */
const oldest: Description = {
  IceCandidatePairStats: `
    id:s timestamp:d attachments:s availableIncomingBitrate:d availableOutgoingBitrate:d bytesDiscardedOnSend:i
    bytesReceived:i bytesSent:i consentRequestsSent:i currentRoundTripTime:d lastPacketReceivedTimestamp:d
    lastPacketSentTimestamp:d localCandidateId:s nominated:o packetsDiscardedOnSend:i packetsReceived:i
    packetsSent:i remoteCandidateId:s requestsReceived:i requestsSent:i responsesReceived:i responsesSent:i
    state:enum1 totalRoundTripTime:d transportId:s
  `,
  ClientSample: `
    clientEvents:ClientEvent[] clientIssues:ClientIssue[] clientMetaItems:ClientMetaData[]
    extensionStats:ExtensionStat[] peerConnections:PeerConnectionSample[] timestamp:d attachments:s callId:b
    clientId:b score:d scoreReasons:s
  `,
  PeerConnectionSample: `
    certificates:CertificateStats[] codecs:CodecStats[] dataChannels:DataChannelStats[]
    iceCandidatePairs:IceCandidatePairStats[] iceCandidates:IceCandidateStats[] iceTransports:IceTransportStats[]
    inboundRtps:InboundRtpStats[] inboundTracks:InboundTrackSample[] mediaPlayouts:MediaPlayoutStats[]
    mediaSources:MediaSourceStats[] outboundRtps:OutboundRtpStats[] outboundTracks:OutboundTrackSample[]
    peerConnectionTransports:PeerConnectionTransportStats[] remoteInboundRtps:RemoteInboundRtpStats[]
    remoteOutboundRtps:RemoteOutboundRtpStats[] peerConnectionId:b attachments:s score:d scoreReasons:s
  `,
  InboundTrackSample: `
    id:s kind:s timestamp:d attachments:s score:d scoreReasons:s
  `,
  OutboundTrackSample: `
    id:s kind:s timestamp:d attachments:s score:d scoreReasons:s
  `,
  InboundRtpStats: `
    id:s kind:s ssrc:i timestamp:d trackIdentifier:b attachments:s audioLevel:d bytesReceived:i codecId:s
    concealedSamples:i concealmentEvents:i corruptionMeasurements:i decoderImplementation:s
    estimatedPlayoutTimestamp:d fecBytesReceived:i fecPacketsDiscarded:i fecPacketsReceived:i fecSsrc:i firCount:i
    frameHeight:i frameWidth:i framesAssembledFromMultiplePackets:i framesDecoded:i framesDropped:i
    framesPerSecond:d framesReceived:i framesRendered:i freezeCount:i headerBytesReceived:i
    insertedSamplesForDeceleration:i jitter:d jitterBufferDelay:d jitterBufferEmittedCount:i
    jitterBufferMinimumDelay:d jitterBufferTargetDelay:d keyFramesDecoded:i lastPacketReceivedTimestamp:d mid:s
    nackCount:i packetsDiscarded:i packetsLost:i packetsReceived:i pauseCount:i playoutId:s pliCount:i
    powerEfficientDecoder:o qpSum:d remoteId:s removedSamplesForAcceleration:i retransmittedBytesReceived:i
    retransmittedPacketsReceived:i rtxSsrc:i silentConcealedSamples:i totalAssemblyTime:d totalAudioEnergy:d
    totalCorruptionProbability:d totalDecodeTime:d totalFreezesDuration:d totalInterFrameDelay:d
    totalPausesDuration:d totalProcessingDelay:d totalSamplesDuration:d totalSamplesReceived:i
    totalSquaredCorruptionProbability:d totalSquaredInterFrameDelay:d transportId:s
  `,
  RemoteInboundRtpStats: `
    id:s kind:s ssrc:i timestamp:d attachments:s codecId:s fractionLost:d jitter:d localId:s packetsLost:i
    packetsReceived:i roundTripTime:d roundTripTimeMeasurements:i totalRoundTripTime:d transportId:s
  `,
  OutboundRtpStats: `
    id:s kind:s ssrc:i timestamp:d active:o attachments:s bytesSent:i codecId:s encoderImplementation:s firCount:i
    frameHeight:i frameWidth:i framesEncoded:i framesPerSecond:d framesSent:i headerBytesSent:i hugeFramesSent:i
    keyFramesEncoded:i mediaSourceId:s mid:s nackCount:i packetsSent:i pliCount:i powerEfficientEncoder:o qpSum:d
    qualityLimitationDurations:QualityLimitationDurations qualityLimitationReason:s
    qualityLimitationResolutionChanges:i remoteId:s retransmittedBytesSent:i retransmittedPacketsSent:i rid:s
    rtxSsrc:i scalabilityMode:s targetBitrate:d totalEncodeTime:d totalEncodedBytesTarget:i totalPacketSendDelay:d
    transportId:s
  `,
  IceTransportStats: `
    id:s timestamp:d attachments:s bytesReceived:i bytesSent:i dtlsCipher:s dtlsRole:s dtlsState:s
    iceLocalUsernameFragment:s iceRole:s iceState:s localCertificateId:s packetsReceived:i packetsSent:i
    remoteCertificateId:s selectedCandidatePairChanges:i selectedCandidatePairId:s srtpCipher:s tlsVersion:s
  `,
  ClientIssue: `
    type:s payload:s timestamp:d
  `,
};

/** How the fields are numbered: 3.0.0, the first 3.3.0, and what came after it. */
export type Generation = "oldest" | "middle" | "newest";

export const generations: readonly Generation[] = ["oldest", "middle", "newest"];

/** A field as the wire has it. */
export interface Field {
  readonly name: string;
  readonly kind: "double" | "integer" | "boolean" | "text" | "identifier" | "word" | "record";
  /** Of a word: what its numbers stand for. */
  readonly words: readonly string[];
  readonly isRepeated: boolean;
  /** Fields of the record; empty for other kinds. */
  readonly fields: Fields;
}

/** Fields of a record by their number; 0 is none. */
export type Fields = readonly (Field | undefined)[];

const kinds: ReadonlyMap<string, Field["kind"]> = new Map<string, Field["kind"]>([
  ["d", "double"],
  ["i", "integer"],
  ["o", "boolean"],
  ["s", "text"],
  ["b", "identifier"],
  ["enum", "word"],
  ["enum1", "word"],
]);

/** States of a candidate pair by number. Which of both the first 3.3.0 had is not known: no package of it was found. */
const words: ReadonlyMap<string, readonly string[]> = new Map([
  ["enum", ["new", "frozen", "in-progress", "waiting", "failed", "succeeded", "cancelled"]],
  ["enum1", ["new", "in-progress", "waiting", "failed", "succeeded", "cancelled"]],
]);

const containers = ["ClientSample", "PeerConnectionSample", "InboundTrackSample", "OutboundTrackSample"];

const built = new Map<Generation, Fields>();

/** The fields of a ClientSample, with all that is in it. */
export function clientSampleFields(generation: Generation): Fields {
  let fields = built.get(generation);
  if (fields === undefined) {
    fields = build("ClientSample", generation);
    built.set(generation, fields);
  }
  return fields;
}

function build(record: string, generation: Generation): Fields {
  const isOlder = generation === "oldest" || (generation === "middle" && containers.includes(record));
  const text = (isOlder ? oldest[record] : undefined) ?? newest[record] ?? "";
  const fields = text
    .trim()
    .split(/\s+/)
    .map((word): Field => {
      const [name = "", type = ""] = word.split(":");
      const isRepeated = type.endsWith("[]");
      const plain = isRepeated ? type.slice(0, -2) : type;
      const kind = kinds.get(plain) ?? "record";
      return {
        name,
        kind,
        words: generation === "middle" ? [] : (words.get(plain) ?? []),
        isRepeated,
        fields: kind === "record" ? build(plain, generation) : [],
      };
    });
  return [undefined, ...fields];
}
