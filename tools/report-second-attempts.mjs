// @ts-check
/**
 * Reporter of Vitest: names at the end what failed and passed when it was tried again, with what it said first. Such a test
 * found a defect, of the product or its own, that shows on a busy machine only.
 *
 * @returns {import("vitest/reporters").Reporter}
 */
export default function reportSecondAttempts() {
  /** @type {string[]} */
  const found = [];
  return {
    onTestCaseResult(test) {
      if (test.diagnostic()?.flaky !== true) return;
      const [first] = test.result().errors ?? [];
      found.push(`${test.module.relativeModuleId} > ${test.fullName}\n    ${first?.message ?? ""}`);
    },
    onTestRunEnd() {
      if (found.length === 0) return;
      process.stdout.write(`\nPassed at the second attempt, to be looked for:\n  ${found.join("\n  ")}\n`);
    },
  };
}
