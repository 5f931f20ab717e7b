import type { ClickHouseClient } from "@clickhouse/client";
import { isSessionId } from "@peerscope/schema";
import { tableNames } from "../analyse/table-columns.ts";
import { quoteText, storedTable, type StoreLayout } from "./layout.ts";

/** Sessions of one statement: its text stays below 128 KiB, which every ClickHouse parses by default. Ours. */
const sessionsPerStatement = 1_000;

/** The store as deletions need it. */
export interface RowStore {
  readonly client: ClickHouseClient;
  readonly layout: StoreLayout;
}

/**
 * Removes every row of these sessions from all tables and resolves when they are gone from the parts in use, on all
 * replicas. Parts that were replaced are deleted from the disk by ClickHouse some minutes later.
 * @throws Error when the store does not answer or refuses; what is done is done, and all of it can be done again.
 */
export async function deleteRowsOf(
  store: RowStore,
  projectId: string,
  sessionIds: readonly string[],
): Promise<void> {
  const ids = sessionIds.filter(isSessionId);
  for (let from = 0; from < ids.length; from += sessionsPerStatement) {
    const list = ids
      .slice(from, from + sessionsPerStatement)
      .map(quoteText)
      .join(", ");
    // `legs` comes last: while a session has that row, an attempt that failed in the middle finds it again.
    for (const table of tableNames) {
      await store.client.command({
        query:
          `ALTER TABLE ${storedTable(table, store.layout)} DELETE ` +
          `WHERE projectId = ${quoteText(projectId)} AND sessionId IN (${list}) SETTINGS mutations_sync = 2`,
      });
    }
  }
}

/**
 * Removes the rows of finished sessions of a project whose last record is older than `at` (Unix ms). Recorded calls that
 * ship with Peerscope stay. Call it until the answer is 0.
 * @returns how many sessions lost their rows, at most `limit`.
 */
export async function deleteRowsBefore(
  store: RowStore,
  projectId: string,
  at: number,
  limit: number = sessionsPerStatement,
): Promise<number> {
  const answer = await store.client.query({
    query:
      "SELECT DISTINCT sessionId FROM legs FINAL WHERE projectId = {projectId:String} AND finished = 1 AND sample = 0 " +
      "AND lastAt < fromUnixTimestamp64Milli({at:Int64}, 'UTC') LIMIT {limit:UInt32}",
    query_params: { projectId, at: Math.round(at), limit },
    format: "JSONCompactEachRow",
  });
  const sessionIds = (await answer.json<[string]>()).map(([sessionId]) => sessionId);
  await deleteRowsOf(store, projectId, sessionIds);
  return sessionIds.length;
}
