/** `npm run bench -- client|wire|observer|interop|server|dashboard|explorer [--json] [--check] [--write]`: what the SDK, the wire, the analysis and the readers cost, beside their peers. */
import { readFileSync, writeFileSync } from "node:fs";
import { benchClient } from "./bench/client.ts";
import { benchDashboard } from "./bench/dashboard.ts";
import { benchExplorer } from "./bench/explorer.ts";
import { isHeld, printFigures, type BenchmarkResult } from "./bench/figures.ts";
import { benchInterop } from "./bench/interop.ts";
import { benchObserver } from "./bench/observer.ts";
import { benchServer } from "./bench/server.ts";
import { benchWire } from "./bench/wire.ts";

const [name = "", ...flags] = process.argv.slice(2);
const isLong = flags.includes("--long");

function numberOf(option: string): number | undefined {
  const found = flags.find((flag) => flag.startsWith(`--${option}=`));
  return found === undefined ? undefined : Number(found.slice(option.length + 3));
}

const benchmarks: Readonly<Record<string, () => Promise<BenchmarkResult>>> = {
  client: benchClient,
  wire: benchWire,
  observer: benchObserver,
  interop: benchInterop,
  dashboard: benchDashboard,
  explorer: () => benchExplorer({ sessions: numberOf("sessions") ?? 1_000_000 }),
  server: () =>
    benchServer({
      clients: numberOf("clients") ?? (isLong ? 5_000 : 300),
      seconds: numberOf("seconds") ?? (isLong ? 600 : 30),
    }),
};

const usage = `npm run bench -- client [options]   time, size and memory of the SDK in Chromium, beside client-monitor-js
npm run bench -- wire [options]     bytes and CPU of the codec, beside the ObserveRTC codecs and JSON
npm run bench -- observer [options] CPU and memory of the analysis, beside observer-js
npm run bench -- interop [options]  how fast recordings of other tools are read
npm run bench -- server [options]   a server under load: CPU, memory, acknowledgements, stored bytes
npm run bench -- dashboard [options] what pages take in Chromium with a million sessions, eight hours, 200 people
npm run bench -- explorer [options] looking for sessions among a million rows of the store

--sessions=N              of explorer; default 1,000,000
--clients=N --seconds=S   of server; default 300 and 30
--long                    of server: 5,000 clients for 600 s
--json   figures for programs
--check  exit code 1 when a bound does not hold
--write  puts the table into docs/reference/benchmarks.md`;

const page = new URL("../docs/reference/benchmarks.md", import.meta.url);

const benchmark = benchmarks[name];
if (
  benchmark === undefined ||
  flags.some((flag) => !/^--(json|check|write|long|sessions=\d+|clients=\d+|seconds=\d+)$/.test(flag))
) {
  console.log(usage);
  process.exitCode = name === "" ? 0 : 2;
} else {
  const result = await benchmark();
  if (flags.includes("--write")) writeTable(result);
  if (flags.includes("--json")) console.log(JSON.stringify(result, null, 2));
  else {
    console.log(`${name}: ${describeRun(result)}\n\n${printFigures(result)}`);
  }
  if (flags.includes("--check") && !result.figures.every(isHeld)) process.exitCode = 1;
}

function describeRun({ browser, node, at }: BenchmarkResult): string {
  return [browser, `Node ${node.slice(1)}`, at.slice(0, 10)].filter(Boolean).join(", ");
}

/** The table stands between two comments that name the benchmark. */
function writeTable(result: BenchmarkResult): void {
  const [begin, end] = [`<!-- ${result.benchmark} -->`, `<!-- end of ${result.benchmark} -->`];
  const [before, rest] = readFileSync(page, "utf8").split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`No place for ${begin} in the page.`);
  const table = `${begin}\n\n${describeRun(result)}:\n\n${printFigures(result)}\n\n${end}`;
  writeFileSync(page, before + table + after);
}
