import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer, readServerConfig } from "@peerscope/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommand } from "../testing/run-command.ts";

const password = "correct horse battery";
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-admin-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const admin = (args: readonly string[], secret = "") =>
  runCommand(["admin", ...args], { PEERSCOPE_DATA: folder }, secret);

describe("peerscope admin", () => {
  it("makes the server admin without whom the server does not listen for others", async () => {
    const config = readServerConfig({
      PEERSCOPE_DATA: folder,
      HOST: "0.0.0.0",
      PORT: "0",
      PEERSCOPE_LOG_LEVEL: "silent",
    });
    await expect(startServer(config)).rejects.toThrow(/^admin-missing: .*peerscope admin create/);
    const made = await admin(["create", "Anna@Example.org", "--name", "Anna"], password);
    expect(made).toEqual({ code: 0, out: "anna@example.org is a server admin", err: "" });
    const server = await startServer(config);
    try {
      const { port } = server;
      const answer = await fetch(`http://127.0.0.1:${port}/api/login`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ email: "anna@example.org", password }),
      });
      expect(answer.status).toBe(200);
      // Beside the running server.
      expect((await admin(["reset-password", "anna@example.org"], "another good password")).code).toBe(0);
      const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
      expect(await status(port, { cookie })).toBe(401);
      const token = await admin(["token", "nightly", "--server-admin", "--days", "1"]);
      expect(await status(port, { authorization: `Bearer ${token.out}` })).toBe(200);
    } finally {
      await server.stop();
    }
  });

  const status = async (port: number, headers: Record<string, string>): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}/api/users`, { headers })).status;

  it("lists users with what they may do, and keeps no secret in the clear", async () => {
    await admin(["create", "anna@example.org"], password);
    await admin(["create", "ben@example.org", "--no-password"]);
    const token = await admin(["token", "nightly", "--project", "default", "--role", "analyst"]);
    expect(token.out).toMatch(/^ps_[\w-]{43}$/);
    expect((await admin(["list"])).out).toBe(
      "anna@example.org  server admin\nben@example.org  server admin; no password",
    );
    for (const name of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, name)).toString("latin1");
      expect(bytes).not.toContain(password);
      expect(bytes).not.toContain(token.out);
    }
  });

  it.each([
    [["create", "anna@example.org"], "short", "password-unusable"],
    [["create", "anna"], password, "query-invalid"],
    [["reset-password", "nobody@example.org"], password, "user-unknown"],
    [["token", "nightly", "--project", "none"], "", "project-unknown"],
  ])("tells why it does not: %j", async (args, secret, code) => {
    const run = await admin(args, secret);
    expect(run).toMatchObject({ code: 1, out: "" });
    expect(run.err).toMatch(new RegExp(`^peerscope: ${code}: `));
  });

  it("refuses a second user of the same address", async () => {
    await admin(["create", "anna@example.org"], password);
    expect((await admin(["create", "ANNA@example.org"], password)).err).toContain("user-exists");
  });

  it.each([
    [[]],
    [["create"]],
    [["paint"]],
    [["list", "x"]],
    [["token", "x"]],
    [["token", "x", "--project", "a", "--role", "king"]],
    [["token", "x", "--server-admin", "--days", "0"]],
    [["create", "a@b.c", "d"]],
  ])("makes nothing for a mistyped command: %j", async (args) => {
    const run = await admin(args);
    expect(run.code).toBe(2);
    expect(existsSync(join(folder, "settings.sqlite"))).toBe(false);
  });
});

describe("commands that ask a server with users", () => {
  it("say that they need a token, and do with the one of PEERSCOPE_TOKEN", async () => {
    await admin(["create", "anna@example.org"], password);
    const token = (await admin(["token", "export", "--project", "default"])).out;
    const config = readServerConfig({ PEERSCOPE_DATA: folder, PORT: "0", PEERSCOPE_LOG_LEVEL: "silent" });
    const server = await startServer(config);
    try {
      const ask = (env: Record<string, string>) =>
        runCommand(["export", "session-1", "--format", "getstats-lines", "--url", server.url], env);
      expect((await ask({})).err).toMatch(/^peerscope: request-refused: login-needed/);
      expect((await ask({ PEERSCOPE_TOKEN: "ps_x" })).err).toMatch(
        /^peerscope: request-refused: api-token-invalid/,
      );
      expect((await ask({ PEERSCOPE_TOKEN: token })).err).toMatch(/^peerscope: export-session-unknown/);
    } finally {
      await server.stop();
    }
  });
});
