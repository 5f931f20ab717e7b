import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createCpuQuota } from "./cpu-quota.ts";

/** A folder that looks like the kernel's: what is written into it can be read back. */
let hierarchy = "";
beforeEach(() => {
  hierarchy = mkdtempSync(join(tmpdir(), "peerscope-cgroup-"));
  vi.stubEnv("LAB_CGROUP", hierarchy);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(hierarchy, { recursive: true });
});

function written(file: string): string {
  const [group = ""] = readdirSync(hierarchy).filter((name) => name.startsWith("peerscope-lab-"));
  return readFileSync(join(hierarchy, group, file), "utf8");
}

describe.skipIf(process.platform !== "linux")("CPU quota", () => {
  it("limits in the words of the second version, and takes it back", () => {
    writeFileSync(join(hierarchy, "cgroup.procs"), "");
    const quota = createCpuQuota(process.pid, "a");
    quota.limit(0.22);
    expect(written("cpu.max")).toBe("4400 20000");
    expect(written("cgroup.procs")).not.toBe("");
    quota.limit(null);
    expect(written("cpu.max")).toBe("max 20000");
  });

  it("limits in the words of the first version, thread by thread", () => {
    writeFileSync(join(hierarchy, "cgroup.procs"), "");
    writeFileSync(join(hierarchy, "cpu.cfs_quota_us"), "-1");
    const quota = createCpuQuota(process.pid, "a");
    quota.limit(0.15);
    expect(written("cpu.cfs_period_us")).toBe("20000");
    expect(written("cpu.cfs_quota_us")).toBe("3000");
    expect(Number(written("tasks"))).toBeGreaterThan(0);
    quota.limit(null);
    expect(written("cpu.cfs_quota_us")).toBe("-1");
  });

  it("says what it needs where there are no control groups", () => {
    mkdirSync(join(hierarchy, "something-else"));
    expect(() => createCpuQuota(process.pid, "a")).toThrow(/control groups/);
  });
});
