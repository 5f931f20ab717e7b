import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));
let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "peerscope-log-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

interface Line {
  readonly level: number;
  readonly msg?: string;
  readonly code?: string;
  readonly reqId?: string;
  readonly route?: string;
  readonly heldBack?: number;
}

/** What a server with this level writes while `use` is at work. */
async function logOf(
  level: string,
  use: (url: string) => Promise<void>,
): Promise<{ text: string; lines: Line[] }> {
  const child = spawn(
    process.execPath,
    [
      "--conditions=@peerscope/source",
      "--import",
      "tsx",
      main,
      "serve",
      "--no-samples",
      "--port",
      "0",
      "--data",
      folder,
    ],
    { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, PEERSCOPE_LOG_LEVEL: level } },
  );
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const ended = new Promise((resolve) => child.once("close", resolve));
  try {
    await expect.poll(() => text, { timeout: 30_000 }).toMatch(/Peerscope is at http/);
    await use(/Peerscope is at (\S+)/.exec(text)?.[1] ?? "");
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
  const lines = text.split("\n").filter((line) => line.startsWith("{"));
  return { text, lines: lines.map((line) => JSON.parse(line) as Line) };
}

/** What may be nowhere in a log. */
const secrets = [
  "ps_secretsecretsecretsecretsecretsecretsecretsecr",
  "pk_00000000000000000000000000000bad",
  "sesame",
];
const personal = ["ann@example.org", "room-of-ann"];

async function useIt(url: string): Promise<void> {
  const [token, key, password] = secrets;
  const json = { "content-type": "application/json", origin: url };
  const asks = [
    fetch(`${url}/api/sessions?user=ann%40example.org&token=${token}`),
    fetch(`${url}/api/sessions/room-of-ann/log?token=${token}`),
    fetch(`${url}/nowhere/${password}?user=ann%40example.org`),
    fetch(`${url}/api/me`, {
      headers: { authorization: `Bearer ${token}`, cookie: `peerscope=${password}` },
    }),
    fetch(`${url}/api/login`, {
      method: "POST",
      headers: json,
      body: JSON.stringify({ email: "ann@example.org", password }),
    }),
    fetch(`${url}/observertc/${key}?callId=room-of-ann&userId=ann%40example.org`, {
      method: "POST",
      body: "{}",
    }),
  ];
  for (const answer of await Promise.all(asks)) await answer.text();
  const hello = JSON.stringify({ type: "hello", wireVersion: 3, sessionId: "session-1", token: key });
  const body = Buffer.alloc(4 + hello.length);
  body.writeUInt32LE(hello.length);
  body.write(hello, 4);
  for (let index = 0; index < 40; index += 1) {
    const answer = await fetch(`${url}/ingest`, { method: "POST", body });
    expect(answer.ok).toBe(false);
    await answer.text();
  }
}

describe("the server's log", () => {
  it("says who is refused, a few times, and nothing that people sent", { timeout: 60_000 }, async () => {
    const { text, lines } = await logOf("info", useIt);
    const refusals = lines.filter(({ msg }) => msg === "ingest refused");
    expect(refusals).toHaveLength(10);
    expect(new Set(refusals.map(({ code }) => code)).size).toBe(1);
    for (const word of [...secrets, ...personal]) expect(text).not.toContain(word);
    expect(lines.filter(({ route }) => route !== undefined)).toEqual([]);
  });

  it(
    "names routes and ids of requests with debug, and no tokens, keys or passwords",
    { timeout: 60_000 },
    async () => {
      const { text, lines } = await logOf("debug", useIt);
      const answered = lines.filter(({ msg }) => msg === "answered");
      expect(answered.map(({ route }) => route)).toContain("/api/sessions/:id/log");
      expect(new Set(answered.map(({ reqId }) => reqId)).size).toBe(answered.length);
      for (const word of secrets) expect(text).not.toContain(word);
    },
  );
});
