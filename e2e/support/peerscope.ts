import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { projectSchema } from "@peerscope/schema/api";
import { buildIfStale } from "../../tools/prepare.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A real server process of this checkout, on a port of its own. */
export interface PeerscopeProcess {
  /** Origin without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly pid: number;
  readonly ingestKey: string;
  /** Milliseconds from spawn to the first healthy answer. */
  readonly startedInMs: number;
  /** Everything it wrote to stdout and stderr, for failure messages. */
  output(): string;
  /** Kills it as a crash would, and waits until it is gone. */
  kill9(): Promise<void>;
  /** Stops it with SIGTERM; resolves with its exit code. Removes the data folder unless it was given. */
  stop(): Promise<number | null>;
}

export interface PeerscopeOptions {
  /** Default: a new temporary folder, removed on stop. */
  readonly dataDir?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Import the recorded calls (default false). */
  readonly samples?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Builds once when the pages or the command are not there; a test run by `npm test` finds them built. */
export function ensureBuilt(): void {
  if (!existsSync(join(root, "packages/server/static/index.html"))) buildIfStale();
}

/** Starts `peerscope serve` and waits until it is healthy. Throws with its output when it is not within 60 s. */
export async function startPeerscope(options: PeerscopeOptions = {}): Promise<PeerscopeProcess> {
  const { samples = false, env = {} } = options;
  const port = options.port ?? (await freePort());
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "peerscope-e2e-")));
  const url = `http://127.0.0.1:${port}`;
  const began = performance.now();
  const child = spawn(process.execPath, [...command(), "serve", ...(samples ? [] : ["--no-samples"])], {
    cwd: root,
    env: { ...process.env, ...env, HOST: "127.0.0.1", PORT: String(port), PEERSCOPE_DATA: dataDir },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (text: string): void => void (output = (output + text).slice(-100_000));
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  // A test that is cut off leaves no server behind.
  const killWithUs = (): void => void child.kill("SIGKILL");
  process.once("exit", killWithUs);
  child.once("exit", () => process.off("exit", killWithUs));
  const exited = new Promise<number | null>((resolve) => {
    child.once("exit", resolve);
    child.once("error", (error) => (keep(String(error)), resolve(null)));
  });

  let ingestKey: string;
  try {
    await untilHealthy(url, child, () => output);
    ingestKey = projectSchema.parse(await (await fetch(`${url}/api/project`)).json()).ingestKey;
  } catch (error) {
    child.kill("SIGKILL");
    await exited;
    throw error;
  }
  const startedInMs = performance.now() - began;
  const { pid } = child;
  if (pid === undefined) throw new Error(`The server has no process id.\n${output}`);
  const release = async (): Promise<void> => {
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  return {
    url,
    port,
    dataDir,
    pid,
    ingestKey,
    startedInMs,
    output: () => output,
    async kill9() {
      child.kill("SIGKILL");
      await exited;
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      const overdue = setTimeout(() => {
        keep("\nStill running 20 s after SIGTERM; killed.\n");
        child.kill("SIGKILL");
      }, 20_000);
      const code = await exited;
      clearTimeout(overdue);
      await release();
      return code;
    },
  };
}

function command(): string[] {
  const built = join(root, "packages/cli/dist/main.js");
  if (existsSync(built)) return [built];
  return ["--import", "tsx", "--conditions=@peerscope/source", join(root, "packages/cli/src/main.ts")];
}

async function untilHealthy(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(
        `The server ended (${child.exitCode ?? child.signalCode}) before it was healthy.\n${output()}`,
      );
    }
    try {
      const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2_000) });
      await answer.arrayBuffer();
      if (answer.ok) return;
    } catch {
      // Not listening yet.
    }
    if (performance.now() > deadline) throw new Error(`The server was not healthy after 60 s.\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("The system gave no port.");
  return address.port;
}
