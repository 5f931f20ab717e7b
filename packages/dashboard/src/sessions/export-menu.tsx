import { useSearch } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { filterParams } from "../queries/sessions.ts";
import { DropDown } from "./drop-down.tsx";

const formats = [
  ["csv", "CSV, for spreadsheets"],
  ["ndjson", "NDJSON, for programs"],
] as const;

/** All sessions that match, as a file. */
export function ExportMenu(): React.ReactNode {
  const search = useSearch({ from: "/sessions" });
  return (
    <DropDown label="Export" icon={<Download className="size-3.5" aria-hidden />}>
      {(close) => (
        <>
          {formats.map(([format, words]) => {
            const params = filterParams(search);
            params.set("format", format);
            return (
              <a
                key={format}
                href={`/api/sessions/export?${params.toString()}`}
                download
                className="flex min-h-8 items-center rounded px-2 hover:bg-sunken"
                onClick={close}
              >
                {words}
              </a>
            );
          })}
          <p className="px-2 pt-1 text-xs text-ink-soft">
            All sessions that match, newest first, at most 100,000.
          </p>
        </>
      )}
    </DropDown>
  );
}
