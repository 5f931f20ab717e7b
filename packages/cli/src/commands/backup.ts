import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { backUp, BackupError, readServerConfig, restore } from "@peerscope/server";
import type { Command } from "../command-line.ts";
import { CliError, type CliErrorCode } from "../errors.ts";

/** `peerscope backup`: copies what cannot be made again, while the server runs or not. */
export const backupCommand: Command = {
  usage: "backup --to DIR [--data DIR]",
  summary: "Copies session logs and settings, also of a running server.",
  help: [
    "  --to DIR     an empty folder, or one that is made",
    "  --data DIR   data folder; else PEERSCOPE_DATA, else .peerscope",
    "",
    "Settings in PostgreSQL and logs in an archive are not in it: they have backups of their own (docs/tasks/back-up.md).",
  ],
  async run(args, terminal) {
    const { values } = parseArgs({
      args: [...args],
      options: { to: { type: "string" }, data: { type: "string" } },
    });
    if (values.to === undefined) throw new CliError("usage-invalid", "--to names the folder of the backup");
    const { dataFolder, settingsUrl, archive } = readServerConfig({
      ...terminal.env,
      ...(values.data === undefined ? {} : { PEERSCOPE_DATA: values.data }),
    });
    const to = resolve(values.to);
    const { logs, bytes } = await told(backUp({ dataFolder, settingsUrl, to, now: Date.now() }));
    terminal.out(`${logs} session logs (${(bytes / 1e6).toFixed(1)} MB) are in ${to}`);
    if (settingsUrl !== null) terminal.out("The settings are in PostgreSQL: back them up with pg_dump");
    if (archive !== null)
      terminal.out("Logs that are in the archive are not in it: the archive is their backup");
    return 0;
  },
};

/** `peerscope restore`: makes a data folder out of a backup. */
export const restoreCommand: Command = {
  usage: "restore --from DIR [--data DIR]",
  summary: "Makes a data folder out of a backup.",
  help: [
    "  --from DIR   what `peerscope backup` wrote",
    "  --data DIR   the new data folder, empty or not there; else PEERSCOPE_DATA, else .peerscope",
    "",
    "The next start lists the logs and makes all rows of the store anew.",
  ],
  async run(args, terminal) {
    const { values } = parseArgs({
      args: [...args],
      options: { from: { type: "string" }, data: { type: "string" } },
    });
    if (values.from === undefined)
      throw new CliError("usage-invalid", "--from names the folder of the backup");
    const { dataFolder } = readServerConfig({
      ...terminal.env,
      ...(values.data === undefined ? {} : { PEERSCOPE_DATA: values.data }),
    });
    const { backup, logs, erased } = await told(restore({ from: resolve(values.from), dataFolder }));
    terminal.out(`${logs} session logs of ${new Date(backup.createdAt).toISOString()} are in ${dataFolder}`);
    if (erased > 0) terminal.out(`${erased} more were left out: their sessions had been erased`);
    if (backup.settings === "postgres") terminal.out("The settings come from a backup of PostgreSQL");
    return 0;
  },
};

const codes = {
  "source-missing": "backup-source-missing",
  "target-used": "backup-target-used",
  incomplete: "backup-incomplete",
  unreadable: "backup-unreadable",
} as const satisfies Record<BackupError["code"], CliErrorCode>;

async function told<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof BackupError ? new CliError(codes[error.code], error.message) : error;
  }
}
