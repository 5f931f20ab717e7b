import type { Board } from "./board.ts";
import type { ObservationDefinition } from "./definition.ts";

/**
 * A healthy or excluded step (null) of an observation that had nothing to judge on this stream so far: it needs no vote. `watched` belongs to the
 * stream. Votes that speak for nothing change nothing before the first one that speaks against it.
 */
export function isQuiet(
  board: Board,
  definition: ObservationDefinition,
  watched: Set<string>,
  value: number | null,
): boolean {
  const mildest = definition.levels[0];
  if (value === null) return !watched.has(definition.id);
  if (mildest !== undefined && value < mildest.clear && !watched.has(definition.id)) {
    board.present(definition);
    return true;
  }
  watched.add(definition.id);
  return false;
}
