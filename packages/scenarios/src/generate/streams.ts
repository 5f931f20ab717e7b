import type { Random } from "../random.ts";
import type { Conditions } from "./conditions.ts";

/** Opus sends a packet every 20 ms; a stereo-capable encoder at 32 kbit/s fills some 80 bytes of it. */
const audioPacketsPerSecond = 50;
const audioPayloadBytes = 80;
const audioHeaderBytes = 28;
const samplesPerPacket = 960;
const framesPerSecond = 30;
const videoPayloadBytes = 1_100;
const videoHeaderBytes = 30;
/** Share of lost video packets that a retransmission brings back before it is too late. */
const recoveredShare = 0.8;

/** Cumulative counters of one direction of one kind, with the names of webrtc-stats where it has one. */
export interface StreamCounters {
  packetsSent: number;
  bytesSent: number;
  headerBytesSent: number;
  retransmittedPackets: number;
  retransmittedBytes: number;
  nackCount: number;
  /** As the receiver counts: recovered packets are taken off again. */
  packetsLost: number;
  packetsReceived: number;
  bytesReceived: number;
  headerBytesReceived: number;
  /** Loss of the last interval as a receiver report says it. */
  fractionLost: number;
}

export interface AudioCounters extends StreamCounters {
  totalSamplesReceived: number;
  concealedSamples: number;
  concealmentEvents: number;
  jitterBufferDelay: number;
  jitterBufferEmittedCount: number;
  totalAudioEnergy: number;
  totalSamplesDuration: number;
  audioLevel: number;
}

export interface VideoCounters extends StreamCounters {
  /** Frames of the camera. */
  frames: number;
  framesEncoded: number;
  framesReceived: number;
  framesDecoded: number;
  framesPerSecond: number;
  frameHeight: number;
  freezeCount: number;
  totalFreezesDuration: number;
  pauseCount: number;
  totalPausesDuration: number;
  totalInterFrameDelay: number;
  totalSquaredInterFrameDelay: number;
  jitterBufferDelay: number;
  jitterBufferEmittedCount: number;
  qpSum: number;
  targetBitrate: number;
  limitation: "none" | "bandwidth";
  /** Seconds by reason. */
  limitedBandwidth: number;
  limitedNone: number;
  /** Seconds since the last frame was shown. */
  sinceLastFrame: number;
}

function noPackets(): StreamCounters {
  return {
    packetsSent: 0,
    bytesSent: 0,
    headerBytesSent: 0,
    retransmittedPackets: 0,
    retransmittedBytes: 0,
    nackCount: 0,
    packetsLost: 0,
    packetsReceived: 0,
    bytesReceived: 0,
    headerBytesReceived: 0,
    fractionLost: 0,
  };
}

export function createAudioCounters(): AudioCounters {
  return {
    ...noPackets(),
    totalSamplesReceived: 0,
    concealedSamples: 0,
    concealmentEvents: 0,
    jitterBufferDelay: 0,
    jitterBufferEmittedCount: 0,
    totalAudioEnergy: 0,
    totalSamplesDuration: 0,
    audioLevel: 0,
  };
}

export function createVideoCounters(): VideoCounters {
  return {
    ...noPackets(),
    frames: 0,
    framesEncoded: 0,
    framesReceived: 0,
    framesDecoded: 0,
    framesPerSecond: 0,
    frameHeight: 360,
    freezeCount: 0,
    totalFreezesDuration: 0,
    pauseCount: 0,
    totalPausesDuration: 0,
    totalInterFrameDelay: 0,
    totalSquaredInterFrameDelay: 0,
    jitterBufferDelay: 0,
    jitterBufferEmittedCount: 0,
    qpSum: 0,
    targetBitrate: 1_000_000,
    limitation: "none",
    limitedBandwidth: 0,
    limitedNone: 0,
    sinceLastFrame: 0,
  };
}

/** Packets out of `sent` that a path with this loss drops; every packet is drawn by itself. */
function dropped(sent: number, lossRatio: number, random: Random): number {
  let count = 0;
  for (let packet = 0; packet < sent; packet += 1) if (random() < lossRatio) count += 1;
  return count;
}

function send(counters: StreamCounters, packets: number, payloadBytes: number, headerBytes: number): void {
  counters.packetsSent += packets;
  counters.bytesSent += packets * payloadBytes;
  counters.headerBytesSent += packets * headerBytes;
}

function receive(counters: StreamCounters, packets: number, payloadBytes: number, headerBytes: number): void {
  counters.packetsReceived += packets;
  counters.bytesReceived += packets * payloadBytes;
  counters.headerBytesReceived += packets * headerBytes;
}

