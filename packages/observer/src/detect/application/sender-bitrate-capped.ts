import type { ConnectionInterval } from "../../derive/interval.ts";
import type { OutboundInterval } from "../../derive/outbound-interval.ts";
import { ratio } from "../../derive/delta.ts";
import type { Connection } from "../../model/connection.ts";
import { maxBitrateOf } from "../../model/encodings.ts";
import type { SessionModel } from "../../model/session.ts";
import { attach } from "../board.ts";
import type { ObservationDefinition } from "../definition.ts";
import { isReplacingTrack, isSwitchingLayer, sourceIsOff } from "../guards.ts";
import { evidence, known } from "../open-record.ts";
import type { Detector, View } from "../view.ts";

const thresholds = {
  /** The estimate must leave this much more than the cap, else the line is the limit just as well. Ours. */
  estimateToCapRatio: 1.3,
  /** Fewer lines than this share of the source's count as low. Ours. */
  heightRatio: 0.75,
  /** Mean quantiser above which libwebrtc itself asks for fewer pixels (its quality scaler), by codec. */
  qpVp8: 95,
  qpVp9: 205,
  qpAv1: 205,
  qpH264: 37,
};

export const definition: ObservationDefinition = {
  id: "sender-bitrate-capped",
  category: "application",
  tier: "B",
  title: "Picture limited by the app's own cap",
  meaning:
    "The app allows the sent picture less bit rate than the line would carry, and the picture suffers.",
  domainHint: "application",
  effect: false,
  // Minor if it is shown large: that is known where it is shown, not here.
  severities: ["info"],
  unit: "%",
  levels: [{ severity: "info", on: 95, clear: 85 }],
  on: { rule: "for", seconds: 20 },
  clearSeconds: 20,
  onText:
    "the encoder aims at 95 % or more of what setParameters or addTransceiver allow all layers together for 20 s, nothing else limits it, the estimate leaves 30 % more, and the picture has less than 75 % of the lines of its source or a high quantiser",
  clearText: "below 85 %, or the picture is good, for 20 s",
  evidence: [
    "outbound-rtp.targetBitrate",
    "derived.maxBitrate",
    "candidate-pair.availableOutgoingBitrate",
    "outbound-rtp.frameHeight",
    "media-source.height",
    "outbound-rtp.qpSum",
  ],
  exceptions: [
    { when: "the estimate of the line is near the cap" },
    { when: "the browser names another limit: the line or the processor" },
    { when: "the picture has its size and quality: a cap that costs nothing is a choice" },
    { guard: "G1", when: "the camera is off" },
    { guard: "G5", when: "a layer is being switched" },
    { guard: "G6", when: "the track was replaced a moment ago" },
  ],
  blindIn:
    "Firefox reports no targetBitrate, and no estimate of the line. Logs of statistics alone do not have the cap.",
  signals: [
    { family: "encodings", weight: 0.6, text: "the encoder is at the cap that the app set" },
    { family: "bandwidth-estimate", weight: 0.5, text: "the line would carry more" },
  ],
  thresholds,
};

