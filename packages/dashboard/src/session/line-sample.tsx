import type { PanelLine } from "../charts/panels.ts";

/** A piece of a line as the chart draws it, for legends. */
export function LineSample({
  line,
  width,
}: {
  readonly line: PanelLine;
  readonly width: number;
}): React.ReactNode {
  return (
    <svg width={width} height="6" className="shrink-0" aria-hidden>
      <line
        x1="0"
        x2={width}
        y1="3"
        y2="3"
        stroke={`var(--series-${line.color + 1})`}
        strokeWidth={line.width + 0.4}
        strokeDasharray={line.dash.join(" ")}
      />
    </svg>
  );
}