/** One interval of audio over one direction: encoder, path, jitter buffer. */
export function advanceAudio(
  audio: AudioCounters,
  seconds: number,
  { alive, jitterMs, microphoneEnabled }: Conditions,
  lossRatio: number,
  random: Random,
): void {
  const packets = Math.round(audioPacketsPerSecond * seconds);
  send(audio, packets, audioPayloadBytes, audioHeaderBytes);
  // A far end that hears nothing cannot count it as lost before something arrives again.
  const lost = alive ? dropped(packets, lossRatio, random) : 0;
  const arrived = alive ? packets - lost : 0;
  audio.packetsLost += lost;
  audio.fractionLost = alive && packets > 0 ? lost / packets : audio.fractionLost;
  receive(audio, arrived, audioPayloadBytes, audioHeaderBytes);
  const samples = packets * samplesPerPacket;
  const concealed = samples - arrived * samplesPerPacket;
  audio.totalSamplesReceived += samples;
  audio.concealedSamples += concealed;
  // Neighbouring losses are one event.
  if (concealed > 0) audio.concealmentEvents += alive ? Math.max(1, Math.round(lost * 0.9)) : 1;
  const emitted = arrived * samplesPerPacket;
  audio.jitterBufferEmittedCount += emitted;
  audio.jitterBufferDelay += (emitted * (40 + 2 * jitterMs)) / 1000;
  // Speech-like: half of the time something is said.
  audio.audioLevel = microphoneEnabled ? (random() < 0.5 ? 0.02 + 0.2 * random() : 0.002) : 0;
  audio.totalAudioEnergy += audio.audioLevel ** 2 * seconds;
  audio.totalSamplesDuration += seconds;
}

/** One interval of video over one direction: camera, encoder, path, repair, display. */
export function advanceVideo(
  video: VideoCounters,
  seconds: number,
  { alive, jitterMs, uplinkBps }: Conditions,
  lossRatio: number,
  random: Random,
): void {
  const audioBps = audioPacketsPerSecond * (audioPayloadBytes + audioHeaderBytes) * 8;
  const target = Math.max(30_000, Math.min(1_000_000, uplinkBps * 0.9 - audioBps));
  video.limitation = target < 1_000_000 ? "bandwidth" : "none";
  if (video.limitation === "bandwidth") video.limitedBandwidth += seconds;
  else video.limitedNone += seconds;
  video.targetBitrate = target;
  video.frameHeight = target < 200_000 ? 180 : 360;
  const frames = Math.round(framesPerSecond * seconds);
  video.frames += frames;
  video.framesEncoded += frames;
  video.qpSum += frames * (target < 200_000 ? 40 : 12);
  const packets = Math.max(
    frames,
    Math.round((target * seconds) / 8 / (videoPayloadBytes + videoHeaderBytes)),
  );
  send(video, packets, videoPayloadBytes, videoHeaderBytes);

  const lost = alive ? dropped(packets, lossRatio, random) : 0;
  const recovered = Math.round(lost * recoveredShare);
  send(video, recovered, videoPayloadBytes, videoHeaderBytes);
  video.retransmittedPackets += recovered;
  video.retransmittedBytes += recovered * videoPayloadBytes;
  video.nackCount += lost;
  video.packetsLost += lost - recovered;
  video.fractionLost = alive ? lost / packets : video.fractionLost;
  if (!alive) {
    video.framesPerSecond = 0;
    video.sinceLastFrame += seconds;
    return;
  }
  receive(video, packets - lost + recovered, videoPayloadBytes, videoHeaderBytes);
  // A packet that stays lost takes its frame with it.
  const shown = Math.max(0, frames - (lost - recovered));
  video.framesReceived += shown;
  video.framesDecoded += shown;
  video.framesPerSecond = Math.round(shown / seconds);
  const interval = shown === 0 ? seconds : seconds / shown;
  resume(video);
  video.totalInterFrameDelay += shown * interval;
  video.totalSquaredInterFrameDelay += shown * interval ** 2;
  video.jitterBufferEmittedCount += shown;
  video.jitterBufferDelay += (shown * (50 + 2 * jitterMs)) / 1000;
}

/** The first frame after a gap books it: Chromium 156 counts 5 s and more as a pause, less as a freeze. */
function resume(video: VideoCounters): void {
  const gap = video.sinceLastFrame;
  if (gap === 0) return;
  video.sinceLastFrame = 0;
  video.totalInterFrameDelay += gap;
  video.totalSquaredInterFrameDelay += gap ** 2;
  if (gap >= 5) {
    video.pauseCount += 1;
    video.totalPausesDuration += gap;
  } else {
    video.freezeCount += 1;
    video.totalFreezesDuration += gap;
  }
}
