import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readServerConfig, startServer, type RunningServer } from "@peerscope/server";
import { erasureReceiptSchema } from "@peerscope/schema/api";
import { runCommand } from "../testing/run-command.ts";

const at = Date.UTC(2026, 3, 5);
let folder = "";
let server: RunningServer;

const start = (): Promise<RunningServer> =>
  startServer(readServerConfig({ PORT: "0", PEERSCOPE_DATA: folder, PEERSCOPE_LOG_LEVEL: "silent" }));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-"));
  server = await start();
  for (const [sessionId, userId] of [
    ["kim-first-0001", "kim"],
    ["kim-second-002", "kim"],
    ["lee-first-0001", "lee"],
  ] as const) {
    const records = [{ kind: "context" as const, at, context: { userId, callId: "c" } }];
    await server.importSession({ sessionId, records, sample: false, createdAt: at });
  }
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("a person is exported and erased at a running server, and one more in its folder when it is stopped", async () => {
  const store = async (): Promise<unknown> => (await fetch(`${server.url}/healthz`)).text();
  await expect.poll(store, { timeout: 30_000 }).toContain('"store":"ok"');
  const url = ["--url", server.url];
  const out = join(folder, "kim.tar.gz");
  expect((await runCommand(["export", "--user", "kim", ...url, "--out", out])).code).toBe(0);
  const names = gunzipSync(readFileSync(out)).toString("latin1");
  for (const name of [
    "sessions/kim-first-0001/log.pslog",
    "sessions/kim-second-002/log.pslog",
    "export.json",
  ])
    expect(names).toContain(name);
  expect(names).not.toContain("lee-first");

  const preview = await runCommand(["erase", "--user", "kim", "--dry-run", ...url]);
  expect([preview.code, preview.out]).toEqual([0, expect.stringMatching(/^would erase 2 sessions: /)]);
  // The store was just started: rows may be erased a moment later.
  const erased = await runCommand(["erase", "--user", "kim", "--json", ...url]);
  const receipt = erasureReceiptSchema.parse(JSON.parse(erased.out));
  expect([receipt.sessions, receipt.selector.kind]).toEqual([2, "user"]);
  const again = await runCommand(["erase", "--receipt", receipt.erasureId ?? "", ...url]);
  expect([again.code, again.out]).toEqual([0, expect.stringMatching(/^erased 2 sessions: /)]);
  expect((await fetch(`${server.url}/api/sessions/kim-first-0001`)).status).toBe(404);

  await server.stop();
  const local = await runCommand(["erase", "--session", "lee-first-0001", "--data", folder]);
  expect([local.code, local.out]).toEqual([0, expect.stringMatching(/^erased 1 session: /)]);
  server = await start();
  expect((await fetch(`${server.url}/api/sessions/lee-first-0001`)).status).toBe(404);
}, 90_000);

test.each([
  [[], "exactly one"],
  [["--user", "a", "--call", "b"], "exactly one"],
  [["--user", ""], "exactly one"],
  [["--user", "a", "--url", "http://127.0.0.1:1", "--data", "x"], "exclude each other"],
])("erase %j is refused before anything is asked", async (args, why) => {
  const { code, err } = await runCommand(["erase", ...args]);
  expect(code).toBe(2);
  expect(err).toContain(why);
});
