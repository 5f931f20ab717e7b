// @ts-check
// Installs and builds what is missing or stale. Plain JavaScript without dependencies: it runs before `npm install` did.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Stops with a sentence when Node is too old to run the build. */
export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(
      `Peerscope needs Node 20.19 or newer; this is ${process.versions.node}. Get it from https://nodejs.org`,
    );
    process.exit(1);
  }
}

/** Installs the dependencies when they are missing or the lock file changed since. */
export function installIfStale() {
  const stamp = join(root, "node_modules", ".peerscope-install");
  const wanted = hash([join(root, "package-lock.json")]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.log("Installing dependencies …");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  writeFileSync(stamp, wanted);
}

/** Builds all packages when any source, manifest or the lock file differs from what was built last. */
export function buildIfStale() {
  const stamp = join(root, "node_modules", ".peerscope-build");
  const wanted = hash(sourceFiles());
  const built =
    existsSync(join(root, "packages/cli/dist/main.js")) &&
    existsSync(join(root, "packages/server/static/index.html"));
  if (built && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.log("Building …");
  run("npm", ["run", "build", "--silent", "--loglevel=error"], { CI: "true" });
  mkdirSync(join(root, "node_modules"), { recursive: true });
  writeFileSync(stamp, wanted);
}

function sourceFiles() {
  const files = ["package-lock.json", "package.json", "tsconfig.base.json"].map((name) => join(root, name));
  for (const name of readdirSync(join(root, "packages"))) {
    const folder = join(root, "packages", name);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isFile()) files.push(join(folder, entry.name));
    }
    for (const path of readdirSync(join(folder, "src"), { recursive: true, encoding: "utf8" })) {
      if (/\.(ts|tsx|css|html|sql|svg)$/.test(path) && !/\.test\.tsx?$/.test(path))
        files.push(join(folder, "src", path));
    }
  }
  return files;
}

/** @param {string[]} files */
function hash(files) {
  const sum = createHash("sha256");
  for (const file of files.sort())
    sum.update(file.slice(root.length)).update("\0").update(readFileSync(file));
  return sum.digest("hex");
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 */
function run(command, args, env = {}) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
    shell: process.platform === "win32",
  });
  if (status !== 0) {
    console.error(
      `\`${command} ${args.join(" ")}\` failed (exit code ${status}). Its output above says why.`,
    );
    process.exit(status ?? 1);
  }
}
