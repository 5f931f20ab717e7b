import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { sendSession, toImportSessions, type ImportServer } from "@peerscope/interop";
import type { Command } from "../command-line.ts";
import { CliError, cliErrors } from "../errors.ts";
import { connectServer, defaultServerUrl } from "../input/server-connection.ts";
import { hasCode, readInputFile } from "../input/read-input.ts";
import { formatNames, tellSkipped } from "../report/source-lines.ts";
import type { Terminal } from "../terminal.ts";

/** `peerscope import`: brings recordings into a running server. */
export const importCommand: Command = {
  usage: "import <file|folder…> [--url <server>] [--key <ingest key>]",
  summary: "Sends recordings to a running server, which keeps them like sessions of its own.",
  help: [
    "  <file|folder…>   whatever `peerscope analyze` reads; of a folder every recording in it",
    `  --url <server>   default ${defaultServerUrl}`,
    "  --key <key>      ingest key of the project; asked of the server when left out",
    "",
    "Times stay as they were recorded, and every session has the tag `imported`. Importing a recording again adds nothing.",
    "What could not be read is told on stderr. Exit code 1 when something named could not be imported.",
  ],
  async run(args, terminal) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { url: { type: "string", default: defaultServerUrl }, key: { type: "string" } },
    });
    if (positionals.length === 0) throw new CliError("usage-invalid", "import needs a file or a folder");
    const server = await connectServer(values.url, values.key, terminal.env);
    const counts = { sessions: 0, known: 0, failed: 0 };
    for (const path of positionals) {
      try {
        for (const file of await filesOf(path)) await importFile(file, server, terminal, counts);
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        terminal.err(`peerscope: ${error.message}`);
        counts.failed += 1;
        // Every other file would wait for the same.
        if (error.code === "server-unreachable") break;
      }
    }
    const { sessions, known } = counts;
    terminal.out(
      `${sessions} ${sessions === 1 ? "session" : "sessions"} imported${known === 0 ? "" : `, ${known} already there`}`,
    );
    return counts.failed === 0 ? 0 : 1;
  },
};

interface Counts {
  sessions: number;
  known: number;
  failed: number;
}

interface FoundFile {
  readonly path: string;
  /** Lay in a folder: what is no recording is passed over there. */
  readonly isFound: boolean;
}

/** The file, or everything in the folder, in the order of names. Hidden ones are left out. */
async function filesOf(path: string): Promise<FoundFile[]> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new CliError("file-not-found", path);
    throw new CliError(
      "file-unreadable",
      `${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (!isFolder) return [{ path, isFound: false }];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({ path: file, isFound: true }));
}

async function importFile(
  { path, isFound }: FoundFile,
  server: ImportServer,
  terminal: Terminal,
  counts: Counts,
): Promise<void> {
  const name = basename(path);
  const input = await readInputFile(path, name).catch((error: unknown) => {
    if (!(error instanceof CliError)) throw error;
    const isOther = isFound && (error.code === "format-unknown" || error.code === "file-empty");
    terminal.err(isOther ? `peerscope: ${path}: passed over, no recording` : `peerscope: ${error.message}`);
    if (!isOther) counts.failed += 1;
    return null;
  });
  if (input === null) return;
  tellSkipped(input, path, terminal);
  for (const session of toImportSessions(input, name)) {
    const { sessionId, lostRecords, records } = session;
    const result = await sendSession(session, server);
    if (result.outcome === "refused") {
      terminal.err(
        `peerscope: import-refused: ${path}: ${result.code}: ${result.message} ${cliErrors["import-refused"]}`,
      );
      counts.failed += 1;
    } else if (result.outcome === "taken") {
      terminal.err(`peerscope: session-taken: ${path}: ${sessionId}: ${cliErrors["session-taken"]}`);
      counts.failed += 1;
    } else {
      const isSent = result.outcome === "sent";
      counts[isSent ? "sessions" : "known"] += 1;
      const what = isSent ? `${records} records` : "already there";
      terminal.out(`${path}: ${formatNames[input.format]}, session ${sessionId}, ${what}`);
      if (lostRecords > 0)
        terminal.err(
          `peerscope: warning record-too-large: ${path}: ${lostRecords}: ${cliErrors["record-too-large"]}`,
        );
    }
  }
}
