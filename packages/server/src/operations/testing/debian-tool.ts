import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where tools lie that were unpacked for tests: nothing of the system is changed, and no service is started. */
const cache = fileURLToPath(new URL("../../../../../.cache/debian-tools/", import.meta.url));

/**
 * Path of a program, of the system or out of a Debian package, which is fetched and unpacked when apt is there.
 * @throws Error that says what to install.
 */
export function findDebianTool(name: string, debianPackage: string): string {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", join(cache, debianPackage)];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found !== undefined) return found;
  const unpacked = unpack(name, debianPackage);
  if (unpacked !== null) return unpacked;
  throw new Error(
    `This test needs ${name}. Debian and Ubuntu: sudo apt-get update && sudo apt-get install ${debianPackage}`,
  );
}

function unpack(name: string, debianPackage: string): string | null {
  if (!existsSync("/usr/bin/apt-get")) return null;
  const folder = mkdtempSync(join(tmpdir(), "peerscope-debian-"));
  const run = (command: string, ...args: string[]): boolean =>
    spawnSync(command, args, { cwd: folder, stdio: "ignore", timeout: 60_000 }).status === 0;
  try {
    if (!run("apt-get", "download", debianPackage)) {
      // A machine that never asked has no list of packages.
      if (!run("apt-get", "update", "-qq") || !run("apt-get", "download", debianPackage)) return null;
    }
    const file = readdirSync(folder).find((one) => one.endsWith(".deb"));
    const target = join(cache, debianPackage);
    mkdirSync(target, { recursive: true });
    if (file === undefined || !run("dpkg-deb", "-x", file, target)) return null;
    const path = ["usr/bin", "usr/sbin"].map((at) => join(target, at, name)).find((one) => existsSync(one));
    if (path === undefined) return null;
    const link = join(target, name);
    rmSync(link, { force: true });
    symlinkSync(path, link);
    return link;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
