import type { Kit } from "./surroundings.ts";

/** What blocked the main thread is summed over this, in milliseconds. Ours. */
const periodMs = 5_000;
/** How late a timer comes is looked at this often, in milliseconds. Ours. */
const tickMs = 500;
/** A timer that comes later than this is news, in milliseconds. Ours: two long tasks of 50 ms. */
const lateMs = 100;

/** Watches whether something keeps the main thread from its work, and with it the app from the call. */
export function watchMainThread({ platform: { now, after }, recorder, signal }: Kit): void {
  const { attempt, emit } = recorder;
  let tasks = 0;
  let totalMs = 0;
  let longestMs = 0;
  let timerLateMs = 0;
  let since = now();
  let cancel: (() => void) | undefined;

  function tell(): void {
    const at = now();
    if (at - since < periodMs) return;
    if (tasks || timerLateMs >= lateMs) {
      emit("main-thread-blocked", {
        periodMs: Math.round(at - since),
        tasks,
        totalMs: Math.round(totalMs),
        longestMs: Math.round(longestMs),
        timerLateMs: Math.round(timerLateMs),
      });
    }
    tasks = totalMs = longestMs = timerLateMs = 0;
    since = at;
  }

  function tick(): void {
    const due = now() + tickMs;
    cancel = after(tickMs, () => {
      attempt("main-thread", () => {
        // Browsers hold the timers of a hidden page back.
        if (!document.hidden) timerLateMs = Math.max(timerLateMs, now() - due);
        tell();
      });
      tick();
    });
  }

  // "longtask" is Chromium's alone; others are seen by their timers.
  const observer = globalThis.PerformanceObserver?.supportedEntryTypes?.includes("longtask")
    ? new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) {
          tasks++;
          totalMs += duration;
          longestMs = Math.max(longestMs, duration);
        }
      })
    : undefined;
  // Those from before too.
  observer?.observe({ type: "longtask", buffered: true });
  tick();
  signal.addEventListener("abort", () => {
    cancel?.();
    observer?.disconnect();
  });
}
