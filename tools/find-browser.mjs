// @ts-check
// Finds Chromium and Firefox for the end-to-end tests. Plain JavaScript without dependencies: it runs before `npm install` did.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * @typedef {object} BrowserKind
 * @property {string} name
 * @property {string} variable environment variable that names the executable
 * @property {readonly string[]} commands
 * @property {string} debianPackage
 * @property {readonly string[]} macApps `<name>.app/Contents/MacOS/<executable>`, without the first part
 * @property {readonly string[]} windowsPaths below the folders for programs
 * @property {readonly string[]} advice how to install it, one system a line
 */

/** @type {BrowserKind} */
const chromium = {
  name: "Chromium or Chrome",
  variable: "CHROME_PATH",
  commands: ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"],
  debianPackage: "chromium",
  macApps: ["Google Chrome.app/Contents/MacOS/Google Chrome", "Chromium.app/Contents/MacOS/Chromium"],
  windowsPaths: ["Google/Chrome/Application/chrome.exe", "Chromium/Application/chrome.exe"],
  advice: [
    "Debian:   sudo apt-get update && sudo apt-get install chromium",
    "Ubuntu:   install the .deb of https://www.google.com/chrome/",
    "Fedora:   sudo dnf install chromium",
    "macOS:    brew install --cask google-chrome",
    "Windows:  winget install Google.Chrome",
  ],
};

/** @type {BrowserKind} */
const firefox = {
  name: "Firefox",
  variable: "FIREFOX_PATH",
  commands: ["firefox", "firefox-esr"],
  debianPackage: "firefox-esr",
  macApps: ["Firefox.app/Contents/MacOS/firefox"],
  windowsPaths: ["Mozilla Firefox/firefox.exe"],
  advice: [
    "Debian:   sudo apt-get update && sudo apt-get install firefox-esr",
    "Ubuntu:   install the .deb of https://packages.mozilla.org",
    "Fedora:   sudo dnf install firefox",
    "macOS:    brew install --cask firefox",
    "Windows:  winget install Mozilla.Firefox",
  ],
};

/**
 * The path of a Chromium or Chrome, or null: CHROME_PATH, then the usual commands on PATH, then the usual places of
 * macOS and Windows.
 * @returns {string | null}
 * @throws {Error} when CHROME_PATH is set and names nothing that can be run: a wish is not silently replaced.
 */
export function findBrowser() {
  return find(chromium);
}

/**
 * Like findBrowser, but installs Chromium where that needs no question: as root on Debian and its relatives.
 * @returns {string}
 * @throws {Error} that says what to do on this and other systems.
 */
export function ensureBrowser() {
  return ensure(chromium);
}

/**
 * The path of a Firefox, found and installed as ensureBrowser does it; FIREFOX_PATH names another one.
 * @returns {string}
 * @throws {Error} that says what to do on this and other systems.
 */
export function ensureFirefox() {
  return ensure(firefox);
}

/** @param {BrowserKind} kind */
function find(kind) {
  const wish = process.env[kind.variable];
  if (wish) {
    if (!isExecutable(wish))
      throw new Error(`${kind.variable} is ${wish}, which cannot be run. Correct it or unset it.`);
    return wish;
  }
  return candidates(kind).find(isExecutable) ?? null;
}

/** @param {BrowserKind} kind */
function ensure(kind) {
  const found = find(kind);
  if (found) return found;
  if (process.platform === "linux" && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    console.log(`Installing ${kind.debianPackage} …`);
    apt("update", "-qq");
    apt("install", "-y", "-qq", "--no-install-recommends", kind.debianPackage);
    const installed = find(kind);
    if (installed) return installed;
  }
  throw new Error(
    [
      `The end-to-end tests need ${kind.name}, and none was found.`,
      ...kind.advice.map((line) => `  ${line}`),
      `If it is installed elsewhere, name the executable: ${kind.variable}=/path/to/it npm test`,
    ].join("\n"),
  );
}

/** @param {string[]} args */
function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status } = spawnSync("apt-get", args, { stdio: ["ignore", "inherit", "inherit"], env });
  if (status !== 0) console.error(`\`apt-get ${args.join(" ")}\` failed (exit code ${status}).`);
}

/** @param {BrowserKind} kind */
function candidates({ commands, macApps, windowsPaths }) {
  const suffix = process.platform === "win32" ? ".exe" : "";
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const paths = commands.flatMap((command) => folders.map((folder) => join(folder, command + suffix)));
  if (process.platform === "darwin") {
    const roots = ["/Applications", join(process.env["HOME"] ?? "/", "Applications")];
    paths.push(...macApps.flatMap((app) => roots.map((folder) => join(folder, app))));
  }
  if (process.platform === "win32") {
    for (const variable of ["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"]) {
      const folder = process.env[variable];
      if (folder) paths.push(...windowsPaths.map((path) => join(folder, path)));
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
