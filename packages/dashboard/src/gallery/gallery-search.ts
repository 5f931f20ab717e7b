import { readFrameSearch, type FrameSearch, type RawSearch } from "../url/search.ts";

/** Groups of panels, in the order of the page. */
export const galleryGroups = ["sessions", "session", "tabs", "call", "live", "settings", "start"] as const;
export type GalleryGroup = (typeof galleryGroups)[number];

/** What of the gallery is shown. */
export interface GallerySearch extends FrameSearch {
  /** Absent: the first. */
  readonly group?: GalleryGroup;
  /** One panel alone. */
  readonly panel?: string;
}

export function readGallerySearch(raw: RawSearch): GallerySearch {
  const group = galleryGroups.find((name) => name === raw["group"]);
  const panel = raw["panel"];
  return {
    ...readFrameSearch(raw),
    ...(group === undefined ? {} : { group }),
    ...(typeof panel === "string" && /^[a-z0-9-]{1,60}$/.test(panel) ? { panel } : {}),
  };
}
