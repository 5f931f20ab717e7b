import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, mkdtempSync, rmSync, statfsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { createServer } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { healthSchema } from "@peerscope/schema/api";
import { preflight, readServerConfig, type Check, type ServerConfig } from "@peerscope/server";
import type { Command } from "../command-line.ts";
import { cliErrors } from "../errors.ts";
import { hasCode } from "../input/read-input.ts";

/** `peerscope doctor`: whether this machine can run the server, and what to do if not. */
export const doctorCommand: Command = {
  usage: "doctor [--port N] [--host H] [--data DIR]",
  summary: "Checks this machine: Node, build, store, data folder, settings, archive, port, browser, clock.",
  help: [
    "  --port, --host, --data   as for serve",
    "",
    "Exit code 1 when a check fails; warnings do not count.",
  ],
  async run(args, terminal) {
    const { values } = parseArgs({
      args: [...args],
      options: { port: { type: "string" }, host: { type: "string" }, data: { type: "string" } },
    });
    const config = readServerConfig({
      ...terminal.env,
      ...(values.port === undefined ? {} : { PORT: values.port }),
      ...(values.host === undefined ? {} : { HOST: values.host }),
      ...(values.data === undefined ? {} : { PEERSCOPE_DATA: values.data }),
    });
    const checks = [
      checkNode(process.versions.node),
      checkBuild(),
      config.clickhouseUrl === null ? await checkEmbeddedStore() : await checkCluster(config.clickhouseUrl),
      checkDataFolder(config.dataFolder, config.diskReserveBytes),
      ...(await preflight(config, Date.now())),
      await checkPort(config),
      checkBrowser(terminal.env),
      checkClock(Date.now()),
    ];
    for (const { name, state, text, advice } of checks) {
      terminal.out(`${state.padEnd(4)}  ${name.padEnd(11)}  ${text}`);
      if (advice !== null) terminal.out(`                   ${advice}`);
    }
    if (checks.every(({ state }) => state !== "fail")) return 0;
    terminal.err(`peerscope: check-failed: ${cliErrors["check-failed"]}`);
    return 1;
  },
};

const ok = (name: string, text: string): Check => ({ name, state: "ok", text, advice: null });
const warn = (name: string, text: string, advice: string): Check => ({ name, state: "warn", text, advice });
const fail = (name: string, text: string, advice: string): Check => ({ name, state: "fail", text, advice });

/** Node 20.19 is the first with everything that the packages and their dependencies use. */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 20 || (major === 20 && minor >= 19)
    ? ok("node", version)
    : fail("node", version, "Install Node 20.19 or newer from https://nodejs.org");
}

const require = createRequire(import.meta.url);

function checkBuild(): Check {
  const name = "build";
  const advice = "Run `npm run build` in the repository, or `npm start`, which builds what is stale.";
  try {
    const server = dirname(dirname(require.resolve("@peerscope/server")));
    for (const workspace of ["schema", "interop", "observer", "scenarios"])
      require.resolve(`@peerscope/${workspace}`);
    const page = join(server, "static", "index.html");
    return existsSync(page) ? ok(name, "packages and dashboard are built") : fail(name, `no ${page}`, advice);
  } catch (error) {
    return fail(name, error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error), advice);
  }
}

/** In a process of its own: an engine that crashes must not take the check with it. */
async function checkEmbeddedStore(): Promise<Check> {
  const name = "store";
  const advice =
    "Run `npm ci` on this machine: chDB ships a binary for each system. Or set PEERSCOPE_CLICKHOUSE_URL.";
  let serverFolder: string;
  try {
    serverFolder = dirname(dirname(require.resolve("@peerscope/server")));
  } catch {
    return fail(name, "the server package is not built", "Run `npm run build`.");
  }
  const script = `import { query } from "chdb"; process.stdout.write(query("SELECT version()", "TabSeparated"));`;
  const { code, stdout, stderr } = await run(
    process.execPath,
    ["--input-type=module", "-e", script],
    serverFolder,
  );
  return code === 0 && /^\d+\./.test(stdout)
    ? ok(name, `chDB answers, ClickHouse ${stdout.trim()}`)
    : fail(name, `chDB does not load: ${stderr.trim().split("\n").at(-1) ?? `exit code ${code}`}`, advice);
}

