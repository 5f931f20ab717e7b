import { useSyncExternalStore } from "react";
import { flushSync } from "react-dom";

const listeners = new Set<() => void>();
let printing = false;

/** Whether the page is being put on paper right now. */
export function isPrinting(): boolean {
  return printing;
}

export function onPrinting(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function usePrinting(): boolean {
  return useSyncExternalStore(onPrinting, isPrinting);
}

function change(next: boolean): void {
  printing = next;
  // The picture is taken when the event is over: what changes has to be drawn by then.
  flushSync(() => {
    for (const listener of listeners) listener();
  });
}

addEventListener("beforeprint", () => change(true));
addEventListener("afterprint", () => change(false));
