/** `npm run bench -- client|wire [--json]`: what the SDK and the wire cost, beside their peers. */
import { benchClient } from "./bench/client.ts";
import { isHeld, printFigures, type BenchmarkResult } from "./bench/figures.ts";
import { benchWire } from "./bench/wire.ts";

const benchmarks: Readonly<Record<string, () => Promise<BenchmarkResult>>> = {
  client: benchClient,
  wire: benchWire,
};

const usage = `npm run bench -- client [--json] [--check]   time, size and memory of the SDK in Chromium, beside client-monitor-js
npm run bench -- wire [--json] [--check]     bytes and CPU of the codec, beside the ObserveRTC codecs and JSON

--json   figures for programs
--check  exit code 1 when a bound does not hold`;

const [name = "", ...flags] = process.argv.slice(2);
const benchmark = benchmarks[name];
if (benchmark === undefined || flags.some((flag) => flag !== "--json" && flag !== "--check")) {
  console.log(usage);
  process.exitCode = name === "" ? 0 : 2;
} else {
  const result = await benchmark();
  if (flags.includes("--json")) console.log(JSON.stringify(result, null, 2));
  else {
    const { browser, node, at } = result;
    console.log([`${name}: ${browser ?? ""} Node ${node}, ${at}`, "", printFigures(result)].join("\n"));
  }
  if (flags.includes("--check") && !result.figures.every(isHeld)) process.exitCode = 1;
}