/** Quality limited by a configured cap. */
export const senderBitrateCapped: Detector = {
  definition,
  onStep(view: View): void {
    const { model, connection, interval, board } = view;
    const { from, to, outbound } = interval;
    if (model.encodings.size === 0) {
      // Only a log with events would have told of a cap.
      if (!connection.stateFromEvents && outbound.length > 0) board.absent(definition, "api-called");
      return;
    }
    for (const [index, lead] of outbound.entries()) {
      if (lead.now.kind !== "video" || !isFirstLayer(outbound, index)) continue;
      const { stream } = lead;
      const layers = layersOf(model, connection, outbound, lead);
      if (layers === null) {
        // The cap was taken back, or nothing is sent.
        if (board.open(definition, stream.subject) !== null)
          board.vote(definition, stream.subject, from, to, 0);
        continue;
      }
      const estimate = interval.path?.pair.availableOutgoingBitrate ?? null;
      if (layers.targetBitrate === null || estimate === null) {
        board.absent(
          definition,
          estimate === null ? "candidate-pair.availableOutgoingBitrate" : "outbound-rtp.targetBitrate",
        );
        board.unknown(definition, stream.subject, from, to);
        continue;
      }
      const excluded =
        sourceIsOff(model, stream.subject.scope.trackId) === true ||
        isSwitchingLayer(stream, to) ||
        isReplacingTrack(connection, "video", to);
      const limits = board.thresholds(definition, thresholds);
      const hurts =
        !layers.limited &&
        estimate >= limits.estimateToCapRatio * layers.maxBitrate &&
        isPoor(layers, lead, interval, limits);
      const value = excluded ? null : hurts ? (100 * layers.targetBitrate) / layers.maxBitrate : 0;
      const change = board.vote(definition, stream.subject, from, to, value);
      if (change === null) continue;
      attach(change, [
        evidence("outbound-rtp", "targetBitrate", layers.targetBitrate, "bit/s", from, to),
        evidence("derived", "maxBitrate", layers.maxBitrate, "bit/s", from, to),
        evidence("candidate-pair", "availableOutgoingBitrate", estimate, "bit/s", from, to),
        ...known("outbound-rtp", "frameHeight", layers.height, "px", from, to),
        ...known("media-source", "height", lead.source?.now.height ?? null, "px", from, to),
        ...known("outbound-rtp", "qpSum", layers.qp, "", from, to),
      ]);
    }
  },
};

interface Layers {
  /** bit/s; null when a layer does not report it. */
  readonly targetBitrate: number | null;
  readonly maxBitrate: number;
  /** The browser names a limit of its own. */
  readonly limited: boolean;
  /** Of the tallest layer. */
  readonly height: number | null;
  readonly qp: number | null;
}

function isSameSource(a: OutboundInterval, b: OutboundInterval): boolean {
  return a === b || (a.now.mediaSourceId !== null && a.now.mediaSourceId === b.now.mediaSourceId);
}

function isFirstLayer(outbound: readonly OutboundInterval[], index: number): boolean {
  const own = outbound[index];
  return own !== undefined && outbound.findIndex((other) => isSameSource(other, own)) === index;
}

/** The layers of one source together; null when one that sends is not capped. */
function layersOf(
  model: SessionModel,
  connection: Connection,
  outbound: readonly OutboundInterval[],
  lead: OutboundInterval,
): Layers | null {
  let targetBitrate: number | null = 0;
  let maxBitrate = 0;
  let limited = false;
  let height: number | null = null;
  let qp: number | null = null;
  for (const layer of outbound) {
    if (!isSameSource(layer, lead) || layer.now.active === false || (layer.framesEncoded ?? 0) === 0)
      continue;
    const cap = maxBitrateOf(model.encodings, connection.id, layer.stream);
    if (cap === null) return null;
    maxBitrate += cap;
    const target = layer.now.targetBitrate;
    targetBitrate = target === null || targetBitrate === null ? null : targetBitrate + target;
    const reason = layer.now.qualityLimitationReason;
    limited ||= reason !== null && reason !== "none";
    if (height === null || (layer.now.frameHeight ?? 0) > height) {
      height = layer.now.frameHeight;
      qp = ratio(layer.qpSum, layer.framesEncoded);
    }
  }
  return maxBitrate === 0 ? null : { targetBitrate, maxBitrate, limited, height, qp };
}

function isPoor(
  { height, qp }: Layers,
  lead: OutboundInterval,
  { report }: ConnectionInterval,
  limits: typeof thresholds,
): boolean {
  const source = lead.source?.now.height ?? null;
  if (height !== null && source !== null && height < limits.heightRatio * source) return true;
  const codec = lead.now.codecId === null ? undefined : report.codecs.get(lead.now.codecId);
  const highest = highestQp(codec?.mimeType ?? null, limits);
  return qp !== null && highest !== null && qp > highest;
}

function highestQp(mimeType: string | null, limits: typeof thresholds): number | null {
  switch (mimeType?.toLowerCase()) {
    case "video/vp8":
      return limits.qpVp8;
    case "video/vp9":
      return limits.qpVp9;
    case "video/av1":
      return limits.qpAv1;
    case "video/h264":
      return limits.qpH264;
    default:
      return null;
  }
}
