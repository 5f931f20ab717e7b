import type { ReceivedMedia } from "../model/received-media.ts";
import type { Board } from "./board.ts";
import type { ObservationDefinition } from "./definition.ts";

/**
 * A healthy or excluded step (null) of an observation that had nothing to judge on this stream so far: it needs no vote. `media` is that of the
 * stream. Votes that speak for nothing change nothing before the first one that speaks against it.
 */
export function isQuiet(
  board: Board,
  definition: ObservationDefinition,
  media: Pick<ReceivedMedia, "watched">,
  value: number | null,
): boolean {
  const mildest = definition.levels[0];
  if (value === null) return !media.watched.includes(definition.id);
  if (mildest !== undefined && value < mildest.clear && !media.watched.includes(definition.id)) {
    board.present(definition);
    return true;
  }
  if (!media.watched.includes(definition.id)) media.watched = media.watched.concat([definition.id]);
  return false;
}
