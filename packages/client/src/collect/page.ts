import type { Emit } from "../recorder.ts";
import type { Listen } from "./connection.ts";

/**
 * Watches whether the page is seen, online, and there at all. A hidden one may be the last that is heard of it. `onLeave` learns if the
 * browser may keep the page for a way back, and `onReturn` hears when it did.
 */
export function watchPage(
  emit: Emit,
  listen: Listen,
  onOnline: () => void,
  onHidden: () => void,
  onLeave: (mayReturn: boolean) => void,
  onReturn: () => void,
): void {
  const tellVisibility = (): void => {
    emit("page-visibility-changed", { visible: !document.hidden });
    if (document.hidden) onHidden();
  };
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
  const isKept = (event: Event): boolean => (event as PageTransitionEvent).persisted;
  listen(globalThis, "pagehide", (event) => onLeave(isKept(event)));
  listen(globalThis, "pageshow", (event) => isKept(event) && onReturn());
}
