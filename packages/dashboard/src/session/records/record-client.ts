import type { FromRecords, ToRecords } from "../../worker/messages.ts";
import type { RecordRow, WholeRecord } from "../../worker/record-rows.ts";
import type { RecordFilter } from "../../worker/record-search.ts";

/** A piece of what a search found. */
export type FoundPiece = Omit<Extract<FromRecords, { type: "records-found" }>, "type" | "request">;

/** Asks the worker about the recording itself. */
export interface RecordClient {
  /** Looks from a place on; a later search ends an earlier one. Returns what makes it be heard no more. */
  readonly search: (filter: RecordFilter, from: number, onFound: (piece: FoundPiece) => void) => () => void;
  readonly rows: (places: readonly number[]) => Promise<readonly RecordRow[]>;
  /** Never settles for a place that is not there. */
  readonly record: (place: number) => Promise<WholeRecord>;
  /** Records as NDJSON, packed with gzip; null for all. */
  readonly pack: (places: Uint32Array | null) => Promise<Blob>;
}

/** The client, and what hands it the answers of the worker. */
export function createRecordClient(send: (message: ToRecords) => void): {
  readonly client: RecordClient;
  readonly hear: (message: FromRecords) => void;
} {
  let requests = 0;
  const searches = new Map<number, (piece: FoundPiece) => void>();
  const rows = new Map<number, (rows: readonly RecordRow[]) => void>();
  const records = new Map<number, (whole: WholeRecord) => void>();
  const files = new Map<number, (file: Blob) => void>();

  const ask = <Answer>(
    waiting: Map<number, (answer: Answer) => void>,
    message: (request: number) => ToRecords,
  ): Promise<Answer> =>
    new Promise((resolve) => {
      requests += 1;
      waiting.set(requests, resolve);
      send(message(requests));
    });
  const settle = <Answer>(
    waiting: Map<number, (answer: Answer) => void>,
    request: number,
    answer: Answer,
  ): void => {
    waiting.get(request)?.(answer);
    waiting.delete(request);
  };

  return {
    client: {
      search(filter, from, onFound) {
        requests += 1;
        const request = requests;
        searches.clear();
        searches.set(request, onFound);
        send({ type: "search-records", request, filter, from });
        return () => void searches.delete(request);
      },
      rows: (places) => ask(rows, (request) => ({ type: "read-rows", request, places })),
      record: (place) => ask(records, (request) => ({ type: "read-record", request, place })),
      pack: (places) => ask(files, (request) => ({ type: "pack-records", request, places })),
    },
    hear(message) {
      const { request } = message;
      if (message.type === "rows") settle(rows, request, message.rows);
      else if (message.type === "record") settle(records, request, message.whole);
      else if (message.type === "records-packed") settle(files, request, message.file);
      else {
        searches.get(request)?.(message);
        if (message.isOver) searches.delete(request);
      }
    },
  };
}
