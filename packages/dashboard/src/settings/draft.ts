/** What somebody changed and has not saved, with what it was when they began. Both are plain JSON. */
export interface Draft<Value> {
  readonly base: Value;
  readonly value: Value;
}

/** The same content, whatever the order of members. */
export function isSame(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

export type DraftState =
  /** Nothing is changed. */
  | "clean"
  /** Changed here only. */
  | "changed"
  /** Changed here, and saved by somebody else meanwhile. */
  | "conflict";

/** How a draft stands to what the server has now. */
export function draftState<Value>(draft: Draft<Value> | null, saved: Value): DraftState {
  if (draft === null || isSame(draft.value, saved)) return "clean";
  return isSame(draft.base, saved) ? "changed" : "conflict";
}

/** Members of plain objects that differ, as "retention.logDays", with both values; for showing a conflict. */
export function differences(
  mine: unknown,
  theirs: unknown,
  path = "",
): { readonly path: string; readonly mine: string; readonly theirs: string }[] {
  if (isSame(mine, theirs)) return [];
  if (isObject(mine) && isObject(theirs)) {
    const names = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
    return [...names]
      .toSorted()
      .flatMap((name) => differences(mine[name], theirs[name], path === "" ? name : `${path}.${name}`));
  }
  const text = (value: unknown): string => (value === undefined ? "not set" : JSON.stringify(value));
  return [{ path, mine: text(mine), theirs: text(theirs) }];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
