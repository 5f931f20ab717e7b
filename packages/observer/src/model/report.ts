import type { SampleRecord, StatsObject } from "@peerscope/schema";
import { type ImpossibleValue, findImpossible } from "./impossible-values.ts";
import {
  readInbound,
  readOutbound,
  readPair,
  readRemoteInbound,
  readRemoteOutbound,
  readSource,
  readTransport,
} from "./read-stats.ts";
import { count, objectOf, string } from "./stat-members.ts";
import { SmallMap } from "../pack/small-map.ts";

/*
 * One getStats report as typed plain data. Units are those of the W3C members (seconds, bytes, samples).
 * A null means that the browser did not report the member, or reported something impossible.
 */

/** inbound-rtp */
export interface InboundStats {
  readonly id: string;
  readonly timestamp: number;
  readonly kind: "audio" | "video";
  readonly ssrc: number | null;
  readonly mid: string | null;
  readonly trackId: string | null;
  readonly codecId: string | null;
  readonly packetsReceived: number | null;
  readonly packetsLost: number | null;
  readonly packetsDiscarded: number | null;
  readonly bytesReceived: number | null;
  readonly retransmittedBytesReceived: number | null;
  readonly jitter: number | null;
  readonly jitterBufferDelay: number | null;
  readonly jitterBufferEmittedCount: number | null;
  readonly jitterBufferTargetDelay: number | null;
  readonly jitterBufferMinimumDelay: number | null;
  readonly totalSamplesReceived: number | null;
  readonly insertedSamplesForDeceleration: number | null;
  readonly removedSamplesForAcceleration: number | null;
  readonly concealedSamples: number | null;
  readonly silentConcealedSamples: number | null;
  readonly concealmentEvents: number | null;
  readonly totalAudioEnergy: number | null;
  readonly totalSamplesDuration: number | null;
  readonly audioLevel: number | null;
  readonly framesReceived: number | null;
  readonly framesDecoded: number | null;
  readonly framesRendered: number | null;
  readonly framesDropped: number | null;
  readonly totalDecodeTime: number | null;
  readonly decoderImplementation: string | null;
  readonly powerEfficientDecoder: boolean | null;
  readonly framesPerSecond: number | null;
  readonly frameWidth: number | null;
  readonly frameHeight: number | null;
  readonly totalInterFrameDelay: number | null;
  readonly totalSquaredInterFrameDelay: number | null;
  readonly freezeCount: number | null;
  readonly totalFreezesDuration: number | null;
  readonly pauseCount: number | null;
  readonly totalPausesDuration: number | null;
  readonly pliCount: number | null;
  readonly firCount: number | null;
  readonly nackCount: number | null;
  readonly lastPacketReceivedTimestamp: number | null;
  /** Milliseconds on the sender's clock; only its difference between two streams of one sender means something. */
  readonly estimatedPlayoutTimestamp: number | null;
  readonly screenShare: boolean;
}

/** outbound-rtp */
export interface OutboundStats {
  readonly id: string;
  readonly timestamp: number;
  readonly kind: "audio" | "video";
  readonly ssrc: number | null;
  readonly mid: string | null;
  readonly rid: string | null;
  readonly codecId: string | null;
  readonly mediaSourceId: string | null;
  readonly active: boolean | null;
  readonly packetsSent: number | null;
  readonly bytesSent: number | null;
  readonly retransmittedBytesSent: number | null;
  readonly retransmittedPacketsSent: number | null;
  readonly totalPacketSendDelay: number | null;
  readonly nackCount: number | null;
  readonly targetBitrate: number | null;
  readonly framesEncoded: number | null;
  readonly qpSum: number | null;
  readonly hugeFramesSent: number | null;
  readonly totalEncodeTime: number | null;
  readonly encoderImplementation: string | null;
  readonly powerEfficientEncoder: boolean | null;
  readonly framesPerSecond: number | null;
  readonly frameWidth: number | null;
  readonly frameHeight: number | null;
  readonly qualityLimitationReason: string | null;
  /** qualityLimitationDurations, seconds by reason. */
  readonly limitedByBandwidth: number | null;
  readonly limitedByCpu: number | null;
  readonly screenShare: boolean;
}

