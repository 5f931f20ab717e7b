import { readFrameSearch, type FrameSearch, type RawSearch } from "../url/search.ts";

/** A page of the settings. */
export interface SettingsSearch extends FrameSearch {
  /** What a list is narrowed to. */
  readonly find?: string;
  /** What is open: an observation, or a key whose snippet is shown. */
  readonly open?: string;
  /** Framework of the snippet. */
  readonly with?: string;
}

export function readSettingsSearch(raw: RawSearch): SettingsSearch {
  const text = (name: string): Record<string, string> => {
    const value = raw[name];
    return typeof value === "string" && value !== "" ? { [name]: value.slice(0, 200) } : {};
  };
  return { ...readFrameSearch(raw), ...text("find"), ...text("open"), ...text("with") };
}
