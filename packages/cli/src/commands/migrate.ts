import { parseArgs } from "node:util";
import { migrateStore, readServerConfig } from "@peerscope/server";
import type { Command } from "../command-line.ts";
import { CliError } from "../errors.ts";

/** `peerscope migrate`: brings the tables of the store up to date, or shows the SQL that would. */
export const migrateCommand: Command = {
  usage: "migrate [--url <clickhouse> | --data DIR] [--dry-run]",
  summary: "Brings the tables of the store up to date. A server does it at its start.",
  help: [
    "  --url <clickhouse>   http(s)://user:password@host:port of a ClickHouse; else PEERSCOPE_CLICKHOUSE_URL",
    "  --data DIR           data folder of the embedded store, whose server is stopped; else PEERSCOPE_DATA",
    "  --dry-run            shows the statements and runs none",
    "",
    "PEERSCOPE_CLICKHOUSE_CLUSTER names the cluster to make replicated and distributed tables on.",
  ],
  async run(args, terminal) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        url: { type: "string" },
        data: { type: "string" },
        "dry-run": { type: "boolean", default: false },
      },
    });
    if (values.url !== undefined && values.data !== undefined)
      throw new CliError("usage-invalid", "--url and --data exclude each other");
    const config = readServerConfig({
      ...terminal.env,
      ...(values.url === undefined ? {} : { PEERSCOPE_CLICKHOUSE_URL: values.url }),
      // A data folder on the command line means its own store, whatever the environment says.
      ...(values.data === undefined
        ? {}
        : {
            PEERSCOPE_DATA: values.data,
            PEERSCOPE_CLICKHOUSE_URL: undefined,
            PEERSCOPE_CLICKHOUSE_CLUSTER: undefined,
          }),
    });
    const isDryRun = values["dry-run"];
    const { applied, run, statements } = await migrateStore(config, isDryRun);
    if (isDryRun) for (const statement of statements) terminal.out(`${statement};\n`);
    for (const name of run) terminal.out(`${isDryRun ? "would run" : "ran"} ${name}`);
    terminal.out(
      run.length === 0
        ? `The store is up to date (${applied.length} migrations).`
        : `${applied.length} migrations were there before.`,
    );
    return 0;
  },
};
