import { fork, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { entryUrl, sourceExecArgv } from "../entry.ts";

/** First message to the store process. */
export interface EngineStart {
  readonly path: string;
  readonly password: string;
  readonly memoryMb: number;
}

/** From the store process. */
export type EngineState = { readonly type: "listening"; readonly port: number };

export interface EngineAddress {
  readonly url: string;
  readonly password: string;
}

export interface EngineChildOptions {
  readonly path: string;
  /** Resident memory in MiB above which it is started again. Queries are stopped at three quarters of it. */
  readonly memoryMb: number;
  /** Its memory is looked at so often, in milliseconds; default 5 s. */
  readonly memoryCheckMs?: number;
  /** The engine answers at this address now. */
  readonly onUp: (address: EngineAddress) => void;
  /** It ended, for this reason; another start follows by itself. */
  readonly onDown: (reason: string) => void;
}

/** The embedded engine in a process of its own, started again whenever it ends. */
export interface EngineChild {
  /** Process id of the engine, for tests that kill it. */
  readonly pid: number | null;
  /** Ends it cleanly; kills it after `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}

const firstPauseMs = 250;
const longestPauseMs = 15_000;
/** Opening the folder takes under a second; a start that hangs is tried again. Ours. */
const startTimeoutMs = 60_000;
/** Memory has to be too large at two looks in a row: a query that has just been stopped is given back by then. Ours. */
const defaultMemoryCheckMs = 5_000;
/** Below the server's own priority, and that of the analysis: a heavy query waits for those who take sessions in, not they for it. Ours. */
const niceness = 10;

export function startEngineChild(options: EngineChildOptions): EngineChild {
  const password = randomBytes(24).toString("base64url");
  let child: ChildProcess | null = null;
  let closing = false;
  let pauseMs = firstPauseMs;
  let restart: NodeJS.Timeout | null = null;

  function start(): void {
    const started = fork(fileURLToPath(entryUrl("engine-process", "./store/")), [], {
      execArgv: sourceExecArgv(),
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    child = started;
    let errors = "";
    started.stderr?.on("data", (chunk: Buffer) => {
      errors = `${errors}${chunk.toString("utf8")}`.slice(-2_000);
    });
    const startTimer = setTimeout(() => started.kill("SIGKILL"), startTimeoutMs);
    const memoryTimer = watchMemory(started, options, (message) => {
      errors += message;
      started.kill("SIGKILL");
    });
    if (started.pid !== undefined) lowerPriority(started.pid);
    started.on("message", (state: EngineState) => {
      clearTimeout(startTimer);
      if (state.type === "listening") options.onUp({ url: `http://127.0.0.1:${state.port}`, password });
      setTimeout(() => {
        if (child === started) pauseMs = firstPauseMs;
      }, 10_000).unref();
    });
    started.on("error", (error) => {
      errors += error.message;
    });
    started.on("exit", (code, signal) => {
      clearTimeout(startTimer);
      clearInterval(memoryTimer);
      if (child === started) child = null;
      if (closing) return;
      options.onDown(
        `ended with ${signal ?? `exit code ${code}`}${errors === "" ? "" : `: ${errors.trim()}`}`,
      );
      restart = setTimeout(start, pauseMs);
      pauseMs = Math.min(longestPauseMs, pauseMs * 2);
    });
    const message: EngineStart = { path: options.path, password, memoryMb: options.memoryMb };
    started.send(message, () => {});
  }

  start();
  return {
    get pid() {
      return child?.pid ?? null;
    },
    async close(timeoutMs) {
      closing = true;
      if (restart !== null) clearTimeout(restart);
      const running = child;
      if (running === null) return;
      const ended = new Promise<void>((resolve) => running.once("exit", () => resolve()));
      running.send("stop", () => {});
      const timer = setTimeout(() => running.kill("SIGKILL"), timeoutMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** Calls `exceeded` once when the process is too large twice in a row. Watches nothing where /proc does not exist. */
function watchMemory(
  process: ChildProcess,
  { memoryMb, memoryCheckMs = defaultMemoryCheckMs }: EngineChildOptions,
  exceeded: (message: string) => void,
): NodeJS.Timeout {
  let before = 0;
  const timer = setInterval(() => {
    const residentMb = residentMemoryMb(process.pid ?? 0);
    if (residentMb > memoryMb && before > memoryMb) {
      clearInterval(timer);
      exceeded(`it took ${residentMb} MiB, PEERSCOPE_STORE_MEMORY_MB is ${memoryMb}`);
    }
    before = residentMb;
  }, memoryCheckMs);
  timer.unref();
  return timer;
}

/** Resident memory of a process in MiB; 0 when it cannot be known. */
function residentMemoryMb(pid: number): number {
  try {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Math.round(Number(line?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, niceness);
  } catch {
    // Where the system does not allow it the store competes as an equal.
  }
}