/** remote-inbound-rtp: the far end's receiver report on what we send. `timestamp` is its arrival. */
export interface RemoteInboundStats {
  readonly id: string;
  readonly timestamp: number;
  readonly localId: string | null;
  readonly ssrc: number | null;
  readonly packetsLost: number | null;
  readonly fractionLost: number | null;
  readonly jitter: number | null;
  readonly roundTripTime: number | null;
  readonly totalRoundTripTime: number | null;
  readonly roundTripTimeMeasurements: number | null;
}

/** remote-outbound-rtp: the far end's sender report on what we receive. */
export interface RemoteOutboundStats {
  readonly id: string;
  readonly timestamp: number;
  readonly localId: string | null;
  readonly ssrc: number | null;
  readonly packetsSent: number | null;
  readonly roundTripTime: number | null;
}

/** media-source */
export interface SourceStats {
  readonly id: string;
  readonly timestamp: number;
  readonly kind: "audio" | "video";
  readonly trackId: string | null;
  readonly audioLevel: number | null;
  readonly totalAudioEnergy: number | null;
  readonly totalSamplesDuration: number | null;
  readonly frames: number | null;
  readonly framesPerSecond: number | null;
  readonly height: number | null;
  /** Decibels; -30 while the echo canceller of Chromium has not heard any echo. */
  readonly echoReturnLoss: number | null;
  readonly echoReturnLossEnhancement: number | null;
}

/** candidate-pair */
export interface PairStats {
  readonly id: string;
  readonly timestamp: number;
  readonly transportId: string | null;
  readonly state: string | null;
  readonly nominated: boolean;
  readonly selected: boolean;
  readonly localCandidateId: string | null;
  readonly remoteCandidateId: string | null;
  readonly bytesSent: number | null;
  readonly bytesReceived: number | null;
  readonly requestsSent: number | null;
  readonly responsesReceived: number | null;
  readonly currentRoundTripTime: number | null;
  readonly totalRoundTripTime: number | null;
  readonly availableOutgoingBitrate: number | null;
}

/** transport */
export interface TransportStats {
  readonly id: string;
  readonly timestamp: number;
  readonly iceState: string | null;
  readonly dtlsState: string | null;
  readonly dtlsRole: string | null;
  readonly tlsVersion: string | null;
  readonly selectedCandidatePairId: string | null;
  readonly localUfrag: string | null;
  readonly bytesSent: number | null;
  readonly bytesReceived: number | null;
}

/** local-candidate and remote-candidate, as far as they explain a path. */
export interface CandidateStats {
  readonly id: string;
  readonly remote: boolean;
  readonly type: string | null;
  readonly protocol: string | null;
  readonly networkType: string | null;
  /** How a relay candidate of this client reaches its relay: "udp", "tcp" or "tls". */
  readonly relayProtocol: string | null;
  /** Server that it came from. */
  readonly url: string | null;
}

/** codec */
export interface CodecStats {
  readonly id: string;
  readonly mimeType: string | null;
  readonly fmtp: string | null;
  readonly clockRate: number | null;
}

/** media-playout */
export interface PlayoutStats {
  readonly id: string;
  readonly timestamp: number;
  readonly totalPlayoutDelay: number | null;
  readonly totalSamplesCount: number | null;
  readonly synthesizedSamplesDuration: number | null;
  readonly synthesizedSamplesEvents: number | null;
  readonly totalSamplesDuration: number | null;
}

/** A whole report. Lists keep the order of the browser; maps are by stats id. */
export interface Report {
  readonly at: number;
  readonly connectionId: string;
  readonly inbound: SmallMap<string, InboundStats>;
  readonly outbound: SmallMap<string, OutboundStats>;
  /** By the id of the outbound-rtp they report on. */
  readonly remoteInbound: SmallMap<string, RemoteInboundStats>;
  /** By the id of the inbound-rtp they report on. */
  readonly remoteOutbound: SmallMap<string, RemoteOutboundStats>;
  readonly sources: SmallMap<string, SourceStats>;
  readonly pairs: SmallMap<string, PairStats>;
  readonly transports: SmallMap<string, TransportStats>;
  readonly candidates: SmallMap<string, CandidateStats>;
  readonly codecs: SmallMap<string, CodecStats>;
  readonly playout: PlayoutStats | null;
  /** Values that cannot be true; mostly none. */
  readonly impossible: readonly ImpossibleValue[];
}

