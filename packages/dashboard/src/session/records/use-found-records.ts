import { useEffect, useState } from "react";
import type { RecordCounts, RecordFilter } from "../../worker/record-search.ts";
import type { SessionStore } from "../session-store.ts";

/** Records that fit a filter, as far as it was looked. */
export interface FoundRecords {
  /** Their places in the recording, and their instants (Unix ms), in its order. */
  readonly places: readonly number[];
  readonly times: readonly number[];
  /** Everything that was recorded so far was looked at. */
  readonly isOver: boolean;
  /** The snapshot of the session that was looked at; what came after it is looked at next. -1 before the first. */
  readonly version: number;
  /** Share of the recording that was looked at, 0 to 1; null until it is known how long it is. */
  readonly share: number | null;
  /** Of all records, whatever the filter; null until they are counted. */
  readonly counts: RecordCounts | null;
}

const nothing: FoundRecords = {
  places: [],
  times: [],
  isOver: false,
  version: -1,
  share: null,
  counts: null,
};

/** After the last letter of a word that is typed, in milliseconds. Ours. */
const typingPauseMs = 250;
/** Between two looks at what was recorded meanwhile. Ours. */
const growthPauseMs = 1_000;

/** Looks for records, and goes on while the recording grows. */
export function useFoundRecords(
  { records, snapshot }: SessionStore,
  { kind, type, text }: RecordFilter,
): FoundRecords {
  const key = JSON.stringify([kind, type, text]);
  const [{ keyOfFound, ...found }, setFound] = useState({ keyOfFound: key, ...nothing });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stop = (): void => undefined;
    let version = -1;
    let searched = 0;
    const places: number[] = [];
    const times: number[] = [];

    const look = (): void => {
      version = snapshot().version;
      stop = records.search({ kind, type, text }, searched, (piece) => {
        searched = piece.searched;
        for (const place of piece.places) places.push(place);
        for (const at of piece.times) times.push(at);
        setFound((before) => {
          const counts = piece.counts ?? before.counts;
          const share = counts === null || counts.total === 0 ? null : Math.min(1, searched / counts.total);
          return { keyOfFound: key, places, times, isOver: piece.isOver, version, share, counts };
        });
        if (piece.isOver) timer = setTimeout(lookAgain, growthPauseMs);
      });
    };
    const lookAgain = (): void => {
      if (snapshot().version === version) timer = setTimeout(lookAgain, growthPauseMs);
      else look();
    };

    timer = setTimeout(look, text === "" ? 0 : typingPauseMs);
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [records, snapshot, key, kind, type, text]);
  return keyOfFound === key ? found : { ...nothing, counts: found.counts };
}
