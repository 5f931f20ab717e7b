import { readFrameSearch, type FrameSearch, type RawSearch } from "../url/search.ts";

/** The login page: where to go afterwards. */
export interface LoginSearch extends FrameSearch {
  readonly next?: string;
}

export function readLoginSearch(raw: RawSearch): LoginSearch {
  const next = pageOfThisServer(raw["next"]);
  return { ...readFrameSearch(raw), ...(next === "/" ? {} : { next }) };
}

/** Path and query of a page of this dashboard; "/" for anything else, so that a link cannot lead somebody away. */
export function pageOfThisServer(next: unknown): string {
  // Browsers read \ as /, and leave out tabs and line ends.
  if (typeof next !== "string" || next.length > 4_000 || !/^\/(?![/\\])[!-[\]-~]*$/.test(next)) return "/";
  return /^\/(login|api)(?![\w-])/.test(next) ? "/" : next;
}
