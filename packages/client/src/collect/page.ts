import type { Emit } from "../recorder.ts";
import type { Listen } from "./connection.ts";

/** Watches whether the page is seen, online, and there at all. `onHide` learns if the browser keeps it for a way back. */
export function watchPage(
  emit: Emit,
  listen: Listen,
  onOnline: () => void,
  onHide: (mayReturn: boolean) => void,
): void {
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
