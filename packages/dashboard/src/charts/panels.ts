import type { MetricName, MetricSubject } from "@peerscope/schema";
import type { Series } from "./series.ts";

/** A chart of the timeline. Ids are stable: links name them. */
export interface Panel {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** From the unit of the metric to the unit of the chart. */
  readonly scale: number;
  readonly lines: readonly {
    readonly name: MetricName;
    readonly direction: readonly MetricSubject["direction"][];
    readonly kind?: MetricSubject["kind"];
    /** Word in the legend besides the subject: "target". */
    readonly word?: string;
    readonly thin?: boolean;
  }[];
  /** Values where trouble begins; drawn as thin dashed lines. */
  readonly limits: readonly { readonly value: number; readonly label: string }[];
  /** The scale never ends below this, so that noise does not look like trouble. */
  readonly smallestTop: number;
  /** Fixed ends instead of 0 and the largest value. */
  readonly fixed?: readonly [number, number];
  readonly steps?: boolean;
  /** Observations whose rule looked at what it draws, by catalogue id: they are marked in it. */
  readonly observations: readonly string[];
  /** Media it needs: "audio in". */
  readonly needs: { readonly kind?: "audio" | "video"; readonly direction: "inbound" | "outbound" | "path" };
}

export interface PanelGroup {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const inbound = ["inbound"] as const;
const outbound = ["outbound"] as const;
const report = ["remote-report"] as const;

/**
 * Charts in the way of the media: send, path, receive, buffer, play. The engineer reads top-down where it broke.
 * Limits are the values that at least three vendors agree on (docs of the dashboard, section 5).
 */
export const panelGroups: readonly PanelGroup[] = [
  {
    title: "What this person sends",
    panels: [
      {
        id: "audio-out.level",
        title: "Audio level, out",
        unit: "dBFS",
        scale: 1,
        lines: [{ name: "audio-level-dbfs", direction: outbound }],
        limits: [],
        smallestTop: 0,
        fixed: [-80, 0],
        observations: ["microphone-silent"],
        needs: { kind: "audio", direction: "outbound" },
      },
      {
        id: "video-out.frame-rate",
        title: "Frames, out",
        unit: "frames/s",
        scale: 1,
        lines: [{ name: "frames-per-second", direction: outbound, kind: "video" }],
        limits: [],
        smallestTop: 15,
        observations: [],
        needs: { kind: "video", direction: "outbound" },
      },
      {
        id: "video-out.height",
        title: "Picture height, out",
        unit: "px",
        scale: 1,
        lines: [{ name: "frame-height", direction: outbound, kind: "video" }],
        limits: [],
        smallestTop: 240,
        steps: true,
        observations: ["uplink-bandwidth-limited"],
        needs: { kind: "video", direction: "outbound" },
      },
      {
        id: "out.bitrate",
        title: "Bitrate, out",
        unit: "kbit/s",
        scale: 0.001,
        lines: [
          { name: "bitrate-bps", direction: outbound, kind: "audio" },
          { name: "bitrate-bps", direction: outbound, kind: "video" },
          { name: "target-bitrate-bps", direction: outbound, kind: "video", word: "target", thin: true },
          { name: "available-outgoing-bitrate-bps", direction: outbound, word: "line allows", thin: true },
        ],
        limits: [],
        smallestTop: 50,
        observations: ["uplink-outage", "uplink-bandwidth-limited", "connection-without-media"],
        needs: { direction: "outbound" },
      },
      {
        id: "out.loss",
        title: "Loss, out",
        unit: "%",
        scale: 100,
        lines: [{ name: "loss-ratio", direction: report }],
        limits: [
          { value: 1, label: "notice 1 %" },
          { value: 5, label: "limit 5 %" },
        ],
        smallestTop: 6,
        observations: ["uplink-loss", "uplink-outage"],
        needs: { direction: "outbound" },
      },
      {
        id: "out.jitter",
        title: "Jitter, out",
        unit: "ms",
        scale: 1,
        lines: [{ name: "jitter-ms", direction: report }],
        limits: [{ value: 30, label: "limit 30 ms" }],
        smallestTop: 36,
        observations: ["uplink-jitter"],
        needs: { direction: "outbound" },
      },
    ],
  },
  {
    title: "The way between",
    panels: [
      {
        id: "path.round-trip-time",
        title: "Round-trip time",
        unit: "ms",
        scale: 1,
        lines: [
          { name: "round-trip-time-ms", direction: ["inbound", "outbound"], kind: "transport", word: "STUN" },
          { name: "round-trip-time-ms", direction: report, word: "RTCP" },
        ],
        limits: [{ value: 300, label: "limit 300 ms" }],
        smallestTop: 50,
        observations: ["high-rtt"],
        needs: { direction: "path" },
      },
    ],
  },
  {
    title: "What this person receives",
    panels: [
      {
        id: "in.bitrate",
        title: "Bitrate, in",
        unit: "kbit/s",
        scale: 0.001,
        lines: [
          { name: "bitrate-bps", direction: inbound, kind: "audio" },
          { name: "bitrate-bps", direction: inbound, kind: "video" },
        ],
        limits: [],
        smallestTop: 50,
        observations: ["downlink-outage", "connection-without-media"],
        needs: { direction: "inbound" },
      },
      {
        id: "in.loss",
        title: "Loss, in",
        unit: "%",
        scale: 100,
        lines: [{ name: "loss-ratio", direction: inbound }],
        limits: [
          { value: 1, label: "notice 1 %" },
          { value: 5, label: "limit 5 %" },
        ],
        smallestTop: 6,
        observations: ["downlink-loss", "downlink-outage"],
        needs: { direction: "inbound" },
      },
      {
        id: "in.jitter",
        title: "Jitter, in",
        unit: "ms",
        scale: 1,
        lines: [{ name: "jitter-ms", direction: inbound }],
        limits: [{ value: 30, label: "limit 30 ms" }],
        smallestTop: 36,
        observations: ["downlink-jitter"],
        needs: { direction: "inbound" },
      },
      {
        id: "in.jitter-buffer",
        title: "Jitter buffer, in",
        unit: "ms",
        scale: 1,
        lines: [{ name: "jitter-buffer-delay-ms", direction: inbound }],
        limits: [],
        smallestTop: 100,
        observations: ["downlink-jitter", "audio-concealment"],
        needs: { direction: "inbound" },
      },
      {
        id: "audio-in.concealment",
        title: "Patched-over sound, in",
        unit: "%",
        scale: 100,
        lines: [{ name: "concealment-ratio", direction: inbound, kind: "audio" }],
        limits: [
          { value: 3, label: "notice 3 %" },
          { value: 7, label: "limit 7 %" },
        ],
        smallestTop: 8,
        observations: ["audio-concealment", "downlink-outage"],
        needs: { kind: "audio", direction: "inbound" },
      },
      {
        id: "video-in.frame-rate",
        title: "Frames, in",
        unit: "frames/s",
        scale: 1,
        lines: [{ name: "frames-per-second", direction: inbound, kind: "video" }],
        limits: [],
        smallestTop: 15,
        observations: ["video-freeze"],
        needs: { kind: "video", direction: "inbound" },
      },
      {
        id: "video-in.height",
        title: "Picture height, in",
        unit: "px",
        scale: 1,
        lines: [{ name: "frame-height", direction: inbound, kind: "video" }],
        limits: [],
        smallestTop: 240,
        steps: true,
        observations: [],
        needs: { kind: "video", direction: "inbound" },
      },
      {
        id: "video-in.freeze",
        title: "Picture stood still, in",
        unit: "%",
        scale: 100,
        lines: [{ name: "freeze-ratio", direction: inbound, kind: "video" }],
        limits: [],
        smallestTop: 10,
        observations: ["video-freeze"],
        needs: { kind: "video", direction: "inbound" },
      },
      {
        id: "audio-in.level",
        title: "Audio level, in",
        unit: "dBFS",
        scale: 1,
        lines: [{ name: "audio-level-dbfs", direction: inbound }],
        limits: [],
        smallestTop: 0,
        fixed: [-80, 0],
        observations: [],
        needs: { kind: "audio", direction: "inbound" },
      },
    ],
  },
];

/** A series in a chart, with its look. */
export interface PanelLine {
  readonly series: Series;
  readonly label: string;
  /** Index into the five series colours; the same stream has the same in every chart. */
  readonly color: number;
  /** Canvas dash pattern in CSS pixels; empty for a full line. */
  readonly dash: readonly number[];
  readonly width: number;
}

const dashes: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [9, 3, 2, 3]];

