/** Characters of a fault that the log is told. Ours: its message, and the lines that say where it was. */
const maxFaultCharacters = 1_000;

/**
 * Does what one client asked for. What the readers did not see coming must not end the process, and everybody else's
 * sessions with it: `onFault` is told what it was, for the server's log.
 */
export function contain(work: () => void, onFault: (fault: string) => void): void {
  try {
    work();
  } catch (error) {
    const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
    onFault(fault.slice(0, maxFaultCharacters));
  }
}
