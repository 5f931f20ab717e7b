import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { runScenario } from "./run-scenario.ts";
import { scenarios } from "./scenarios.ts";

// `npm run lab -w packages/scenarios -- good-call out/`
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string" }, seconds: { type: "string" } },
});
const [names, out = "lab-recordings"] = positionals;
if (names === undefined) {
  console.error(
    "usage: npm run lab -w packages/scenarios -- <scenario[,scenario…]|all> [folder] [--seed N] [--seconds N]",
  );
  console.error(`scenarios: ${Object.keys(scenarios).join(", ")}`);
  process.exit(2);
}
// npm runs a workspace's script in the workspace; paths are meant from where it was typed.
const folder = resolve(process.env["INIT_CWD"] ?? ".", out);
for (const name of names === "all" ? Object.keys(scenarios) : names.split(",")) {
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
