import type { Observation, Severity } from "@peerscope/schema";
import type { Palette } from "./colors.ts";
import type { Panel } from "./panels.ts";

/** A stretch of time that is marked in a chart. Seconds since session start. */
export interface Band {
  readonly from: number;
  readonly to: number;
  /** hidden: the page; off: by choice nothing was to flow; gap: nothing was reported; otherwise an observation. */
  readonly kind: "hidden" | "off" | "gap" | Severity;
  readonly selected: boolean;
  /** The rule did not look at this chart: only its edges, for orientation. */
  readonly elsewhere?: boolean;
  /** Stands in the band when there is room for it. */
  readonly label?: string;
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

const ranks: Readonly<Record<Severity, number>> = { info: 1, minor: 2, major: 3, critical: 4 };

const states: ReadonlySet<Band["kind"]> = new Set(["hidden", "off", "gap"]);

const isObservation = (band: Band): band is Band & { readonly kind: Severity } => !states.has(band.kind);

/** Observations that overlap become one with the worse look, so that tints do not add up. States and selected ones stay. */
export function mergeBands(bands: readonly Band[]): Band[] {
  const merged: Band[] = [];
  // Those that are put together lie one after the other: only the last of them can overlap the next.
  let last = -1;
  for (const band of [...bands].sort((a, b) => a.from - b.from)) {
    const known = merged[last];
    if (band.selected || !isObservation(band)) merged.push(band);
    else if (known === undefined || !isObservation(known) || known.to <= band.from)
      last = merged.push(band) - 1;
    else {
      const kind = ranks[band.kind] > ranks[known.kind] ? band.kind : known.kind;
      merged[last] = { ...known, to: Math.max(known.to, band.to), kind };
    }
  }
  return merged;
}

const edges: Readonly<Record<Severity, number>> = { info: 1, minor: 1, major: 2, critical: 3 };

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Diagonal lines over a part of the box. */
function hatch(
  context: CanvasRenderingContext2D,
  left: number,
  width: number,
  box: Box,
  distance: number,
  ratio: number,
): void {
  context.lineWidth = ratio;
  context.beginPath();
  // Of a band of hours in a chart of minutes only what is seen.
  const hidden = Math.max(0, Math.floor((box.left - left) / distance)) * distance;
  const right = Math.min(left + width, box.left + box.width);
  for (let x = left - box.height + hidden; x < right; x += distance) {
    const start = Math.max(x, left);
    const end = Math.min(x + box.height, left + width);
    context.moveTo(start, box.top + box.height - (start - x));
    context.lineTo(end, box.top + box.height - (end - x));
  }
  context.stroke();
}

/** Words at the left edge of the visible part of a band; nothing when they do not fit. */
function drawLabel(
  context: CanvasRenderingContext2D,
  label: string,
  left: number,
  width: number,
  palette: Palette,
  box: Box,
  ratio: number,
): void {
  const from = Math.max(left, box.left);
  const room = Math.min(left + width, box.left + box.width) - from;
  context.font = `${11 * ratio}px system-ui, sans-serif`;
  const needed = context.measureText(label).width;
  if (needed + 10 * ratio > room) return;
  context.globalAlpha = 1;
  context.fillStyle = palette.surface;
  context.fillRect(from + 2 * ratio, box.top + 2 * ratio, needed + 6 * ratio, 15 * ratio);
  context.fillStyle = palette.inkSoft;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(label, from + 5 * ratio, box.top + 10 * ratio);
}

/** Narrower than this a band is hardly more than its edges, in CSS pixels; and what is closer to the next than the other cannot be told apart. Ours. */
const narrowPx = 8;
const apartPx = 2;

interface DrawnBand {
  readonly band: Band;
  readonly left: number;
  width: number;
}

/** Where bands come to lie in the box. Narrow ones of a kind that all but touch become one: the outages of a long day in a thousand pixels. */
export function placeBands(
  bands: readonly Band[],
  box: Pick<Box, "left" | "width">,
  toX: (seconds: number) => number,
  ratio: number,
): DrawnBand[] {
  const placed: DrawnBand[] = [];
  let narrow: DrawnBand | null = null;
  for (const band of bands) {
    const left = toX(band.from);
    const width = Math.max(toX(band.to) - left, ratio);
    if (left + width < box.left || left > box.left + box.width) continue;
    const mayJoin = isObservation(band) && !band.selected && width < narrowPx * ratio;
    if (
      mayJoin &&
      narrow !== null &&
      narrow.band.kind === band.kind &&
      narrow.band.elsewhere === band.elsewhere &&
      left - (narrow.left + narrow.width) < apartPx * ratio
    ) {
      narrow.width = Math.max(narrow.width, left + width - narrow.left);
      continue;
    }
    const drawn = { band, left, width };
    placed.push(drawn);
    if (isObservation(band) && !band.selected) narrow = mayJoin ? drawn : null;
  }
  return placed;
}

/** Draws bands on a canvas: grey for hidden pages, hatching while off, grey with a reason for gaps, a tint with heavier edges and hatching the worse it was. */
export function drawBands(
  context: CanvasRenderingContext2D,
  bands: readonly Band[],
  palette: Palette,
  box: Box,
  toX: (seconds: number) => number,
  ratio: number,
): void {
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
  for (const { band, left, width } of placeBands(bands, box, toX, ratio)) {
    if (!isObservation(band)) {
      context.fillStyle = context.strokeStyle = palette.unmeasured.mark;
      context.globalAlpha = band.kind === "hidden" ? 0.14 : 0.07;
      context.fillRect(left, box.top, width, box.height);
      if (band.kind === "off") {
        context.globalAlpha = 0.35;
        hatch(context, left, width, box, 8 * ratio, ratio);
      }
      if (band.label !== undefined) drawLabel(context, band.label, left, width, palette, box, ratio);
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
      hatch(context, left, width, box, 8 * ratio, ratio);
    }
    context.globalAlpha = band.selected ? 0.95 : 0.4;
    const edge = (band.elsewhere === true ? 1 : edges[band.kind]) * ratio;
    context.fillRect(left, box.top, edge, box.height);
    context.fillRect(left + width - edge, box.top, edge, box.height);
  }
  context.restore();
}
