/**
 * `npm run size`: bytes of the SDK as an app ships it (ESM, minified, gzip -9). Fails above the budget.
 */
import { measureBundle } from "../packages/client/scripts/size.ts";

/** Ours: the step on the way to the 8.0 kB of the full SDK. */
const budgetBytes = 9_000;

const { name, minifiedBytes, gzipBytes } = await measureBundle();
const share = Math.round((100 * gzipBytes) / budgetBytes);
console.log(`${name}: ${minifiedBytes} B minified, ${gzipBytes} B gzip -9 (${share} % of ${budgetBytes} B)`);
if (gzipBytes > budgetBytes) {
  console.error(`The SDK is ${gzipBytes - budgetBytes} B over its budget.`);
  process.exitCode = 1;
}
