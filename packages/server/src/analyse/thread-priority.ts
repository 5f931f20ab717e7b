import { readlinkSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

/**
 * Lets the thread that calls it run behind the others of the process when there are more of them than cores. Only Linux knows
 * priorities of threads: elsewhere nothing happens.
 * @param steps of the scale on which 0 is what a process begins with and 19 the last.
 * @returns false when it could not be done; nothing depends on it but how long others wait.
 */
export function lowerThreadPriority(steps: number): boolean {
  try {
    // A call that is not asynchronous is made by the thread itself, so this names it: <process>/task/<thread>.
    const thread = Number(/\d+$/.exec(readlinkSync("/proc/thread-self"))?.[0]);
    if (!Number.isSafeInteger(thread)) return false;
    setPriority(thread, Math.min(19, getPriority(thread) + steps));
    return true;
  } catch {
    return false;
  }
}
