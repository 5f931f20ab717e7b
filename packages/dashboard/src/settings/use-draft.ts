import { useCallback, useState } from "react";
import { draftState, type Draft, type DraftState } from "./draft.ts";

const prefix = "peerscope-draft:";
/** Where the browser has no storage, drafts live as long as the page. */
const memory = new Map<string, string>();

export interface DraftUse<Value> {
  readonly value: Value;
  readonly state: DraftState;
  readonly change: (value: Value) => void;
  /** Drops what was changed here: what the server has counts. */
  readonly drop: () => void;
  /** Keeps what was changed here although somebody else saved meanwhile. */
  readonly keep: () => void;
}

/**
 * A form whose changes survive another page and a reload of this one, until they are saved or dropped. `name` says
 * which form of which project it is. Never for secrets: the browser keeps it as text.
 */
export function useDraft<Value>(name: string, saved: Value): DraftUse<Value> {
  const [drafts, setDrafts] = useState<{ readonly name: string; readonly draft: Draft<Value> | null }>(
    () => ({
      name,
      draft: read<Value>(name),
    }),
  );
  const draft = drafts.name === name ? drafts.draft : read<Value>(name);
  const put = useCallback(
    (next: Draft<Value> | null): void => {
      write(name, next);
      setDrafts({ name, draft: next });
    },
    [name],
  );
  const state = draftState(draft, saved);
  return {
    value: state === "clean" || draft === null ? saved : draft.value,
    state,
    change: (value) => put({ base: state === "clean" || draft === null ? saved : draft.base, value }),
    drop: () => put(null),
    keep: () => put(draft === null ? null : { base: saved, value: draft.value }),
  };
}

function read<Value>(name: string): Draft<Value> | null {
  let text: string | null | undefined;
  try {
    text = sessionStorage.getItem(prefix + name);
  } catch {
    text = memory.get(name);
  }
  if (text === null || text === undefined) return null;
  try {
    return JSON.parse(text) as Draft<Value>;
  } catch {
    return null;
  }
}

function write(name: string, draft: Draft<unknown> | null): void {
  try {
    if (draft === null) sessionStorage.removeItem(prefix + name);
    else sessionStorage.setItem(prefix + name, JSON.stringify(draft));
  } catch {
    if (draft === null) memory.delete(name);
    else memory.set(name, JSON.stringify(draft));
  }
}
