import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, startPeerscope, type PeerscopeProcess } from "../../e2e/support/peerscope.ts";
import { cutPower } from "./power-cut.ts";

/** What is ended without a word. */
export type Victim = "server" | "start" | "store" | "worker" | "power";

export interface TortureServer {
  readonly url: string;
  readonly ingestKey: string;
  /** Ends one thing; resolves when the server answers again. */
  end(victim: Victim): Promise<void>;
  /** Waits until the store has all rows and stops it. Returns its exit code. */
  stopWhenWritten(): Promise<number | null>;
  /** Starts it again after a stop. */
  start(): Promise<void>;
  kill(): Promise<void>;
  /** The process of the store; null while there is none. */
  readonly storePid: number | null;
  /** Milliseconds of the slowest start. */
  readonly slowestStartMs: number;
  readonly power: { readonly files: number; readonly bytes: number };
}

export interface TortureServerOptions {
  readonly dataFolder: string;
  readonly random: () => number;
  readonly env?: Readonly<Record<string, string>>;
}

const main = fileURLToPath(new URL("../../packages/cli/dist/main.js", import.meta.url));
const hook = new URL("server-hook.mjs", import.meta.url).href;
/** That long no session has its rows written, and it is said to hang, in milliseconds. */
const rowsWithinMs = 120_000;

export async function startTortureServer({
  dataFolder,
  random,
  env = {},
}: TortureServerOptions): Promise<TortureServer> {
  const port = await freePort();
  const record = `${dataFolder}.syncs`;
  const environment = {
    ...env,
    NODE_OPTIONS: `--import ${hook}`,
    TORTURE_SYNCS: record,
  };
  let slowestStartMs = 0;
  const power = { files: 0, bytes: 0 };
  let server = await start();

  async function start(): Promise<PeerscopeProcess> {
    const started = await startPeerscope({ dataDir: dataFolder, port, env: environment });
    slowestStartMs = Math.max(slowestStartMs, started.startedInMs);
    return started;
  }

  /** A start that does not come to its end. */
  async function startAndKill(): Promise<void> {
    const child = spawn(process.execPath, [main, "serve", "--no-samples"], {
      env: {
        ...process.env,
        ...environment,
        HOST: "127.0.0.1",
        PORT: String(port),
        PEERSCOPE_DATA: dataFolder,
      },
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await pause(100 + random() * 1_000);
    child.kill("SIGKILL");
    await ended;
  }

  return {
    get url() {
      return server.url;
    },
    get ingestKey() {
      return server.ingestKey;
    },
    async end(victim) {
      if (victim === "store") return endProcess(storeOf(server.pid), "SIGKILL");
      if (victim === "worker") return endProcess(server.pid, "SIGUSR2");
      await server.kill9();
      if (victim === "power") {
        const lost = cutPower(dataFolder, record, random);
        power.files += lost.files;
        power.bytes += lost.bytes;
        // The last changes of the catalogue may be lost with the power too.
        if (random() < 0.3)
          for (const end of ["-wal", "-shm"])
            rmSync(join(dataFolder, "logs", `finished.sqlite${end}`), { force: true });
      }
      if (victim === "start") await startAndKill();
      server = await start();
    },
    async stopWhenWritten() {
      let deadline = Date.now() + rowsWithinMs;
      let fewest = Infinity;
      for (let calm = 0; calm < 5;) {
        await pause(300);
        const readiness = (await (await fetch(`${server.url}/readyz`)).json()) as Readiness;
        const { store, analysis } = readiness;
        if (store.sessionsWaiting < fewest) {
          fewest = store.sessionsWaiting;
          deadline = Date.now() + rowsWithinMs;
        }
        if (Date.now() > deadline)
          throw new Error(`rows are still waiting: ${JSON.stringify(readiness)}\n${server.output()}`);
        calm = store.state === "ok" && store.sessionsWaiting === 0 && analysis.lagBytes === 0 ? calm + 1 : 0;
      }
      return server.stop();
    },
    async start() {
      server = await start();
    },
    kill: () => server.kill9(),
    get storePid() {
      return storeOf(server.pid);
    },
    get slowestStartMs() {
      return slowestStartMs;
    },
    power,
  };
}

interface Readiness {
  readonly store: { readonly state: string; readonly sessionsWaiting: number };
  readonly analysis: { readonly lagBytes: number };
}

/** The only child of a server is its store. */
function storeOf(pid: number): number | null {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return Number(children[0]) || null;
}

function endProcess(pid: number | null, signal: NodeJS.Signals): void {
  try {
    if (pid !== null) process.kill(pid, signal);
  } catch {
    // It was about to end by itself.
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
