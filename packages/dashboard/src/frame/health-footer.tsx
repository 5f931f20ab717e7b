import { useQuery } from "@tanstack/react-query";
import type { HealthProblem } from "@peerscope/schema/api";
import { healthQuery, newestQuery } from "../queries/sessions.ts";
import { ago, clock } from "../words/time.ts";
import { useNow } from "./clock.ts";
import { useProject } from "./project.ts";
import { useZone } from "./zone.ts";

/** What is wrong with the server, and what that means for what one sees. */
const problemWords: Readonly<Record<HealthProblem, string>> = {
  "disk-full": "The disk of the server is full: nothing is recorded.",
  "log-writes-failing": "The server cannot write recordings to its disk.",
  stopping: "The server is being stopped or restarted.",
  "settings-down": "The database of the settings does not answer; recording goes on.",
  "store-down": "The store does not answer; recording goes on.",
  "analysis-behind": "The analysis is behind; recording goes on.",
  "archive-down": "The archive does not answer; recordings stay on the server.",
};

/** How fresh the data is, and whether the server answers. */
export function HealthFooter(): React.ReactNode {
  const health = useQuery(healthQuery());
  const newest = useQuery(newestQuery(useProject()));
  const now = useNow();
  const zone = useZone();
  const lost = health.isError;
  return (
    <footer className="sticky bottom-0 z-20 flex min-h-7 flex-wrap items-center gap-x-3 border-t border-line bg-surface px-4 py-1 text-xs text-ink-soft md:col-start-2 print:hidden">
      <span className="flex items-center gap-1.5">
        <svg
          viewBox="0 0 10 10"
          width="9"
          height="9"
          aria-hidden
          className={lost ? "text-poor-mark" : "text-good-mark"}
        >
          {lost ? (
            <path d="m1.500 1.500 7 7m0-7-7 7" stroke="currentColor" strokeWidth="2" />
          ) : (
            <circle cx="5" cy="5" r="4" fill="currentColor" />
          )}
        </svg>
        {lost
          ? `Connection to the server lost${health.dataUpdatedAt > 0 ? `, showing ${clock(health.dataUpdatedAt, zone)}` : ""}; trying again`
          : health.data === undefined
            ? "Connecting"
            : "Connected"}
      </span>
      <span>
        {newest.data === undefined
          ? ""
          : newest.data === null
            ? "No data of your own yet"
            : `Data up to ${clock(newest.data, zone)} (${ago(newest.data, now)})`}
      </span>
      {health.data?.store === "starting" && <span>The store is starting; recording goes on.</span>}
      {health.data?.problems.map((problem) => (
        <span key={problem} className="text-ink">
          {problemWords[problem]}
        </span>
      ))}
    </footer>
  );
}
