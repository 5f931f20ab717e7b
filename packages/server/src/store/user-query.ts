import { ClickHouseError, type ClickHouseClient } from "@clickhouse/client";
import { RequestError } from "../errors.ts";
import type { Store } from "./store.ts";

/** The longest that a page waits for a store that is starting, in milliseconds. */
const storeWaitMs = 5_000;

/**
 * What one question of a person may cost, wherever the store is: it reads only, and it ends before it hurts those who
 * record. Sizes are far above what a list or a chart of a million sessions needs. Ours.
 */
const limits = {
  readonly: "1",
  max_execution_time: 20,
  max_rows_to_read: "500000000",
  max_memory_usage: "536870912",
  max_result_rows: "1000000",
  output_format_json_quote_64bit_integers: 0,
} as const;

/** ClickHouse's codes for a question that is over a limit: rows, time, memory, bytes, result. */
const limitCodes = new Set(["158", "159", "241", "307", "396"]);

/**
 * Asks the store on behalf of a person, with bound values and within limits.
 * @throws RequestError `store-unavailable` when it does not answer, `query-too-heavy` when the question is over a limit;
 *   ClickHouseError for a query that is wrong, which is a mistake of ours.
 */
export async function askStore<Answer>(
  store: Store,
  ask: (client: ClickHouseClient, settings: typeof limits) => Promise<Answer>,
): Promise<Answer> {
  const client = await store.whenReady(storeWaitMs);
  if (client === null) throw new RequestError("store-unavailable");
  try {
    return await ask(client, limits);
  } catch (error) {
    if (error instanceof RequestError) throw error;
    if (error instanceof ClickHouseError) {
      if (limitCodes.has(error.code)) throw new RequestError("query-too-heavy");
      throw error;
    }
    store.reportFailure();
    throw new RequestError("store-unavailable");
  }
}
