import type { Emit } from "../recorder.ts";
import type { Listen } from "./connection.ts";

/** Watches whether the page is seen and online. A hidden one may be the last that is heard of it. */
export function watchPage(emit: Emit, listen: Listen, onOnline: () => void, onHidden: () => void): void {
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
}
