import type { Panel, PanelLine } from "../charts/panels.ts";
import type { Series } from "../charts/series.ts";
import type { PairStreams } from "./pair-streams.ts";

/** A chart in which what one person sent lies over what another one got. */
export interface PairPanel extends Panel {
  readonly lines: readonly [];
  readonly kind?: "audio" | "video";
  /** What is drawn of the sender, and of the receiver. */
  readonly sent: readonly SideLine[];
  readonly received: readonly SideLine[];
}

interface SideLine {
  readonly name: Series["name"];
  readonly direction: Series["subject"]["direction"];
  /** After the name of the person: "sent". */
  readonly word: string;
}

const base = { lines: [], limits: [], observations: [], needs: { direction: "path" } } as const;

/** In the order in which one asks: did it leave, did it arrive, how was it there. */
export const pairPanels: readonly PairPanel[] = [
  {
    ...base,
    id: "pair.bitrate",
    title: "Bitrate",
    unit: "kbit/s",
    scale: 0.001,
    smallestTop: 50,
    sent: [{ name: "bitrate-bps", direction: "outbound", word: "sent" }],
    received: [{ name: "bitrate-bps", direction: "inbound", word: "got" }],
  },
  {
    ...base,
    id: "pair.loss",
    title: "Loss",
    unit: "%",
    scale: 100,
    limits: [
      { value: 1, label: "notice 1 %" },
      { value: 5, label: "limit 5 %" },
    ],
    smallestTop: 6,
    sent: [{ name: "loss-ratio", direction: "remote-report", word: "was told" }],
    received: [{ name: "loss-ratio", direction: "inbound", word: "got" }],
  },
  {
    ...base,
    id: "pair.frame-rate",
    title: "Frames",
    unit: "frames/s",
    scale: 1,
    smallestTop: 15,
    kind: "video",
    sent: [{ name: "frames-per-second", direction: "outbound", word: "sent" }],
    received: [{ name: "frames-per-second", direction: "inbound", word: "got" }],
  },
  {
    ...base,
    id: "pair.concealment",
    title: "Patched-over sound",
    unit: "%",
    scale: 100,
    limits: [{ value: 7, label: "limit 7 %" }],
    smallestTop: 8,
    kind: "audio",
    sent: [],
    received: [{ name: "concealment-ratio", direction: "inbound", word: "got" }],
  },
  {
    ...base,
    id: "pair.round-trip-time",
    title: "Round-trip time",
    unit: "ms",
    scale: 1,
    limits: [{ value: 300, label: "limit 300 ms" }],
    smallestTop: 50,
    sent: [{ name: "round-trip-time-ms", direction: "remote-report", word: "to the far end" }],
    received: [],
  },
];

/** Colours that the same media have in the charts of a session. */
const colors = { audio: { sent: 3, received: 0 }, video: { sent: 2, received: 1 } } as const;
const dashes: readonly (readonly number[])[] = [[], [7, 3], [2, 3], [9, 3, 2, 3]];

/** The lines of a panel: the sender full, the receiver dashed, so that colour is not alone. */
export function pairLines(
  panel: PairPanel,
  kind: "audio" | "video",
  { sent, received }: PairStreams,
  names: { readonly sender: string; readonly receiver: string },
): PanelLine[] {
  const side = (
    own: "sent" | "received",
    all: readonly Series[],
    wanted: readonly SideLine[],
    person: string,
  ): PanelLine[] => {
    const lines = all.flatMap((series) => {
      const line = wanted.find(
        ({ name, direction }) => name === series.name && direction === series.subject.direction,
      );
      return line === undefined || !hasValue(series) ? [] : [{ series, word: line.word }];
    });
    return lines.map(({ series, word }, index) => ({
      series,
      label: [person, word, series.subject.rid, lines.length > 1 ? index + 1 : undefined]
        .filter((part) => part !== undefined)
        .join(" "),
      color: colors[kind][own],
      dash: dashes[(index + (own === "sent" ? 0 : 1)) % dashes.length] ?? [],
      width: 1.6,
    }));
  };
  return [
    ...side("sent", sent, panel.sent, names.sender),
    ...side("received", received, panel.received, names.receiver),
  ];
}

function hasValue({ values, length }: Series): boolean {
  return values.subarray(0, length).some((value) => !Number.isNaN(value));
}
