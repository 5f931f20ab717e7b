import { ratio } from "../../derive/delta.ts";
import type { OutboundInterval } from "../../derive/outbound-interval.ts";

/** Sent streams of one connection that are looked at: more than any conference sends. Ours, against hostile logs. */
const maximumStreams = 64;

/**
 * The layers of one video source, seen as one sender. Chromium 156 encodes VP8 layers in one call and books the whole call on
 * each of them (sfu-3p capture: 5.1 and 5.7 ms at 360 and 180 lines), so times are the largest of a layer, not the sum.
 */
export interface VideoSender {
  /** Its first layer in the report, which stands for it. */
  readonly lead: OutboundInterval;
  /** Encoded frames a second of the fastest layer; null when unknown. */
  readonly encodedRate: number | null;
  /** Frames a second that the source delivers; null when unknown. */
  readonly sourceRate: number | null;
  /** Milliseconds from the start to the end of encoding one frame; null when unknown. */
  readonly encodeMs: number | null;
  /** Share of the step limited by the processor, and by bandwidth, 0 to 1; null when unknown. */
  readonly cpuShare: number | null;
  readonly bandwidthShare: number | null;
  /** The browser calls bandwidth the limit, now or in the step. */
  readonly bandwidthLimited: boolean;
  /** An encoder of the hardware, whose time is that of its pipeline. */
  readonly powerEfficient: boolean;
  readonly layers: number;
  /** Lines of the tallest layer. */
  readonly height: number | null;
}

/** The senders of an interval, without streams that are switched off. */
export function videoSenders(outbound: readonly OutboundInterval[]): VideoSender[] {
  const senders: VideoSender[] = [];
  const count = Math.min(outbound.length, maximumStreams);
  for (let index = 0; index < count; index += 1) {
    const lead = outbound[index];
    if (lead === undefined || lead.now.kind !== "video" || !isLead(outbound, index)) continue;
    senders.push(senderOf(lead, outbound, count));
  }
  return senders;
}

function isLead(outbound: readonly OutboundInterval[], index: number): boolean {
  for (let before = 0; before < index; before += 1) {
    const other = outbound[before];
    if (other !== undefined && isSameSource(other, outbound[index])) return false;
  }
  return true;
}

/** Firefox 153 names no source on outbound-rtp; the derived one is the only one there then. */
function isSameSource(one: OutboundInterval, other: OutboundInterval | undefined): boolean {
  if (other === undefined || one.now.kind !== other.now.kind) return false;
  const id = one.now.mediaSourceId ?? one.source?.now.id;
  return id !== undefined && id === (other.now.mediaSourceId ?? other.source?.now.id);
}

function senderOf(lead: OutboundInterval, outbound: readonly OutboundInterval[], count: number): VideoSender {
  let encodedRate: number | null = null;
  let encodeMs: number | null = null;
  let cpuShare: number | null = null;
  let bandwidthShare: number | null = null;
  let bandwidthLimited = false;
  let powerEfficient = false;
  let layers = 0;
  let height: number | null = null;
  for (let index = 0; index < count; index += 1) {
    const layer = outbound[index];
    if (layer === undefined || layer.now.active === false) continue;
    if (layer !== lead && !isSameSource(lead, layer)) continue;
    layers += 1;
    encodedRate = largest(encodedRate, ratio(layer.framesEncoded, layer.seconds));
    const encodeSeconds = ratio(layer.totalEncodeTime, layer.framesEncoded);
    encodeMs = largest(encodeMs, encodeSeconds === null ? null : 1000 * encodeSeconds);
    cpuShare = largest(cpuShare, shareOf(layer.limitedByCpu, layer.seconds));
    bandwidthShare = largest(bandwidthShare, shareOf(layer.limitedByBandwidth, layer.seconds));
    bandwidthLimited ||= layer.now.qualityLimitationReason === "bandwidth";
    powerEfficient ||= layer.now.powerEfficientEncoder === true;
    height = largest(height, layer.now.frameHeight);
  }
  return {
    lead,
    encodedRate,
    sourceRate: lead.source === null ? null : ratio(lead.source.frames, lead.source.seconds),
    encodeMs,
    cpuShare,
    bandwidthShare,
    bandwidthLimited: bandwidthLimited || (bandwidthShare ?? 0) > 0,
    powerEfficient,
    layers,
    height,
  };
}

function largest(known: number | null, value: number | null): number | null {
  if (value === null) return known;
  return known === null ? value : Math.max(known, value);
}

function shareOf(limited: number | null, seconds: number): number | null {
  return limited === null ? null : Math.min(1, limited / seconds);
}
