import type { JsonValue, MetricName, MetricSubject, StatsObject } from "@peerscope/schema";
import type { StatsSnapshot } from "../../worker/messages.ts";

/** One RTP stream at a moment, with what the far end says about it. */
export interface Stream {
  readonly connectionId: string;
  readonly statsId: string;
  readonly direction: "in" | "out";
  readonly kind: "audio" | "video";
  /** "opus", "VP8". */
  readonly codec: string | null;
  readonly mid: string | null;
  /** Layer of simulcast. */
  readonly rid: string | null;
  readonly ssrc: number | null;
  /** "1280×720 at 30", of video. */
  readonly picture: string | null;
  /** Encoder or decoder, and whether it is one of hardware where the browser says so. */
  readonly implementation: string | null;
  /** "bandwidth" or "cpu": why the sender sends less than it could. */
  readonly limitation: string | null;
  /** Derived values at the moment; null where the browser did not report what they need. */
  readonly bitrateBps: number | null;
  readonly lossRatio: number | null;
  readonly jitterMs: number | null;
  readonly roundTripTimeMs: number | null;
  readonly concealmentRatio: number | null;
  readonly freezeRatio: number | null;
  readonly jitterBufferDelayMs: number | null;
}

/** Looks up a derived value of a stats object at the moment. */
export type MetricAt = (
  name: MetricName,
  direction: MetricSubject["direction"],
  connectionId: string,
  statsId: string,
) => number | null;

/** The RTP streams of the reports of a moment: what is sent first, sound before picture, layers by their size. */
export function streamsOf(reports: readonly StatsSnapshot[], metricAt: MetricAt): Stream[] {
  const streams = reports.flatMap((report) => {
    const byId = new Map(report.stats.map((object) => [object.id, object]));
    return report.stats.flatMap((object) => {
      if (object.type !== "inbound-rtp" && object.type !== "outbound-rtp") return [];
      const kind = object["kind"] ?? object["mediaType"];
      if (kind !== "audio" && kind !== "video") return [];
      return [toStream(object, kind, byId, report.connectionId, metricAt)];
    });
  });
  const height = (stream: Stream): number => Number(/×(\d+)/.exec(stream.picture ?? "")?.[1] ?? 0);
  const rank = (stream: Stream): number =>
    (stream.direction === "out" ? 0 : 2) + (stream.kind === "audio" ? 0 : 1);
  return streams.toSorted(
    (a, b) => rank(a) - rank(b) || height(b) - height(a) || (a.statsId < b.statsId ? -1 : 1),
  );
}

function toStream(
  object: StatsObject,
  kind: Stream["kind"],
  byId: ReadonlyMap<string, StatsObject>,
  connectionId: string,
  metricAt: MetricAt,
): Stream {
  const isInbound = object.type === "inbound-rtp";
  const own: MetricSubject["direction"] = isInbound ? "inbound" : "outbound";
  const codec = byId.get(textOf(object["codecId"]) ?? "")?.["mimeType"];
  const at = (name: MetricName): number | null => metricAt(name, own, connectionId, object.id);
  // The far end's report on what is sent here is told of the stream it is about.
  const atFarEnd = (name: MetricName): number | null =>
    metricAt(name, "remote-report", connectionId, object.id);
  const implementation = textOf(object[isInbound ? "decoderImplementation" : "encoderImplementation"]);
  const limitation = textOf(object["qualityLimitationReason"]);
  return {
    connectionId,
    statsId: object.id,
    direction: isInbound ? "in" : "out",
    kind,
    codec: typeof codec === "string" ? codec.replace(/^(audio|video)\//, "") : null,
    mid: textOf(object["mid"]),
    rid: textOf(object["rid"]),
    ssrc: numberOf(object["ssrc"]),
    picture: kind === "video" ? pictureOf(object) : null,
    implementation,
    limitation: limitation === "none" ? null : limitation,
    bitrateBps: at("bitrate-bps"),
    lossRatio: isInbound ? at("loss-ratio") : atFarEnd("loss-ratio"),
    jitterMs: isInbound ? at("jitter-ms") : atFarEnd("jitter-ms"),
    roundTripTimeMs: isInbound ? null : atFarEnd("round-trip-time-ms"),
    concealmentRatio: isInbound ? at("concealment-ratio") : null,
    freezeRatio: isInbound ? at("freeze-ratio") : null,
    jitterBufferDelayMs: isInbound ? at("jitter-buffer-delay-ms") : null,
  };
}

function pictureOf(object: StatsObject): string | null {
  const [width, height, rate] = ["frameWidth", "frameHeight", "framesPerSecond"].map((name) =>
    numberOf(object[name]),
  );
  if (width == null || height == null) return null;
  return `${width}×${height}${rate == null ? "" : ` at ${Math.round(rate)}`}`;
}

function textOf(value: JsonValue | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function numberOf(value: JsonValue | undefined): number | null {
  return typeof value === "number" ? value : null;
}
