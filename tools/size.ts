/**
 * `npm run size`: bytes of the SDK as an app ships it (minified, gzip -9), file by file, and what weighs how much in the main
 * file. Fails above a budget.
 */
import { mainFile, measureBundles, weighSources } from "../packages/client/scripts/size.ts";

/** Ours, in bytes of gzip -9. What an app waits for is the main file; the others follow, the last has all in one. */
const budgets: Readonly<Record<string, number>> = {
  [mainFile]: 6_220,
  "peerscope-surroundings.js": 4_300,
  "peerscope-beside.js": 9_850,
  "peerscope.iife.js": 20_000,
};

const sizes = await measureBundles();
for (const { name, minifiedBytes, gzipBytes } of sizes) {
  const budget = budgets[name];
  const share =
    budget === undefined ? "no budget" : `${Math.round((100 * gzipBytes) / budget)} % of ${budget} B`;
  console.log(
    `${name.padEnd(28)} ${String(minifiedBytes).padStart(6)} B minified ${String(gzipBytes).padStart(6)} B gzip -9 (${share})`,
  );
  if (budget === undefined || gzipBytes > budget) {
    console.error(
      budget === undefined
        ? `${name} needs a budget in tools/size.ts.`
        : `${name} is ${gzipBytes - budget} B over its budget.`,
    );
    process.exitCode = 1;
  }
}
for (const name of Object.keys(budgets)) {
  if (sizes.some((size) => size.name === name)) continue;
  console.error(`${name} was not built.`);
  process.exitCode = 1;
}

console.log(
  `\n${mainFile}: minified bytes by source, and by how much the compressed file is smaller without it`,
);
for (const { source, minifiedBytes, gzipBytes } of weighSources(mainFile)) {
  const name = source.endsWith("/") ? source : `    ${source.split("/").at(-1)}`;
  console.log(`${name.padEnd(28)} ${String(minifiedBytes).padStart(6)} ${String(gzipBytes).padStart(6)}`);
}
