import type { Recorder } from "../recorder.ts";
import type { Listen } from "./connection.ts";

export interface PageHandlers {
  /** The network is back. */
  readonly onOnline: () => void;
  /** The page goes away; `mayReturn` when the browser keeps it for the way back. */
  readonly onHide: (mayReturn: boolean) => void;
}

/** Watches whether the page is seen, online, and there at all. */
export function watchPage({ emit }: Recorder, listen: Listen, { onOnline, onHide }: PageHandlers): void {
  const tellVisibility = (): void => emit("page-visibility-changed", { visible: !document.hidden });
  const tellOnline = (): void => emit("network-online-changed", { online: navigator.onLine });
  // What is not the usual is told at the start too.
  if (document.hidden) tellVisibility();
  if (!navigator.onLine) tellOnline();
  listen(document, "visibilitychange", tellVisibility);
  listen(globalThis, "offline", tellOnline);
  listen(globalThis, "online", () => {
    tellOnline();
    onOnline();
  });
  listen(globalThis, "pagehide", (event) => onHide((event as PageTransitionEvent).persisted));
}
