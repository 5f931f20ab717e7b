import type { KeptRecords } from "./kept-records.ts";
import type { RecordReader } from "./record-reader.ts";

/** Records in one go; between two the worker looks for messages. */
const batch = 50;

/**
 * Records as NDJSON, one a line as the SDK recorded it, packed with gzip: unpacked, eight hours have hundreds of
 * megabytes. Gaps have no line.
 */
export async function packRecords(
  places: Iterable<number>,
  kept: KeptRecords,
  reader: RecordReader,
): Promise<Blob> {
  const encoder = new TextEncoder();
  const lines = linesOf(places, kept, reader);
  const text = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      const next = lines.next();
      if (next.done === true) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
  });
  return await new Response(text.pipeThrough(new CompressionStream("gzip"))).blob();
}

function* linesOf(places: Iterable<number>, kept: KeptRecords, reader: RecordReader): Generator<string> {
  let text = "";
  let count = 0;
  for (const place of places) {
    const record = reader.read(place);
    if (record === null) continue;
    text += `${JSON.stringify(record)}\n`;
    count += 1;
    if (count % batch !== 0) continue;
    yield text;
    text = "";
  }
  if (text !== "") yield text;
}
