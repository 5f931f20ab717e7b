import { parseArgs } from "node:util";
import { readServerConfig, startServer, type RunningServer, type ServerConfig } from "@peerscope/server";
import type { Command } from "../command-line.ts";
import { importSamples, planSamples, type SamplePlan } from "../samples/first-start.ts";
import type { ExitCode, Terminal } from "../terminal.ts";

/** A stop that takes longer is cut off. Logs are on disk before they are acknowledged, so nothing is lost by it. */
const stopLimitMs = 5_000;

/** `peerscope serve`: the server and everything it needs, in this process, until a signal. */
export const serveCommand: Command = {
  usage: "serve [--no-samples] [--port N] [--host H] [--data DIR]",
  summary: "Starts the server, the store and the dashboard.",
  help: [
    "  --port N       port to listen on, 0 for any free one; else PORT, else 8080",
    "  --host H       address to listen on; else HOST, else 127.0.0.1",
    "  --data DIR     data folder; else PEERSCOPE_DATA, else .peerscope",
    "  --no-samples   no recorded sample calls in a new data folder",
    "",
    "SIGTERM and SIGINT stop it cleanly within 5 seconds; SIGHUP reads the TLS files again. All settings: docs/reference/server.md",
  ],
  async run(args, terminal) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: "string" },
        host: { type: "string" },
        data: { type: "string" },
        "no-samples": { type: "boolean", default: false },
      },
    });
    const config = readServerConfig({
      ...terminal.env,
      ...(values.port === undefined ? {} : { PORT: values.port }),
      ...(values.host === undefined ? {} : { HOST: values.host }),
      ...(values.data === undefined ? {} : { PEERSCOPE_DATA: values.data }),
    });
    // Listens from here on, so that a Ctrl-C during the start is a clean stop too.
    const signal = nextSignal();
    // Before the server makes the folder: afterwards it is no longer new.
    const plan = values["no-samples"] ? null : planSamples(config.dataFolder);
    const server = await startServer(config);
    return runUntil(signal, server, config, plan, terminal);
  },
};

async function runUntil(
  signal: Promise<void>,
  server: RunningServer,
  config: ServerConfig,
  plan: SamplePlan | null,
  terminal: Terminal,
): Promise<ExitCode> {
  terminal.out(`Peerscope is at ${server.url} (data in ${config.dataFolder}; Ctrl-C stops it)`);
  if (server.isWithoutLogin)
    terminal.out("Only this machine can reach it, and nobody has to log in (docs/tasks/log-in.md)");
  // Without a certificate SIGHUP is what it always is: the terminal has gone.
  if (config.tls !== null) process.on("SIGHUP", () => server.reloadTls());
  let stopping = false;
  const stopped = signal.then(async () => {
    stopping = true;
    const cut = setTimeout(() => {
      terminal.err(`peerscope: the server did not stop within ${stopLimitMs / 1000} s and is cut off`);
      process.exit(1);
    }, stopLimitMs);
    await server.stop();
    clearTimeout(cut);
  });
  if (plan !== null) await importSamples(plan, server, terminal, () => stopping);
  await stopped;
  return 0;
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (): void => {
      if (asked) process.exit(130);
      asked = true;
      resolve();
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}
