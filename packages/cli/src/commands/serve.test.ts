import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
let folder = "";
const children: ChildProcess[] = [];

beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "peerscope-serve-"))));
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

interface Serving {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Exit code and milliseconds since the call. */
  readonly ended: Promise<{ readonly code: number | null; readonly ms: number }>;
  /** Resolves with the first match of the output; rejects when the process ends before. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>;
}

function serve(...args: string[]): Serving {
  const child = spawn(
    process.execPath,
    ["--conditions=@peerscope/source", "--import", "tsx", main, "serve", "--data", folder, ...args],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  children.push(child);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  let code: number | null | undefined;
  const started = performance.now();
  const ended = new Promise<{ code: number | null; ms: number }>((resolve) =>
    child.once("close", (exit) => resolve({ code: (code = exit), ms: performance.now() - started })),
  );
  return {
    child,
    output: () => output,
    ended,
    async says(pattern) {
      for (;;) {
        const match = pattern.exec(output);
        if (match !== null) return match;
        if (code !== undefined) throw new Error(`ended with ${code}:\n${output}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

describe("peerscope serve", () => {
  it(
    "says where it is, shows the samples once, and stops cleanly on both signals",
    { timeout: 60_000 },
    async () => {
      const first = serve("--port", "0");
      const [, url] = await first.says(/Peerscope is at (http:\/\/127\.0\.0\.1:\d+)/);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      await first.says(/Imported 7 recorded sample calls/);
      const asked = performance.now();
      first.child.kill("SIGTERM");
      expect((await first.ended).code).toBe(0);
      expect(performance.now() - asked).toBeLessThan(6_000);

      const second = serve("--port", "0");
      await second.says(/Peerscope is at/);
      second.child.kill("SIGINT");
      expect((await second.ended).code).toBe(0);
      expect(second.output()).not.toContain("Imported");
    },
  );

  it("imports nothing with --no-samples, then or later", { timeout: 60_000 }, async () => {
    for (const args of [
      ["--port", "0", "--no-samples"],
      ["--port", "0"],
    ]) {
      const run = serve(...args);
      await run.says(/Peerscope is at/);
      await new Promise((resolve) => setTimeout(resolve, 300));
      run.child.kill("SIGTERM");
      expect((await run.ended).code).toBe(0);
      expect(run.output()).not.toContain("Imported");
    }
  });

  it("says that the port is taken, and ends", { timeout: 60_000 }, async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
    const { port } = blocker.address() as AddressInfo;
    const run = serve("--port", String(port), "--no-samples");
    expect((await run.ended).code).toBe(1);
    expect(run.output()).toMatch(/^peerscope: port-in-use: /m);
    blocker.close();
  });
});
