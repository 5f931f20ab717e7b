// @ts-check
// `npm test`: everything a fresh clone needs, then all suites. The last line is the sum.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureBrowser, ensureFirefox } from "./find-browser.mjs";
import { buildIfStale, installIfStale, requireNode, root } from "./prepare.mjs";

requireNode();
installIfStale();
process.env["CHROME_PATH"] = ensureBrowser();
try {
  process.env["FIREFOX_PATH"] = ensureFirefox();
} catch {
  // The tests that need it fail with what to install; all others can do without.
}
buildIfStale();

const report = join(root, "test-results/vitest.json");
mkdirSync(join(root, "test-results"), { recursive: true });
rmSync(report, { force: true });
const { status } = spawnSync(
  process.execPath,
  [
    join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    "--reporter=default",
    "--reporter=json",
    `--reporter=${join(root, "tools/report-second-attempts.mjs")}`,
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: "inherit" },
);

let [passed, failed, skipped] = [0, 1, 0];
if (existsSync(report)) {
  const result = JSON.parse(readFileSync(report, "utf8"));
  passed = result.numPassedTests;
  // A file that does not load fails as a suite without failing a test.
  const broken = result.testResults.filter(
    (/** @type {{ status: string, assertionResults: { status: string }[] }} */ file) =>
      file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
  ).length;
  failed = result.numFailedTests + broken;
  skipped = result.numPendingTests + result.numTodoTests;
}
if (status !== 0 && failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = status === 0 && failed === 0 && passed > 0 ? 0 : 1;
