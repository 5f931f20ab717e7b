import { useEffect, useRef } from "react";
import type { Panel, PanelLine } from "../charts/panels.ts";
import { valueAt } from "../charts/series.ts";
import { short } from "../words/numbers.ts";
import { useSession } from "./context.tsx";
import { LineSample } from "./line-sample.tsx";

interface Props {
  readonly panel: Panel;
  readonly lines: readonly PanelLine[];
  /** Unix ms of position 0. */
  readonly start: number;
  /** Grows with new points. */
  readonly version: number;
}

/** Names of the lines with their value under the cursor; written without rendering while the cursor moves. */
export function Legend({ panel, lines, start, version }: Props): React.ReactNode {
  const { view } = useSession();
  const host = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const write = (): void => {
      const { at, range } = view.state();
      const instant = start + (at ?? Math.min(range.to, 1e9)) * 1000;
      host.current?.querySelectorAll("output").forEach((element, i) => {
        const line = lines[i];
        if (line === undefined) return;
        const value = valueAt(line.series, instant);
        element.textContent = value === null ? "–" : short(value * panel.scale);
      });
    };
    write();
    return view.subscribe(write);
  }, [view, lines, panel, start, version]);
  return (
    <ul
      ref={host}
      className="max-h-24 overflow-y-auto text-xs max-lg:flex max-lg:flex-wrap max-lg:gap-x-4"
      aria-hidden
    >
      {lines.map((line) => (
        <li key={line.series.key} className="flex items-center gap-1.5 leading-5">
          <LineSample line={line} width={18} />
          <span className="truncate">{line.label}</span>
          <output className="tnum ml-auto pl-1 text-right font-medium" />
        </li>
      ))}
    </ul>
  );
}
