import { readFileSync } from "node:fs";
import { adminCommand } from "./commands/admin.ts";
import { analyzeCommand } from "./commands/analyze.ts";
import { backupCommand, restoreCommand } from "./commands/backup.ts";
import { decodeCommand } from "./commands/decode.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { eraseCommand } from "./commands/erase.ts";
import { evalCommand } from "./commands/eval.ts";
import { exportCommand } from "./commands/export.ts";
import { generateCommand } from "./commands/generate.ts";
import { importCommand } from "./commands/import.ts";
import { migrateCommand } from "./commands/migrate.ts";
import { reanalyzeCommand } from "./commands/reanalyze.ts";
import { serveCommand } from "./commands/serve.ts";
import { CliError, cliErrors } from "./errors.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** One subcommand. */
export interface Command {
  /** Synopsis after `peerscope`. */
  readonly usage: string;
  readonly summary: string;
  /** Options and notes, a line each. */
  readonly help: readonly string[];
  run(args: readonly string[], terminal: Terminal): Promise<ExitCode>;
}

const commands: Readonly<Record<string, Command>> = {
  serve: serveCommand,
  analyze: analyzeCommand,
  import: importCommand,
  export: exportCommand,
  reanalyze: reanalyzeCommand,
  migrate: migrateCommand,
  decode: decodeCommand,
  generate: generateCommand,
  erase: eraseCommand,
  eval: evalCommand,
  admin: adminCommand,
  backup: backupCommand,
  restore: restoreCommand,
  doctor: doctorCommand,
};

/**
 * Runs one command line (without `node` and the script). Nothing is thrown: failures are told on `terminal.err`
 * with a code and what to do.
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name, ...rest] = args;
  if (name === "--version" || name === "-v") {
    terminal.out(readVersion());
    return 0;
  }
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const about = commands[rest[0] ?? ""];
    for (const line of about === undefined ? overview() : details(about)) terminal.out(line);
    return name === undefined ? 2 : 0;
  }
  // Own members only: `peerscope constructor` is not a command.
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  try {
    if (command === undefined) throw new CliError("usage-invalid", `unknown command "${name}"`);
    if (rest.includes("--help") || rest.includes("-h")) {
      for (const line of details(command)) terminal.out(line);
      return 0;
    }
    return await command.run(rest, terminal);
  } catch (error) {
    return report(error, terminal);
  }
}

function report(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof CliError) {
    terminal.err(`peerscope: ${error.message}`);
    return error.code === "usage-invalid" ? 2 : 1;
  }
  // parseArgs explains itself well: "Unknown option '--x'".
  if (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
    terminal.err(`peerscope: usage-invalid: ${error.message.split(". ")[0]}: ${cliErrors["usage-invalid"]}`);
    return 2;
  }
  // The server's own errors begin with their code and say what to do.
  if (error instanceof Error && /^Server\w*Error$/.test(error.name)) {
    terminal.err(`peerscope: ${error.message}`);
    return 1;
  }
  terminal.err(error instanceof Error ? (error.stack ?? error.message) : String(error));
  terminal.err(`peerscope: unexpected: ${cliErrors.unexpected}`);
  return 1;
}

function overview(): string[] {
  const width = Math.max(...Object.values(commands).map(({ usage }) => usage.length));
  return [
    "Peerscope: what the people in a WebRTC call heard and saw, and why.",
    "",
    "usage: peerscope <command> [options]",
    "",
    ...Object.values(commands).map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`),
    "",
    "  peerscope <command> --help   options of a command",
    "  peerscope --version          the version",
    "",
    "exit codes: 0 done, 1 a problem was found or the command failed, 2 the command line was wrong",
  ];
}

function details({ usage, summary, help }: Command): string[] {
  return [`usage: peerscope ${usage}`, "", summary, ...(help.length === 0 ? [] : ["", ...help])];
}

/** Version of this package. One folder above both the source and the build. */
function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown";
}
