import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Limits how much of a processor a browser gets. */
export interface CpuQuota {
  /** Share of one core for the whole browser; null: as much as it wants. */
  limit(share: number | null): void;
  close(): void;
}

/** Over which time a share is kept, in microseconds: short, so that a starved encoder is late and does not stand still. */
const periodUs = 20_000;

/**
 * A control group of the kernel around a process and its children (Linux, as root): version 1 of the interface
 * with its `cpu` controller, or version 2. `LAB_CGROUP` names the mounted hierarchy when it is elsewhere.
 * @throws Error when there is none, or it may not be used.
 */
export function createCpuQuota(pid: number, name: string): CpuQuota {
  const wish = process.env["LAB_CGROUP"];
  const candidates = wish ? [wish] : ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup"];
  const root = candidates.find((path) => existsSync(join(path, "cgroup.procs")));
  if (root === undefined)
    throw new Error("A CPU limit needs control groups: run as root, or name them with LAB_CGROUP.");
  const isFirstVersion = existsSync(join(root, "cpu.cfs_quota_us"));
  const folder = join(root, `peerscope-lab-${process.pid}-${name}`);
  // Not recursive: on a file system of the kernel Node would try for ever.
  mkdirSync(folder);
  const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
  const adopt = (): void => {
    for (const process of processTree(pid)) {
      if (!isFirstVersion) {
        write("cgroup.procs", String(process));
        continue;
      }
      // Thread by thread: a process with real-time audio threads cannot move as a whole.
      for (const thread of readdirSync(`/proc/${process}/task`))
        try {
          write("tasks", thread);
        } catch {
          // It has ended, or is one of those real-time threads.
        }
    }
  };
  return {
    limit(share) {
      const quota = share === null ? null : Math.round(share * periodUs);
      if (isFirstVersion) {
        write("cpu.cfs_period_us", String(periodUs));
        write("cpu.cfs_quota_us", String(quota ?? -1));
      } else write("cpu.max", `${quota ?? "max"} ${periodUs}`);
      adopt();
    },
    close() {
      try {
        rmdirSync(folder);
      } catch {
        // Its last process is still ending; an empty group costs nothing.
      }
    },
  };
}

/** A process and all that descend from it. */
function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      // The name, in parentheses, may hold anything.
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    } catch {
      // It has ended meanwhile.
    }
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}
