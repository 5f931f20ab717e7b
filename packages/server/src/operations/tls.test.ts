import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { readServerConfig, startServer, type RunningServer } from "../index.ts";
import { readTlsKeys } from "./tls.ts";

let folder = "";
let server: RunningServer;
const file = (name: string): string => join(folder, name);

/** A self-signed certificate for localhost. */
function makeCertificate(name: string, commonName: string): void {
  const { status, stderr } = spawnSync(
    "openssl",
    [
      "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(" "),
      ["-keyout", file(`${name}.key`), "-out", file(`${name}.pem`)],
      ["-subj", `/CN=${commonName}`, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
    ].flat(),
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`openssl: ${stderr}`);
}

function start(name: string): Promise<RunningServer> {
  return startServer(
    readServerConfig({
      PORT: "0",
      PEERSCOPE_DATA: file("data"),
      PEERSCOPE_LOG_LEVEL: "silent",
      PEERSCOPE_TLS_CERT: file(`${name}.pem`),
      PEERSCOPE_TLS_KEY: file(`${name}.key`),
    }),
  );
}

/** Common name of the certificate that the server shows. */
async function shown(): Promise<string> {
  const socket: TLSSocket = connect({ host: "127.0.0.1", port: server.port, rejectUnauthorized: false });
  await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

function get(path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(server.url + path, { headers, rejectUnauthorized: false }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text: string) => (body += text));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    asked.on("error", reject).end();
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-tls-"));
  makeCertificate("first", "first");
  makeCertificate("second", "second");
  writeFileSync(file("now.pem"), "");
  copy("first");
  server = await start("now");
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What the server reads becomes this one. */
function copy(name: string): void {
  spawnSync("cp", [file(`${name}.pem`), file("now.pem")]);
  spawnSync("cp", [file(`${name}.key`), file("now.key")]);
}

describe("https without a proxy", () => {
  test("pages and API are there, and http is not", async () => {
    expect(server.url).toMatch(/^https:/);
    expect((await get("/healthz")).status).toBe(200);
    await expect(fetch(`${server.url.replace("https", "http")}/healthz`)).rejects.toThrow();
  });

  test("a session is recorded over wss", async () => {
    const socket = new WebSocket(`${server.url.replace("https", "wss")}/ingest`, {
      rejectUnauthorized: false,
    });
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    const answer = new Promise((resolve) =>
      socket.once("message", (data: Buffer) => resolve(JSON.parse(data.toString()))),
    );
    socket.send(
      JSON.stringify({ type: "hello", wireVersion: 3, sessionId: "tls-session", token: server.ingestKey }),
    );
    expect(await answer).toMatchObject({ type: "welcome", acknowledged: -1 });
    socket.close();
  });

  test("files are read again when asked; what cannot be used changes nothing, and open connections stay", async () => {
    const open = new WebSocket(`${server.url.replace("https", "wss")}/ingest`, { rejectUnauthorized: false });
    await new Promise((resolve, reject) => open.once("open", resolve).once("error", reject));
    expect(await shown()).toBe("first");
    copy("second");
    expect(await shown()).toBe("first");
    server.reloadTls();
    expect(await shown()).toBe("second");
    writeFileSync(file("now.pem"), "nothing");
    server.reloadTls();
    expect(await shown()).toBe("second");
    expect(open.readyState).toBe(WebSocket.OPEN);
    open.close();
  });

  test.each([
    [
      "a certificate that is missing",
      { certFile: "none.pem", keyFile: "first.key" },
      /PEERSCOPE_TLS_CERT.*ENOENT/,
    ],
    ["a key that is missing", { certFile: "first.pem", keyFile: "none.key" }, /PEERSCOPE_TLS_KEY.*ENOENT/],
    ["a key of another certificate", { certFile: "first.pem", keyFile: "second.key" }, /another certificate/],
    ["no PEM", { certFile: "first.key", keyFile: "first.key" }, /first\.key/],
  ])("%s is refused by name", (_what, { certFile, keyFile }, message) => {
    const read = (): unknown => readTlsKeys({ certFile: file(certFile), keyFile: file(keyFile) });
    expect(read).toThrow(/^tls-unusable/);
    expect(read).toThrow(message);
  });
});
