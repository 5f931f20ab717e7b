import { useSearch } from "@tanstack/react-router";
import { zoneOf } from "../url/search.ts";
import type { Zone } from "../words/time.ts";

/** In whose time the reader wants to read; part of the URL. */
export function useZone(): Zone {
  return zoneOf(useSearch({ strict: false }));
}
