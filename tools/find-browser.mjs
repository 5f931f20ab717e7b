// @ts-check
// Finds a Chromium for the end-to-end tests. Plain JavaScript without dependencies: it runs before `npm install` did.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";

const commands = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];

/**
 * The path of a Chromium or Chrome, or null: CHROME_PATH, then the usual commands on PATH, then the usual places of
 * macOS and Windows.
 * @returns {string | null}
 * @throws {Error} when CHROME_PATH is set and names nothing that can be run: a wish is not silently replaced.
 */
export function findBrowser() {
  const wish = process.env["CHROME_PATH"];
  if (wish) {
    if (!isExecutable(wish))
      throw new Error(`CHROME_PATH is ${wish}, which cannot be run. Correct it or unset it.`);
    return wish;
  }
  return candidates().find(isExecutable) ?? null;
}

/**
 * Like findBrowser, but installs Chromium where that needs no question: as root on Debian and its relatives.
 * @returns {string}
 * @throws {Error} that says what to do on this and other systems.
 */
export function ensureBrowser() {
  const found = findBrowser();
  if (found) return found;
  if (process.platform === "linux" && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    console.log("Installing Chromium …");
    apt("update", "-qq");
    apt("install", "-y", "-qq", "--no-install-recommends", "chromium");
    const installed = findBrowser();
    if (installed) return installed;
  }
  throw new Error(
    [
      "The end-to-end tests need Chromium or Chrome, and none was found.",
      "  Debian:   sudo apt-get update && sudo apt-get install chromium",
      "  Ubuntu:   install the .deb of https://www.google.com/chrome/",
      "  Fedora:   sudo dnf install chromium",
      "  macOS:    brew install --cask google-chrome",
      "  Windows:  winget install Google.Chrome",
      "If it is installed elsewhere, name the executable: CHROME_PATH=/path/to/chrome npm test",
    ].join("\n"),
  );
}

/** @param {string[]} args */
function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status } = spawnSync("apt-get", args, { stdio: ["ignore", "inherit", "inherit"], env });
  if (status !== 0) console.error(`\`apt-get ${args.join(" ")}\` failed (exit code ${status}).`);
}

function candidates() {
  const suffix = process.platform === "win32" ? ".exe" : "";
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const paths = commands.flatMap((command) => folders.map((folder) => join(folder, command + suffix)));
  if (process.platform === "darwin") {
    const roots = ["/Applications", join(process.env["HOME"] ?? "/", "Applications")];
    for (const name of ["Google Chrome", "Chromium"]) {
      paths.push(...roots.map((folder) => `${folder}/${name}.app/Contents/MacOS/${name}`));
    }
  }
  if (process.platform === "win32") {
    for (const variable of ["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"]) {
      const folder = process.env[variable];
      if (!folder) continue;
      paths.push(
        join(folder, "Google/Chrome/Application/chrome.exe"),
        join(folder, "Chromium/Application/chrome.exe"),
      );
    }
  }
  return paths;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
