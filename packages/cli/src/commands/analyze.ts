import { basename } from "node:path";
import { parseArgs } from "node:util";
import type { Command } from "../command-line.ts";
import { CliError } from "../errors.ts";
import { readInputFile, type Input } from "../input/read-input.ts";
import { analyseInputs } from "../report/analyse-file.ts";
import { readRules } from "../input/rules.ts";
import { explainObservation } from "../report/explain.ts";
import { sourceLines, tellSkipped } from "../report/source-lines.ts";
import { textReport } from "../report/text-report.ts";

/** `peerscope analyze`: says what happened in recorded sessions, from files alone. */
export const analyzeCommand: Command = {
  usage: "analyze <file…> [--json | --explain <observation>] [--thresholds <file>] [--extension <file>]",
  summary: "Says what happened in session logs and recordings of other tools.",
  help: [
    "  <file…>   session logs, rtcstats and chrome://webrtc-internals dumps, ObserveRTC samples, raw getStats",
    "            lines; plain or gzip, told by content",
    "  --json    one JSON document instead of text",
    "  --explain <observation>   the samples behind every finding with this id",
    "  --thresholds <file>       JSON with the thresholds of a project (docs/reference/extend.md)",
    "  --extension <file>        module with observations or metrics of your own; can be repeated",
    "",
    "Several files are several sessions; they are judged together when they belong to one call.",
    "Damage is told on stderr, and what is intact is analysed. Exit code 1 when a file gives nothing.",
  ],
  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        explain: { type: "string" },
        thresholds: { type: "string" },
        extension: { type: "string", multiple: true, default: [] },
      },
    });
    if (positionals.length === 0) throw new CliError("usage-invalid", "analyze needs a file");
    const rules = await readRules(values.thresholds, values.extension);
    const inputs: Input[] = [];
    let failed = false;
    const names = displayNames(positionals);
    for (const [index, path] of positionals.entries()) {
      try {
        const input = await readInputFile(path, names[index] ?? path);
        inputs.push(input);
        tellSkipped(input, path, terminal);
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        terminal.err(`peerscope: ${error.message}`);
        failed = true;
      }
    }
    // One bad file does not lose the others; no file at all has no result.
    if (inputs.length > 0) {
      const report = analyseInputs(inputs, rules);
      const lines =
        values.explain === undefined
          ? values.json
            ? [JSON.stringify(report, null, 2)]
            : [...textReport(report), ...inputs.flatMap(sourceLines)]
          : explainObservation(values.explain, report, inputs, rules);
      for (const line of lines) terminal.out(line);
    }
    return failed ? 1 : 0;
  },
};

/** File names without folders where they differ, as typed where not: session ids come from them. */
function displayNames(paths: readonly string[]): string[] {
  const names = paths.map((path) => basename(path));
  return new Set(names).size === names.length ? names : [...paths];
}
