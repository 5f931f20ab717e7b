import { useInfiniteQuery, useQuery, type InfiniteData } from "@tanstack/react-query";
import { useSearch, useNavigate } from "@tanstack/react-router";
import type { AuditEntry, AuditPage } from "@peerscope/schema/api";
import { meQuery } from "../access/me.ts";
import { useNow } from "../frame/clock.ts";
import { useZone } from "../frame/zone.ts";
import { fetchJson } from "../queries/fetch-json.ts";
import { omit } from "../url/search.ts";
import { when } from "../words/time.ts";
import { Block, BlockSkeleton, cell, Problem, Table } from "./parts.tsx";
import { projectPath } from "./queries.ts";
import type { SectionProps } from "./settings-page.tsx";

/** Who changed what. */
export function AuditSection({ project }: SectionProps): React.ReactNode {
  const search = useSearch({ from: "/settings/$section" });
  const navigate = useNavigate();
  const me = useQuery(meQuery());
  const isServer = search.open === "server" && me.data?.principal?.isServerAdmin === true;
  const path = isServer ? "/api/audit" : projectPath(project.projectId, "/audit");
  const pages = useInfiniteQuery<
    AuditPage,
    Error,
    InfiniteData<AuditPage>,
    readonly ["settings", string],
    string | null
  >({
    queryKey: ["settings", path] as const,
    queryFn: ({ pageParam, signal }) =>
      fetchJson<AuditPage>(`${path}?limit=100${pageParam === null ? "" : `&cursor=${pageParam}`}`, signal),
    initialPageParam: null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  if (pages.data === undefined) return pages.isError ? <Problem error={pages.error} /> : <BlockSkeleton />;
  const entries = pages.data.pages.flatMap((page) => page.entries);
  return (
    <Block
      title={isServer ? "The whole server" : project.name}
      about="Newest first. Entries go after 400 days and in no other way."
      actions={
        me.data?.principal?.isServerAdmin === true ? (
          <button
            type="button"
            className="btn"
            aria-pressed={isServer}
            onClick={() =>
              void navigate({
                to: ".",
                search: (before) => (isServer ? omit(before, "open") : { ...before, open: "server" }),
                replace: true,
              })
            }
          >
            The whole server
          </button>
        ) : undefined
      }
    >
      {entries.length === 0 ? (
        <p className="text-table">Nothing was changed yet.</p>
      ) : (
        <Table label="Audit log" head={["When", "Who", "What", "Details"]}>
          {entries.map((entry) => (
            <Entry key={entry.entryId} entry={entry} />
          ))}
        </Table>
      )}
      {pages.hasNextPage && (
        <button
          type="button"
          className="btn mt-3"
          disabled={pages.isFetchingNextPage}
          onClick={() => void pages.fetchNextPage()}
        >
          Show older ones
        </button>
      )}
      <Problem error={pages.error} />
    </Block>
  );
}

function Entry({ entry }: { readonly entry: AuditEntry }): React.ReactNode {
  const zone = useZone();
  const now = useNow(60_000);
  const details = Object.entries(entry.details).filter(([, value]) => value !== null && value !== "");
  return (
    <tr>
      <td className={`${cell} whitespace-nowrap`}>
        <time dateTime={new Date(entry.at).toISOString()}>{when(entry.at, now, zone)}</time>
      </td>
      <td className={`${cell} break-all`}>{entry.actorName === "" ? "somebody unknown" : entry.actorName}</td>
      <td className={cell}>
        {actionWords(entry.action)}
        {entry.subject !== "" && (
          <span className="block font-mono text-xs break-all text-ink-soft">{entry.subject}</span>
        )}
      </td>
      <td className={`${cell} text-xs break-all`}>
        {details.map(([name, value]) => `${name}: ${String(value)}`).join(", ")}
      </td>
    </tr>
  );
}

/** "ingest-key-revoked" as "Ingest key revoked". */
function actionWords(action: string): string {
  const words = action.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
