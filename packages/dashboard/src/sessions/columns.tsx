import { Link } from "@tanstack/react-router";
import { createColumnHelper, tableFeatures } from "@tanstack/react-table";
import type { SessionSummary } from "@peerscope/schema/api";
import { useNow } from "../frame/clock.ts";
import { LiveMark, ScoreBadge } from "../frame/state-mark.tsx";
import { useZone } from "../frame/zone.ts";
import { causeWords, observationTitle } from "../words/causes.ts";
import { browserWords, shortId } from "../words/labels.ts";
import { duration, when } from "../words/time.ts";
import { CauseCell } from "./cause-cell.tsx";
import { pathWords, valueWords } from "./facet-words.ts";

export const features = tableFeatures({});
const helper = createColumnHelper<typeof features, SessionSummary>();

/** Columns that one can choose, in the order in which they stand. */
export const columnNames = [
  "score",
  "cause",
  "observation",
  "user",
  "call",
  "duration",
  "browser",
  "device",
  "country",
  "path",
  "codecs",
  "app",
  "tags",
  "when",
] as const;
export type ColumnName = (typeof columnNames)[number];

export const usualColumns: readonly ColumnName[] = [
  "score",
  "cause",
  "user",
  "call",
  "duration",
  "browser",
  "path",
  "when",
];

export const columnTitles: Readonly<Record<ColumnName, string>> = {
  score: "Score",
  cause: "Cause",
  observation: "Observations",
  user: "User",
  call: "Call",
  duration: "Duration",
  browser: "Browser",
  device: "Device",
  country: "Country",
  path: "Network",
  codecs: "Codecs",
  app: "App version",
  tags: "Tags",
  when: "When",
};

/** Class of a column's cells; the narrower the table, the fewer columns. */
export const columnClass: Readonly<Record<ColumnName, string>> = {
  score: "w-36",
  cause: "",
  observation: "w-52 @max-5xl:hidden",
  user: "w-36",
  call: "w-32 @max-4xl:hidden",
  duration: "w-22 text-right @max-2xl:hidden",
  browser: "w-40 @max-5xl:hidden",
  device: "w-28 @max-5xl:hidden",
  country: "w-28 @max-5xl:hidden",
  path: "w-38 @max-6xl:hidden",
  codecs: "w-28 @max-5xl:hidden",
  app: "w-28 @max-5xl:hidden",
  tags: "w-44 @max-5xl:hidden",
  when: "w-34 @max-2xl:hidden",
};

/** Columns of the URL, or the usual ones. What is no column is left out. */
export function readColumns(text: string | undefined): readonly ColumnName[] {
  const asked = new Set(text?.split(","));
  const chosen = columnNames.filter((name) => asked.has(name));
  return chosen.length === 0 ? usualColumns : chosen;
}

/** As the URL has them; undefined for the usual ones. */
export function formatColumns(columns: readonly ColumnName[]): string | undefined {
  const text = columnNames.filter((name) => columns.includes(name)).join(",");
  return text === "" || text === usualColumns.join(",") ? undefined : text;
}

const soft = (text: string | null): React.ReactNode => (
  <span className="block truncate text-ink-soft" title={text ?? undefined}>
    {text ?? "–"}
  </span>
);

