import { statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseTruthFile, type TruthFile } from "@peerscope/scenarios";
import type { Command } from "../command-line.ts";
import { CliError } from "../errors.ts";
import { openFile } from "../input/open-file.ts";
import { evaluateFolder } from "../report/eval-folder.ts";
import { evalText } from "../report/eval-text.ts";

/** `peerscope eval`: holds what the analysis says of recorded calls against what was done in them. */
export const evalCommand: Command = {
  usage: "eval <folder> [--truth FILE] [--json]",
  summary: "Judges the analysis by recorded calls of which the truth is known.",
  help: [
    "  <folder>       holds one folder a call, each with events.jsonl and getstats.jsonl, plain or .gz",
    "  --truth FILE   what was done in them and what must be said; <folder>/truth.json when left out",
    "  --json         one JSON document instead of text",
    "",
    "Exit code 1 when a verdict is wrong, something was raised where nothing was done, or a call cannot be read.",
  ],
  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: "boolean", default: false }, truth: { type: "string" } },
    });
    const [folder, ...more] = positionals;
    if (folder === undefined || more.length > 0) throw new CliError("usage-invalid", "eval needs one folder");
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new CliError("folder-not-found", folder);
    const report = evaluateFolder(folder, await readTruth(values.truth ?? join(folder, "truth.json")));
    for (const line of values.json ? [JSON.stringify(report, null, 2)] : evalText(report)) terminal.out(line);
    const wrong =
      report.totals.some(({ right, judgements, falseAlarms }) => right < judgements || falseAlarms > 0) ||
      report.results.length === 0 ||
      report.notJudged.some(({ isFailure }) => isFailure);
    return wrong ? 1 : 0;
  },
};

async function readTruth(path: string): Promise<TruthFile> {
  const text = new TextDecoder().decode(await openFile(path));
  try {
    return parseTruthFile(text);
  } catch (error) {
    throw new CliError("truth-invalid", `${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
