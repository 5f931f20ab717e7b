/** Ends of pauses are looked for this often, in milliseconds. Ours. */
const wakeIntervalMs = 100;

/** Something that is read now and then, and left alone in between. */
export interface Reading {
  /** It is not read before, in milliseconds of the clock of the turns. */
  nextReadAt: number;
}

/** Who is read next: one after the other, in the order in which it became their turn. */
export interface ReadingTurns<Entry extends Reading> {
  /** It has something to read: it is its turn now, or when its pause is over. */
  add(entry: Entry): void;
  /** Its pause ends now. Who waited already does not begin anew. */
  endPause(entry: Entry): void;
  /** It has nothing to read any more. */
  remove(entry: Entry): void;
  /** The next one whose turn it is, which is taken out; null when there is none. */
  take(): Entry | null;
  /** It goes to the end of the line, as it has more than it may read at once. */
  again(entry: Entry): void;
  isDue(entry: Entry): boolean;
  /** Somebody waits whose turn it is. */
  readonly isBusy: boolean;
}

/** @param now monotonic milliseconds. */
export function createReadingTurns<Entry extends Reading>(now: () => number): ReadingTurns<Entry> {
  /** Those that may be read now: new ones, those that ended, and those whose pause is over. */
  const due = new Set<Entry>();
  /** The others. */
  const paused = new Set<Entry>();
  let wokenAt = Number.NEGATIVE_INFINITY;

  /** Whose pause is over is due. */
  function wake(): void {
    const at = now();
    if (at - wokenAt < wakeIntervalMs) return;
    wokenAt = at;
    for (const entry of paused) {
      if (entry.nextReadAt > at) continue;
      paused.delete(entry);
      due.add(entry);
    }
  }

  return {
    add(entry) {
      if (entry.nextReadAt <= now()) due.add(entry);
      else paused.add(entry);
    },
    endPause(entry) {
      entry.nextReadAt = Math.min(entry.nextReadAt, now());
      if (paused.delete(entry)) due.add(entry);
    },
    remove(entry) {
      due.delete(entry);
      paused.delete(entry);
    },
    take() {
      wake();
      for (const entry of due) {
        due.delete(entry);
        return entry;
      }
      return null;
    },
    again: (entry) => void due.add(entry),
    isDue: (entry) => due.has(entry),
    get isBusy() {
      return due.size > 0;
    },
  };
}
