import { useEffect, useMemo, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useTheme } from "../frame/theme.ts";
import { short } from "../words/numbers.ts";
import { timeTicks } from "../words/time.ts";
import { drawBands, type Band } from "./bands.ts";
import { palettes } from "./colors.ts";
import { align, decimate } from "./decimate.ts";
import type { Panel, PanelLine } from "./panels.ts";
import type { TimeView } from "./time-view.ts";
import { useInSight, useWidth } from "./use-size.ts";

/** Room for the numbers of the y axis, in CSS pixels; lanes leave the same, so that all share one time axis. */
export const axisWidth = 46;

/** The page has one font. Asked for once: each question makes the browser compute the styles of what has changed. */
let pageFont: string | null = null;
const fontFamily = (): string => (pageFont ??= getComputedStyle(document.body).fontFamily);

interface Props {
  readonly panel: Panel;
  readonly lines: readonly PanelLine[];
  readonly view: TimeView;
  readonly bands: readonly Band[];
  /** Unix ms of position 0. */
  readonly start: number;
  readonly height: number;
  /** Grows with new points. */
  readonly version: number;
  /** Seconds of the day at position 0 when times are told by the clock, otherwise 0: where vertical lines go. */
  readonly tickOffset: number;
  readonly onBucket?: (seconds: number) => void;
}

/** One drawing of one panel. It has no cursor of its own and draws only while it is in sight. */
export function TimeChart(props: Props): React.ReactNode {
  const { panel, lines, view, height, version, bands, tickOffset, start } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const width = useWidth(host);
  const inSight = useInSight(host);
  const theme = useTheme();
  const latest = useRef(props);
  const draw = useRef<() => void>(() => undefined);
  useEffect(() => {
    latest.current = props;
  });
  const shape = useMemo(() => lines.map((line) => line.series.key).join("\n"), [lines]);

  useEffect(() => {
    const element = host.current;
    if (element === null || width < 80 || !inSight) return;
    const palette = palettes[theme];
    const font = `12px ${fontFamily()}`;
    const top = (largest: number): number => Math.max(panel.smallestTop, largest * 1.08);
    const options: uPlot.Options = {
      width,
      height,
      ms: 1,
      legend: { show: false },
      cursor: { show: false },
      padding: [6, 0, 6, 0],
      scales: {
        x: { time: false, range: () => [view.state().range.from, view.state().range.to] },
        y: {
          range: (_, __, largest) =>
            panel.fixed === undefined ? [0, top(Number.isFinite(largest) ? largest : 0)] : [...panel.fixed],
        },
      },
      axes: [
        { show: false },
        {
          size: axisWidth,
          gap: 4,
          font,
          stroke: palette.inkSoft,
          grid: { stroke: palette.grid, width: 1 },
          ticks: { show: false },
          space: 20,
          values: (_, splits) =>
            splits.map((value) => (value >= 10_000 ? `${short(value / 1000)}k` : short(value))),
        },
      ],
      series: [
        {},
        ...latest.current.lines.map((line): uPlot.Series => ({
          stroke: palette.series[line.color % 5] ?? palette.ink,
          width: line.width,
          dash: [...line.dash],
          spanGaps: false,
          // A point between two gaps has no line: it is drawn as a dot.
          points: { show: true, size: 4, filter: isolated },
          ...(panel.steps === true && uPlot.paths.stepped !== undefined
            ? { paths: uPlot.paths.stepped({ align: 1 }) }
            : {}),
        })),
      ],
      hooks: {
        drawClear: [
          (u) => {
            const { range } = view.state();
            u.ctx.fillStyle = palette.grid;
            for (const tick of timeTicks(
              range.from,
              range.to,
              u.bbox.width / devicePixelRatio,
              84,
              latest.current.tickOffset,
            )) {
              u.ctx.fillRect(
                Math.round(u.valToPos(tick, "x", true)),
                u.bbox.top,
                devicePixelRatio,
                u.bbox.height,
              );
            }
            drawBands(
              u.ctx,
              latest.current.bands,
              palette,
              u.bbox,
              (seconds) => u.valToPos(seconds, "x", true),
              devicePixelRatio,
            );
          },
        ],
        draw: [
          (u) => {
            const { ctx, bbox } = u;
            ctx.save();
            ctx.font = `${11 * devicePixelRatio}px ${fontFamily()}`;
            ctx.textAlign = "right";
            ctx.textBaseline = "alphabetic";
            ctx.strokeStyle = ctx.fillStyle = palette.inkSoft;
            ctx.lineWidth = devicePixelRatio;
            let labelled = -Infinity;
            for (const limit of panel.limits.toReversed()) {
              const y = Math.round(u.valToPos(limit.value, "y", true));
              if (!(y >= bbox.top && y <= bbox.top + bbox.height)) continue;
              ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
              ctx.globalAlpha = 0.65;
              ctx.beginPath();
              ctx.moveTo(bbox.left, y);
              ctx.lineTo(bbox.left + bbox.width, y);
              ctx.stroke();
              ctx.globalAlpha = 1;
              // Two limits close to each other: the name of the higher one is enough.
              if (y - labelled < 13 * devicePixelRatio) continue;
              labelled = y;
              ctx.fillText(
                limit.label,
                bbox.left + bbox.width - 4 * devicePixelRatio,
                y - 3 * devicePixelRatio,
              );
            }
            ctx.restore();
          },
        ],
      },
    };
    const chart = new uPlot(options, [[]], element);
    plot.current = chart;

    draw.current = () => {
      const { range } = view.state();
      const current = latest.current;
      const origin = current.start;
      const points = current.lines.map((line) =>
        decimate(
          line.series,
          origin + range.from * 1000,
          origin + range.to * 1000,
          width - axisWidth,
          origin,
          panel.scale,
        ),
      );
      const { xs, columns } = align(points);
      chart.setData([xs, ...columns] as uPlot.AlignedData);
      current.onBucket?.(Math.max(0, ...points.map((line) => line.bucketSeconds)));
    };
    draw.current();

    let frame = 0;
    const unsubscribe = view.subscribe((state, before) => {
      if (state.range === before.range || frame !== 0) return;
      frame = requestAnimationFrame(() => {
        frame = 0;
        draw.current();
      });
    });
    return () => {
      cancelAnimationFrame(frame);
      unsubscribe();
      draw.current = () => undefined;
      plot.current = null;
      chart.destroy();
    };
  }, [width, height, inSight, theme, shape, panel, view]);

  // New points, other bands, another start: the same chart is drawn again.
  useEffect(() => draw.current(), [version, bands, tickOffset, start]);

  return <div ref={host} style={{ height }} className="w-full overflow-hidden" aria-hidden />;
}

function isolated(u: uPlot, seriesIndex: number): number[] {
  const column = u.data[seriesIndex] ?? [];
  const found: number[] = [];
  let run = 0;
  let at = -1;
  for (let i = 0; i <= column.length; i++) {
    const value = i < column.length ? column[i] : null;
    if (typeof value === "number") {
      run += 1;
      at = i;
    } else if (value === null) {
      if (run === 1) found.push(at);
      run = 0;
    }
  }
  return found;
}
