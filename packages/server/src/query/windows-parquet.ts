import { buffer } from "node:stream/consumers";
import type { Store } from "../store/store.ts";
import { askStore } from "../store/user-query.ts";

const query = `SELECT sessionId, leg, scope, pcId, trackId, kind, startedAt, endedAt, mos, score, reason, flags, lostMos
  FROM windows FINAL
  WHERE projectId = {projectId:String} AND sessionId = {sessionId:String}
  ORDER BY leg, scope, pcId, trackId, kind, startedAt
  FORMAT Parquet`;

/** The score windows of one session as a Parquet file, made by the store. A day of a call with ten tracks is some 2 MB. */
export async function windowsAsParquet(store: Store, projectId: string, sessionId: string): Promise<Buffer> {
  return askStore(store, async (client, clickhouse_settings) => {
    const { stream } = await client.exec({
      query,
      query_params: { projectId, sessionId },
      clickhouse_settings,
    });
    return buffer(stream);
  });
}