/** Statistics objects of one report that are looked at; a report with more is cut there. Ours. */
const maximumObjects = 5000;
/** Characters of the id of an object. Ours: browsers and tools write some forty. */
const maximumIdLength = 512;

const nothingImpossible: readonly ImpossibleValue[] = [];

/** Reads one sample. Objects without id or type, and members of the wrong type, are left out. */
export function readReport(sample: SampleRecord): Report {
  const inbound = new SmallMap<string, InboundStats>();
  const outbound = new SmallMap<string, OutboundStats>();
  const remoteInbound = new SmallMap<string, RemoteInboundStats>();
  const remoteOutbound = new SmallMap<string, RemoteOutboundStats>();
  const sources = new SmallMap<string, SourceStats>();
  const pairs = new SmallMap<string, PairStats>();
  const transports = new SmallMap<string, TransportStats>();
  const candidates = new SmallMap<string, CandidateStats>();
  const codecs = new SmallMap<string, CodecStats>();
  let playout: PlayoutStats | null = null;
  let impossible: readonly ImpossibleValue[] = nothingImpossible;
  const stats: readonly unknown[] = Array.isArray(sample.stats) ? sample.stats : [];
  const length = Math.min(stats.length, maximumObjects);
  for (let index = 0; index < length; index += 1) {
    const object = objectOf(stats[index]);
    if (object === null) continue;
    const id = object["id"];
    const timestamp = object["timestamp"];
    if (typeof id !== "string" || typeof timestamp !== "number" || !Number.isFinite(timestamp)) {
      continue;
    }
    if (id.length > maximumIdLength) continue;
    // Has an id and a finite timestamp: as much of a StatsObject as the readers below rely on.
    const entry = object as StatsObject;
    const { type } = object;
    if (typeof type === "string") impossible = findImpossible(type, entry, impossible);
    switch (type) {
      case "inbound-rtp": {
        const read = readInbound(entry);
        if (read !== null) inbound.put(id, read);
        break;
      }
      case "outbound-rtp": {
        const read = readOutbound(entry);
        if (read !== null) outbound.put(id, read);
        break;
      }
      case "remote-inbound-rtp": {
        const read = readRemoteInbound(entry);
        remoteInbound.put(read.localId ?? id, read);
        break;
      }
      case "remote-outbound-rtp": {
        const read = readRemoteOutbound(entry);
        remoteOutbound.put(read.localId ?? id, read);
        break;
      }
      case "media-source": {
        const read = readSource(entry);
        if (read !== null) sources.put(id, read);
        break;
      }
      case "candidate-pair":
        pairs.put(id, readPair(entry));
        break;
      case "transport":
        transports.put(id, readTransport(entry));
        break;
      case "local-candidate":
      case "remote-candidate":
        candidates.put(id, {
          id,
          remote: type === "remote-candidate",
          type: string(entry["candidateType"]),
          protocol: string(entry["relayProtocol"]) ?? string(entry["protocol"]),
          networkType: string(entry["networkType"]),
          relayProtocol: string(entry["relayProtocol"]),
          url: string(entry["url"]),
        });
        break;
      case "codec":
        codecs.put(id, {
          id,
          mimeType: string(entry["mimeType"]),
          fmtp: string(entry["sdpFmtpLine"]),
          clockRate: count(entry["clockRate"]),
        });
        break;
      case "media-playout":
        playout = {
          id,
          timestamp,
          totalPlayoutDelay: count(entry["totalPlayoutDelay"]),
          totalSamplesCount: count(entry["totalSamplesCount"]),
          synthesizedSamplesDuration: count(entry["synthesizedSamplesDuration"]),
          synthesizedSamplesEvents: count(entry["synthesizedSamplesEvents"]),
          totalSamplesDuration: count(entry["totalSamplesDuration"]),
        };
        break;
      default:
        break;
    }
  }
  return {
    at: sample.at,
    connectionId: sample.connectionId,
    inbound,
    outbound,
    remoteInbound,
    remoteOutbound,
    sources,
    pairs,
    transports,
    candidates,
    codecs,
    playout,
    impossible,
  };
}