function colorOf(subject: MetricSubject): number {
  if (subject.kind === "transport") return 4;
  if (subject.direction === "inbound") return subject.kind === "audio" ? 0 : 1;
  return subject.kind === "audio" ? 3 : 2;
}

/** Which of all series belong into a panel, in a stable order, each with a label of its own. */
export function linesOf(panel: Panel, all: Iterable<Series>): PanelLine[] {
  const lines: PanelLine[] = [];
  const seen = new Map<string, number>();
  for (const series of all) {
    const { subject } = series;
    const wanted = panel.lines.find(
      (line) =>
        line.name === series.name &&
        line.direction.includes(subject.direction) &&
        (line.kind === undefined || line.kind === subject.kind),
    );
    if (wanted === undefined) continue;
    const what = subject.kind === "transport" ? "path" : subject.kind;
    const base =
      what === "path" && wanted.thin === true
        ? (wanted.word ?? what)
        : [what, subject.rid, wanted.word].filter((part) => part !== undefined).join(" ");
    const ordinal = (seen.get(base) ?? 0) + 1;
    seen.set(base, ordinal);
    lines.push({
      series,
      label: ordinal === 1 ? base : `${base} ${ordinal}`,
      color: colorOf(subject),
      dash: wanted.thin === true ? [3, 3] : (dashes[(ordinal - 1) % dashes.length] ?? []),
      width: wanted.thin === true ? 1 : 1.6,
    });
  }
  // Sound, picture, path; what is only for comparison goes last. The order within stays that of the recording.
  const rank = (line: PanelLine): number =>
    (line.width < 1.5 ? 10 : 0) + ["audio", "video", "transport"].indexOf(line.series.subject.kind);
  return lines.sort((a, b) => rank(a) - rank(b));
}

/** Whether the session has the media that a panel is about, so that "not reported" is told from "not there". */
export function hasMedia(panel: Panel, all: Iterable<Series>): boolean {
  for (const { subject } of all) {
    if (panel.needs.direction === "path") return true;
    const direction = subject.direction === "inbound" ? "inbound" : "outbound";
    const kindFits =
      panel.needs.kind === undefined ? subject.kind !== "transport" : panel.needs.kind === subject.kind;
    if (kindFits && direction === panel.needs.direction) return true;
  }
  return false;
}