async function checkCluster(url: string): Promise<Check> {
  const shown = new URL(url);
  shown.password = "";
  const advice = "Check PEERSCOPE_CLICKHOUSE_URL and that this machine can reach it.";
  try {
    const response = await fetch(new URL("/ping", url), { signal: AbortSignal.timeout(5_000) });
    return response.ok
      ? ok("store", `${shown.href} answers`)
      : fail("store", `${shown.href} answers ${response.status}`, advice);
  } catch (error) {
    return fail(
      "store",
      `${shown.href} does not answer: ${error instanceof Error ? error.message : ""}`,
      advice,
    );
  }
}

/** Ours: above what stays free, less than the first does not last long, and a busy day may fill the second. */
const freeBytes = { fail: 100 * 1024 ** 2, warn: 2 * 1024 ** 3 };

/** Tries the folder, or the nearest one above it that exists; leaves nothing behind. */
export function checkDataFolder(path: string, reserveBytes: number): Check {
  const name = "data folder";
  let folder = path;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    accessSync(folder, constants.R_OK | constants.W_OK);
    rmSync(mkdtempSync(join(folder, ".peerscope-doctor-")), { recursive: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail(
      name,
      `${path}: ${why}`,
      "Make it writable, or choose another with --data or PEERSCOPE_DATA.",
    );
  }
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const text = `${path} is writable, ${(free / 1024 ** 3).toFixed(1)} GiB free`;
  const advice = "Free some space, or choose a folder on another disk.";
  if (free < reserveBytes + freeBytes.fail) return fail(name, text, advice);
  return free < reserveBytes + freeBytes.warn ? warn(name, text, advice) : ok(name, text);
}

/** Whether the server could listen there. A running Peerscope is not a failure. */
export async function checkPort({
  host,
  port,
  tls,
}: Pick<ServerConfig, "host" | "port" | "tls">): Promise<Check> {
  const error = await new Promise<Error | null>((resolve) => {
    const probe = createServer();
    probe.once("error", resolve);
    probe.listen(port, host, () => probe.close(() => resolve(null)));
  });
  if (error === null) return ok("port", port === 0 ? "any free one" : `${host}:${port} is free`);
  const advice = "Choose another with --port or PORT.";
  if (!hasCode(error, "EADDRINUSE")) return fail("port", `${host}:${port}: ${error.message}`, advice);
  const version = await versionOfServer(host, port, tls !== null);
  return version === null
    ? fail("port", `${host}:${port} is taken by another program`, advice)
    : ok("port", `${host}:${port} is taken by a Peerscope ${version} that is running`);
}

/** Version of the Peerscope that answers there; null when it is something else. */
function versionOfServer(host: string, port: number, isHttps: boolean): Promise<string | null> {
  const ask = isHttps ? requestHttps : requestHttp;
  // Its certificate is for the name that people use, and no matter here.
  const options = { host, port, path: "/healthz", timeout: 2_000, rejectUnauthorized: false };
  return new Promise((resolve) => {
    const asked = ask(options, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text: string) => (body = (body + text).slice(0, 10_000)));
      answer.on("end", () => {
        const health = healthSchema.safeParse(parseJson(body));
        resolve(health.success ? health.data.version : null);
      });
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(null));
    asked.on("close", () => resolve(null));
    asked.end();
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Only tests and the lab need a browser. */
export function checkBrowser(env: Readonly<Record<string, string | undefined>>): Check {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = [
    env["CHROME_PATH"] ?? "",
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
  ];
  const found = candidates.find((path) => path !== "" && existsSync(path));
  return found === undefined
    ? warn(
        "browser",
        "no Chromium found",
        "Only tests and the lab need one: apt-get install chromium, or set CHROME_PATH.",
      )
    : ok("browser", found);
}

/** A clock before the time at which this file was written is certainly wrong. */
export function checkClock(now: number): Check {
  const installed = statSync(fileURLToPath(import.meta.url)).mtimeMs;
  const text = new Date(now).toISOString();
  return now < installed - 86_400_000
    ? fail("clock", text, "The clock is behind this installation. Set it: sessions are ordered by it.")
    : ok("clock", text);
}

function run(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"], timeout: 30_000 });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.once("error", (error) => resolve({ code: null, stdout, stderr: error.message }));
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}
