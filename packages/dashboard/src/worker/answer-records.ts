import type { KeptRecords } from "./kept-records.ts";
import type { FromRecords, ToRecords } from "./messages.ts";
import { packRecords } from "./record-file.ts";
import { createRecordReader } from "./record-reader.ts";
import { rowsOf, wholeRecord } from "./record-rows.ts";
import { countRecords, searchRecords } from "./record-search.ts";

/** Frames that stay decoded for whoever looks around: about what lies between two keyframes of the SDK. Ours. */
const framesInSight = 600;

/** Answers what is asked about the recording itself. */
export function createRecordAnswers(
  kept: KeptRecords,
  post: (message: FromRecords, transfer: Transferable[]) => void,
): (message: ToRecords) => Promise<void> {
  const reader = createRecordReader(kept, { keptFrames: framesInSight });
  // Whoever reads everything goes forward, and must not take away what the reader of single records has.
  const forward = (): ReturnType<typeof createRecordReader> => createRecordReader(kept, { keptFrames: 1 });
  let newestSearch = 0;
  return async (message) => {
    const { request } = message;
    switch (message.type) {
      case "search-records": {
        newestSearch = request;
        const { filter, from } = message;
        await searchRecords(
          { kept, reader: forward(), filter, from },
          ({ places, searched, isOver }) => {
            const times = Float64Array.from(places, (place) => kept.atOf(place));
            const columns = { places: Uint32Array.from(places), times };
            const counts = isOver ? countRecords(kept) : null;
            post({ type: "records-found", request, ...columns, searched, isOver, counts }, [
              columns.places.buffer,
              times.buffer,
            ]);
          },
          () => newestSearch === request,
        );
        break;
      }
      case "read-rows": {
        const places = message.places.filter((place) => place < kept.length);
        post({ type: "rows", request, rows: rowsOf(places, kept, reader) }, []);
        break;
      }
      case "read-record":
        if (message.place >= kept.length) break;
        post({ type: "record", request, whole: wholeRecord(message.place, kept, reader) }, []);
        break;
      case "pack-records": {
        const places = message.places ?? allPlaces(kept);
        post({ type: "records-packed", request, file: await packRecords(places, kept, forward()) }, []);
        break;
      }
    }
  };
}

function* allPlaces(kept: KeptRecords): Generator<number> {
  for (let place = 0; place < kept.length; place += 1) yield place;
}
