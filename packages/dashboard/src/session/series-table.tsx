import type { Panel, PanelLine } from "../charts/panels.ts";
import { indexAt, valueAt } from "../charts/series.ts";
import { short } from "../words/numbers.ts";
import { useSession, useTimeWords } from "./context.tsx";
import { useRange } from "./use-range.ts";

const mostRows = 300;

/** The visible part of a chart as numbers. */
export function SeriesTable({
  panel,
  lines,
}: {
  readonly panel: Panel;
  readonly lines: readonly PanelLine[];
}): React.ReactNode {
  const { view, start } = useSession();
  const words = useTimeWords();
  const range = useRange(view);
  const [leading] = lines;
  if (leading === undefined) return null;
  const { series } = leading;
  const first = indexAt(series, start + range.from * 1000);
  const end = indexAt(series, start + range.to * 1000 + 1);
  const times = [...series.times.subarray(first, Math.min(end, first + mostRows))];
  return (
    <div
      className="mt-1 max-h-64 overflow-auto rounded border border-line bg-surface lg:ml-[10.5rem]"
      tabIndex={0}
      role="region"
      aria-label={`${panel.title} as a table`}
    >
      <table className="w-full text-xs">
        <caption className="p-2 text-left text-ink-soft">
          {panel.title} in {panel.unit}
          {end - first > mostRows
            ? `, the first ${mostRows} of ${end - first} samples; zoom in for the others`
            : ""}
        </caption>
        <thead className="sticky top-0 bg-surface">
          <tr>
            <th scope="col" className="border-b border-line px-2 py-1 text-left">
              Time
            </th>
            {lines.map((line) => (
              <th key={line.series.key} scope="col" className="border-b border-line px-2 py-1 text-right">
                {line.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map((at) => (
            <tr key={at} className="odd:bg-sunken">
              <th scope="row" className="px-2 py-0.5 text-left font-normal">
                {words(at, true)}
              </th>
              {lines.map((line) => {
                const value = valueAt(line.series, at);
                return (
                  <td key={line.series.key} className="px-2 py-0.5 text-right">
                    {value === null ? "not reported" : short(value * panel.scale)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
