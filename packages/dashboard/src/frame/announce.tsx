import { useSyncExternalStore } from "react";

let message = "";
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Says something once, to the eye (a short note at the bottom) and to screen readers (politely). */
export function announce(text: string): void {
  message = text;
  for (const listener of listeners) listener();
  clearTimeout(timer);
  timer = setTimeout(() => {
    message = "";
    for (const listener of listeners) listener();
  }, 4000);
}

export function Announcer(): React.ReactNode {
  const text = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => message,
  );
  return (
    <div role="status" className="pointer-events-none fixed inset-x-0 bottom-12 z-50 flex justify-center">
      {text !== "" && (
        <span className="rounded-md bg-ink px-3 py-1.5 text-table text-page shadow-lg">{text}</span>
      )}
    </div>
  );
}

/** Copies text and says so; says what to do when the browser refuses. */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    announce(`${what} copied`);
  } catch {
    // The clipboard needs a secure context; a plain http address other than localhost is none.
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("readonly", "");
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    announce(copied ? `${what} copied` : "This browser does not allow copying here");
  }
}
