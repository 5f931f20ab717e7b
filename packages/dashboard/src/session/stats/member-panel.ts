import type { Panel, PanelLine } from "../../charts/panels.ts";
import type { Series } from "../../charts/series.ts";
import type { MemberColumns, StatsMember } from "../../worker/member-history.ts";

/** A chart of one member of a statistics object. */
export interface MemberPanel {
  readonly panel: Panel;
  readonly lines: readonly PanelLine[];
}

/**
 * Makes a chart of a member's values. A counter is drawn as what it grows by in a second, unless `raw`: its value only says how
 * long the session is. Where a counter falls it began anew, and the line breaks.
 */
export function memberPanel(member: StatsMember, columns: MemberColumns, raw: boolean): MemberPanel {
  const isRate = columns.isCounter && !raw;
  const values = isRate ? ratesOf(columns) : columns.values;
  const series: Series = {
    key: columns.key,
    name: `custom:${member.member}`,
    subject: { pcId: member.connectionId, statsId: member.statsId, kind: "transport", direction: "inbound" },
    times: columns.times,
    values: Float32Array.from(values),
    length: columns.times.length,
  };
  let [low, high] = [0, 0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const panel: Panel = {
    id: `stats.${columns.key}`,
    title: member.member,
    unit: isRate ? "per second" : "as reported",
    scale: 1,
    lines: [],
    limits: [],
    smallestTop: high > 0 ? high * 1.02 : 1,
    ...(low < 0 ? { fixed: [low * 1.05, Math.max(high * 1.05, 0)] as const } : {}),
    observations: [],
    needs: { direction: "path" },
  };
  return { panel, lines: [{ series, label: member.member, color: 0, dash: [], width: 1.6 }] };
}

function ratesOf({ times, values }: MemberColumns): Float64Array {
  return values.map((value, place) => {
    const seconds = ((times[place] ?? 0) - (times[place - 1] ?? Number.NaN)) / 1000;
    const grown = value - (values[place - 1] ?? Number.NaN);
    return grown >= 0 && seconds > 0 ? grown / seconds : Number.NaN;
  });
}
