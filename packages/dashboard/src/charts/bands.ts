import type { Observation, Severity } from "@peerscope/schema";
import type { Palette } from "./colors.ts";
import type { Panel } from "./panels.ts";

/** A stretch of time that is marked in a chart. Seconds since session start. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly kind: "hidden" | Severity;
  readonly selected: boolean;
  /** The rule did not look at this chart: only its edges, for orientation. */
  readonly elsewhere?: boolean;
}

/** Whether the rule behind an observation looked at what this panel draws. */
export function concerns(observation: Observation, panel: Panel): boolean {
  const { kind, direction } = observation.scope;
  if (kind !== undefined && panel.needs.kind !== undefined && kind !== panel.needs.kind) return false;
  if (direction !== undefined && panel.needs.direction !== "path" && direction !== panel.needs.direction)
    return false;
  return panel.observations.includes(observation.id);
}

/**
 * The observations that are marked in a panel: those whose rule looked at it, and the selected one.
 * `start` and `end` of the session in Unix ms.
 */
export function observationBands(
  observations: readonly Observation[],
  panel: Panel,
  selectedKey: string | undefined,
  start: number,
  end: number,
): Band[] {
  const bands: Band[] = [];
  for (const observation of observations) {
    const selected = observation.key === selectedKey;
    const decided = concerns(observation, panel);
    if (observation.severity === "info" || (!selected && !decided)) continue;
    bands.push({
      from: (observation.startedAt - start) / 1000,
      to: ((observation.clearedAt ?? end) - start) / 1000,
      kind: observation.severity,
      selected,
      elsewhere: !decided,
    });
  }
  return mergeBands(bands);
}

const ranks: Readonly<Record<Band["kind"], number>> = { hidden: 0, info: 1, minor: 2, major: 3, critical: 4 };

/** Bands that overlap become one with the worse look, so that tints do not add up. Hidden and selected ones stay. */
export function mergeBands(bands: readonly Band[]): Band[] {
  const merged: Band[] = [];
  for (const band of [...bands].sort((a, b) => a.from - b.from)) {
    const at = merged.findIndex(
      (known) =>
        !known.selected &&
        !band.selected &&
        known.kind !== "hidden" &&
        band.kind !== "hidden" &&
        known.to > band.from,
    );
    const known = merged[at];
    if (known === undefined) merged.push(band);
    else {
      const kind = ranks[band.kind] > ranks[known.kind] ? band.kind : known.kind;
      merged[at] = { ...known, to: Math.max(known.to, band.to), kind };
    }
  }
  return merged;
}

const edges: Readonly<Record<Severity, number>> = { info: 1, minor: 1, major: 2, critical: 3 };

/** Draws bands on a canvas: grey for hidden pages, a tint with heavier edges and hatching the worse it was. */
export function drawBands(
  context: CanvasRenderingContext2D,
  bands: readonly Band[],
  palette: Palette,
  box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
  toX: (seconds: number) => number,
  ratio: number,
): void {
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
  for (const band of bands) {
    const left = toX(band.from);
    const width = Math.max(toX(band.to) - left, ratio);
    if (left + width < box.left || left > box.left + box.width) continue;
    if (band.kind === "hidden") {
      context.globalAlpha = 0.14;
      context.fillStyle = palette.unmeasured.mark;
      context.fillRect(left, box.top, width, box.height);
      continue;
    }
    const color =
      band.kind === "info"
        ? palette.unmeasured.mark
        : band.kind === "minor"
          ? palette.fair.mark
          : palette.poor.mark;
    context.fillStyle = context.strokeStyle = color;
    context.globalAlpha = band.elsewhere === true ? 0.03 : band.selected ? 0.14 : 0.06;
    context.fillRect(left, box.top, width, box.height);
    if (band.kind === "critical" && band.elsewhere !== true) {
      context.globalAlpha = 0.1;
      context.lineWidth = ratio;
      context.beginPath();
      for (let x = left - box.height; x < left + width; x += 8 * ratio) {
        const start = Math.max(x, left);
        const end = Math.min(x + box.height, left + width);
        context.moveTo(start, box.top + box.height - (start - x));
        context.lineTo(end, box.top + box.height - (end - x));
      }
      context.stroke();
    }
    context.globalAlpha = band.selected ? 0.95 : 0.4;
    const edge = (band.elsewhere === true ? 1 : edges[band.kind]) * ratio;
    context.fillRect(left, box.top, edge, box.height);
    context.fillRect(left + width - edge, box.top, edge, box.height);
  }
  context.restore();
}
