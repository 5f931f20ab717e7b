import { useEffect, useRef, useSyncExternalStore } from "react";

/** What keys do, by `KeyboardEvent.key`. "Shift+ArrowLeft" and the like name the modifier. */
export type KeyMap = Readonly<Record<string, (event: KeyboardEvent) => void>>;

const storageKey = "peerscope-single-keys";
const listeners = new Set<() => void>();
let enabled = read();

function read(): boolean {
  try {
    return localStorage.getItem(storageKey) !== "off";
  } catch {
    return true;
  }
}

/** Single-letter shortcuts can be switched off (WCAG 2.1.4). */
export function enableSingleKeys(on: boolean): void {
  enabled = on;
  try {
    localStorage.setItem(storageKey, on ? "on" : "off");
  } catch {
    // Storage is off: the choice lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

export function useSingleKeys(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => enabled,
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null
  );
}

/** Enter and the arrows belong to the control that has the focus, when it has a use for them. */
function belongsToControl(event: KeyboardEvent): boolean {
  if (!(event.target instanceof HTMLElement)) return false;
  if (event.key === "Enter" || event.key === " ")
    return event.target.closest("a, button, summary, [role=tab]") !== null;
  return (
    event.key.startsWith("Arrow") &&
    event.target.closest("[role=tablist], [role=menu], [role=radiogroup]") !== null
  );
}

/** Shortcuts while the component is there. They never fire in inputs, in dialogs, or together with Ctrl, Meta, Alt. */
export function useKeys(map: KeyMap): void {
  const latest = useRef(map);
  useEffect(() => {
    latest.current = map;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || belongsToControl(event)) return;
      if (document.querySelector("[role=dialog]") !== null) return;
      if (!enabled && event.key.length === 1) return;
      const name = event.shiftKey && event.key.length > 1 ? `Shift+${event.key}` : event.key;
      const action = latest.current[name];
      if (action === undefined) return;
      event.preventDefault();
      action(event);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}
