import { readFileSync } from "node:fs";

/** What a process has used. */
export interface ProcessUsage {
  /** Of all cores, since its start. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** Ticks a second in /proc; Linux shows this many on every architecture. */
const ticksPerSecond = 100;

/** Of another process; null when it is gone or the system has no /proc. */
export function usageOfProcess(pid: number): ProcessUsage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    // The second field (the name) is in brackets and may hold spaces; utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (resident === null) return null;
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
      residentBytes: Number(resident[1]) * 1024,
    };
  } catch {
    return null;
  }
}

/** Of this process, all threads together. */
export function usageOfThisProcess(): ProcessUsage {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage.rss() };
}
