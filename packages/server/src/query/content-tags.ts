import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";

/** The forms of a file that builds leave beside it. */
const forms = ["", ".br", ".gz"];

/**
 * Entity tags of files, made of what is in them (RFC 9110 §8.8.3): a release whose files have the times and lengths of the last one has
 * others. One tag for a file and its compressed forms, so a weak one; it changes with each of them, as a build writes one after the other.
 * @returns of a path its tag; null when it is no file that can be read.
 */
export function createContentTags(): (path: string) => string | null {
  /** By path: what the tag was made of, and the tag. */
  const known = new Map<string, { readonly state: string; readonly tag: string }>();
  return (path) => {
    try {
      const state = forms.map((form) => stateOf(path + form)).join();
      if (state.startsWith(missing)) return null;
      const before = known.get(path);
      if (before?.state === state) return before.tag;
      const hash = createHash("sha256");
      for (const form of forms) if (stateOf(path + form) !== missing) hash.update(readFileSync(path + form));
      const tag = `W/"${hash.digest("base64url").slice(0, 22)}"`;
      known.set(path, { state, tag });
      return tag;
    } catch {
      return null;
    }
  };
}

const missing = "-";

/** With the time of its entry: also what is put there with an old time has a new one. */
function stateOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true ? `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}` : missing;
}

/** True when one of the tags in `If-None-Match` is this one: who asks has the file (RFC 9110 §13.1.2). */
export function hasTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  const opaque = tag.replace(/^W\//, "");
  return ifNoneMatch.split(",").some((one) => one.trim().replace(/^W\//, "") === opaque);
}
