import type { Observation } from "@peerscope/schema";
import { concerns } from "../charts/bands.ts";
import { panelGroups, type Panel } from "../charts/panels.ts";
import type { TimeRange } from "../url/search.ts";
import { ordered } from "./observations-order.ts";

/** A chart that proves the verdict, and the part of the session in which it does. */
export interface EvidenceChart {
  readonly panel: Panel;
  /** Seconds since session start. */
  readonly range: TimeRange;
}

/** Longest part of a session in one of these charts, seconds. Ours: more, and the bad minutes cannot be seen in it. */
const longestSeconds = 600;

const panels: readonly Panel[] = panelGroups.flatMap((group) => group.panels);

/**
 * The charts next to the verdict, at most `most`: those of the stated cause, then of its consequences, then of what
 * happened meanwhile. Only what hurt somebody and what was drawn counts; without such an observation there is none.
 */
export function evidenceCharts(
  observations: readonly Observation[],
  statedCause: string | null,
  session: { readonly start: number; readonly end: number },
  drawn: (panel: Panel) => boolean,
  most = 2,
): EvidenceChart[] {
  const groups = ordered(observations);
  const hurting = (of: Observation): boolean => of.severity !== "info";
  const causes = groups.map((group) => group.observation).filter((of) => of.id === statedCause);
  const list = [
    ...causes,
    ...groups.filter((group) => causes.includes(group.observation)).flatMap((group) => group.effects),
    ...groups.flatMap((group) => [group.observation, ...group.effects]),
  ].filter(hurting);
  const [first] = list;
  if (first === undefined) return [];
  const until = (of: Observation): number => of.clearedAt ?? session.end;
  const meanwhile = list.filter((of) => of.startedAt <= until(first) && until(of) >= first.startedAt);
  const range = badMinutes(first, until(first), session);
  const found: EvidenceChart[] = [];
  for (const observation of meanwhile) {
    for (const panel of panels) {
      if (found.length === most) return found;
      if (!concerns(observation, panel) || !drawn(panel)) continue;
      if (!found.some((chart) => chart.panel === panel)) found.push({ panel, range });
    }
  }
  return found;
}

/** When it was bad, with a little of before and after; of something long only the part around its worst moment. */
function badMinutes(
  of: Observation,
  until: number,
  session: { readonly start: number; readonly end: number },
): TimeRange {
  let from = (of.startedAt - session.start) / 1000;
  let to = (until - session.start) / 1000;
  if (to - from > longestSeconds) {
    const worst = ((of.peak?.to ?? of.startedAt) - session.start) / 1000;
    from = Math.min(Math.max(from, worst - longestSeconds / 2), to - longestSeconds);
    to = from + longestSeconds;
  }
  const range = withMargin(from, to);
  return { from: range.from, to: Math.min(range.to, (session.end - session.start) / 1000) };
}

/** A stretch with a little of what was before and after it, seconds. */
export function withMargin(from: number, to: number): TimeRange {
  const margin = Math.max(3, (to - from) * 0.15);
  return { from: Math.max(0, from - margin), to: to + margin };
}
