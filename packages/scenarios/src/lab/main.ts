import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { matrix } from "./matrix.ts";
import { findScenario, runScenario } from "./run-scenario.ts";
import { scenarios } from "./scenarios.ts";

// `npm run lab -w packages/scenarios -- good-call out/`
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string" },
    seconds: { type: "string" },
    resume: { type: "boolean", default: false },
  },
});
const [wish, out = "lab-recordings"] = positionals;
if (wish === undefined) {
  console.error(
    "usage: npm run lab -w packages/scenarios -- <scenario[,scenario…]|all|matrix> [folder] [--seed N] [--seconds N] [--resume]",
  );
  console.error(`scenarios: ${Object.keys(scenarios).join(", ")}`);
  console.error(`matrix: ${Object.keys(matrix).join(", ")}`);
  process.exit(2);
}
// npm runs a workspace's script in the workspace; paths are meant from where it was typed.
const folder = resolve(process.env["INIT_CWD"] ?? ".", out);
for (const name of namesOf(wish)) {
  if (values.resume && existsSync(join(folder, name, "getstats.jsonl.gz"))) continue;
  const started = performance.now();
  try {
    const { connectedMs, folder: written } = await runScenario(name, folder, {
      ...(values.seed === undefined ? {} : { seed: Number(values.seed) }),
      ...(values.seconds === undefined ? {} : { seconds: Number(values.seconds) }),
    });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const connected = connectedMs === null ? "not connected" : `connected in ${connectedMs.join(" and ")} ms`;
    console.log(`${name}: ${connected}, ${seconds} s, ${written}`);
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
writeTruth();

function namesOf(text: string): string[] {
  if (text === "all") return Object.keys(scenarios);
  if (text === "matrix") return Object.keys(matrix);
  return text.split(",").flatMap((name) => {
    if (findScenario(name) !== undefined || !name.endsWith("*")) return [name];
    const start = name.slice(0, -1);
    return Object.keys({ ...scenarios, ...matrix }).filter((candidate) => candidate.startsWith(start));
  });
}

/** Of what lies in the folder and is known: with it, `peerscope eval` judges the folder. */
function writeTruth(): void {
  const known = Object.entries(matrix).filter(([name]) => existsSync(join(folder, name)));
  if (known.length === 0) return;
  mkdirSync(folder, { recursive: true });
  const captures = Object.fromEntries(known.map(([name, { truth }]) => [name, truth]));
  writeFileSync(
    join(folder, "truth.json"),
    `${JSON.stringify({ format: "peerscope-truth", version: 1, captures }, null, 2)}\n`,
  );
}
