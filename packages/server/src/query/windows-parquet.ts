import { buffer } from "node:stream/consumers";
import { ClickHouseError } from "@clickhouse/client";
import { RequestError } from "../errors.ts";
import type { Store } from "../store/store.ts";

/** The longest that a request waits for a store that is starting, in milliseconds. */
const storeWaitMs = 5_000;

const query = `SELECT sessionId, leg, scope, pcId, trackId, kind, startedAt, endedAt, mos, score, reason, flags, lostMos
  FROM windows FINAL
  WHERE projectId = {projectId:String} AND sessionId = {sessionId:String}
  ORDER BY leg, scope, pcId, trackId, kind, startedAt
  FORMAT Parquet`;

/** The score windows of one session as a Parquet file, made by the store. A day of a call with ten tracks is some 2 MB. */
export async function windowsAsParquet(store: Store, projectId: string, sessionId: string): Promise<Buffer> {
  const client = await store.whenReady(storeWaitMs);
  if (client === null) throw new RequestError("store-unavailable");
  try {
    const { stream } = await client.exec({ query, query_params: { projectId, sessionId } });
    return await buffer(stream);
  } catch (error) {
    if (error instanceof ClickHouseError) throw error;
    store.reportFailure();
    throw new RequestError("store-unavailable");
  }
}