export const allColumns = helper.columns([
  helper.accessor("score", {
    id: "score",
    header: columnTitles.score,
    cell: (info) => <ScoreBadge score={info.row.original.score} of={info.row.original.scoreClass} />,
  }),
  helper.display({
    id: "cause",
    header: columnTitles.cause,
    cell: (info) => <Cause session={info.row.original} />,
  }),
  helper.display({
    id: "observation",
    header: columnTitles.observation,
    cell: (info) => soft(info.row.original.observationIds.map(observationTitle).join(", ") || null),
  }),
  helper.accessor("userId", {
    id: "user",
    header: columnTitles.user,
    cell: (info) => <UserCell session={info.row.original} />,
  }),
  helper.accessor("callId", {
    id: "call",
    header: columnTitles.call,
    cell: (info) => {
      const id = info.getValue();
      return id === null ? (
        <span className="text-ink-soft">–</span>
      ) : (
        <Link to="/calls/$id" params={{ id }} className="block truncate py-1 hover:underline" title={id}>
          {id}
        </Link>
      );
    },
  }),
  helper.display({
    id: "duration",
    header: columnTitles.duration,
    cell: (info) => (
      <span className="tnum">{duration(info.row.original.lastAt - info.row.original.startedAt)}</span>
    ),
  }),
  helper.accessor("browser", {
    id: "browser",
    header: columnTitles.browser,
    cell: (info) => soft(browserWords(info.row.original.browser, info.row.original.os)),
  }),
  helper.display({
    id: "device",
    header: columnTitles.device,
    cell: (info) => soft(wordsOf("device", info.row.original.traits.device)),
  }),
  helper.display({
    id: "country",
    header: columnTitles.country,
    cell: (info) => soft(wordsOf("country", info.row.original.traits.country)),
  }),
  helper.display({
    id: "path",
    header: columnTitles.path,
    cell: (info) => soft(networkWords(info.row.original)),
  }),
  helper.display({
    id: "codecs",
    header: columnTitles.codecs,
    cell: (info) =>
      soft(info.row.original.traits.codecs.map((codec) => valueWords("codec", codec)).join(", ") || null),
  }),
  helper.display({
    id: "app",
    header: columnTitles.app,
    cell: (info) => soft(info.row.original.traits.appVersion),
  }),
  helper.display({
    id: "tags",
    header: columnTitles.tags,
    cell: (info) =>
      soft(
        Object.entries(info.row.original.tags)
          .map(([key, value]) => `${key}=${value}`)
          .join(", ") || null,
      ),
  }),
  helper.accessor("startedAt", {
    id: "when",
    header: columnTitles.when,
    cell: (info) => <When at={info.getValue()} />,
  }),
]);

function wordsOf(facet: "device" | "country", value: string | null): string | null {
  return value === null ? null : valueWords(facet, value);
}

/** "Relay, TLS · Wi-Fi": the way that the media took last, and what the machine was connected by. */
function networkWords({ traits }: SessionSummary): string | null {
  const path = traits.paths.at(-1);
  const parts = [
    ...(path === undefined ? [] : [pathWords(path)]),
    ...(traits.network === null ? [] : [valueWords("network", traits.network)]),
  ];
  return parts.length === 0 ? null : parts.join(" · ");
}

function UserCell({ session }: { readonly session: SessionSummary }): React.ReactNode {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <span className="truncate" title={session.userId ?? session.sessionId}>
        {session.userId ?? (
          <span className="font-mono text-xs text-ink-soft">{shortId(session.sessionId)}</span>
        )}
      </span>
      {session.live && <LiveMark />}
      {session.sample && (
        <span
          className="shrink-0 rounded border border-line px-1 text-xs text-ink-soft"
          title="A recorded call that ships with Peerscope"
        >
          sample
        </span>
      )}
    </span>
  );
}

function Cause({ session }: { readonly session: SessionSummary }): React.ReactNode {
  const words = causeWords(session);
  const nothing = session.statedCause === null && session.observationIds.length === 0;
  return (
    <CauseCell
      what={
        <Link
          to="/sessions/$id"
          params={{ id: session.sessionId }}
          title={words.what}
          className={`py-1 ${nothing ? "text-ink-soft" : session.confidence >= 0.6 ? "font-semibold" : "font-medium"}`}
        >
          {words.what}
        </Link>
      }
      where={words.where}
    />
  );
}

export function When({ at }: { readonly at: number }): React.ReactNode {
  const zone = useZone();
  const now = useNow(60_000);
  return (
    <time dateTime={new Date(at).toISOString()} className="whitespace-nowrap text-ink-soft">
      {when(at, now, zone)}
    </time>
  );
}
