import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateSession } from "@peerscope/scenarios";
import { apiErrorSchema } from "@peerscope/schema/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readServerConfig } from "../config.ts";
import { startServer, type RunningServer } from "../server.ts";
import { openServerSettings } from "../settings/first-start.ts";
import { newProject, newPublicKey } from "../settings/new-settings.ts";
import { user } from "../settings/testing/examples.ts";
import { makeApiToken } from "./api-tokens.ts";
import { createPasswordHasher } from "./password-hash.ts";
import { cheap, goodPassword } from "./testing/access-app.ts";
import { routeTable, type Needed } from "./testing/route-table.ts";

/** Everybody who may ask. All roles are in project "one"; `viewerOfOther` has one in "two" only. */
const everybody = [
  "nobody",
  "viewerOfOther",
  "viewer",
  "analyst",
  "admin",
  "serverAdmin",
  "viewerToken",
  "otherToken",
  "expiredToken",
  "revokedToken",
  "disabledUser",
] as const;
type Somebody = (typeof everybody)[number];

let folder = "";
let server: RunningServer;
const headersOf = new Map<Somebody, Record<string, string>>();

const startAt = Date.UTC(2026, 3, 5, 6, 7, 8);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-routes-"));
  const settings = await openServerSettings({ dataFolder: folder, url: null });
  const passwordHash = await createPasswordHasher(cheap).hash(goodPassword);
  for (const projectId of ["one", "two"])
    await settings.createProject(
      newProject(projectId, projectId, startAt),
      newPublicKey(projectId, "page", startAt),
    );
  const person = (name: string, about: Partial<Parameters<typeof user>[0]>): Promise<void> =>
    settings.saveUser(
      user({
        userId: `u_${name}`,
        email: `${name}@example.org`,
        passwordHash,
        isServerAdmin: false,
        roles: {},
        disabledAt: null,
        ...about,
      }),
    );
  await person("viewerOfOther", { roles: { two: "viewer" } });
  for (const role of ["viewer", "analyst", "admin"] as const) await person(role, { roles: { one: role } });
  await person("serverAdmin", { isServerAdmin: true });
  await person("disabledUser", { roles: { one: "admin" } });
  const dayMs = 86_400_000;
  for (const [name, projectId, at, revokedAt] of [
    ["viewerToken", "one", Date.now(), null],
    ["otherToken", "two", Date.now(), null],
    ["expiredToken", "one", Date.now() - 2 * dayMs, null],
    ["revokedToken", "one", Date.now(), Date.now()],
  ] as const) {
    const about = {
      label: name,
      createdBy: "cli:",
      isServerAdmin: false,
      roles: { [projectId]: "viewer" as const },
    };
    const { token, secret } = makeApiToken({ ...about, expiresInDays: 1 }, at);
    await settings.saveApiToken({ ...token, revokedAt });
    headersOf.set(name, { authorization: `Bearer ${secret}` });
  }

  server = await startServer(
    readServerConfig({ PORT: "0", PEERSCOPE_DATA: folder, PEERSCOPE_LOG_LEVEL: "silent" }),
  );
  for (const projectId of ["one", "two"]) {
    const { records } = generateSession({
      seed: 1,
      durationSeconds: 12,
      kind: "good",
      startAt,
      userId: projectId,
      callId: `call-${projectId}`,
    });
    await server.importSession({
      projectId,
      sessionId: `session-${projectId}`,
      records,
      sample: false,
      createdAt: startAt,
    });
  }
  for (const name of [
    "viewerOfOther",
    "viewer",
    "analyst",
    "admin",
    "serverAdmin",
    "disabledUser",
  ] as const) {
    const answer = await fetch(`${server.url}/api/login`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: server.url },
      body: JSON.stringify({ email: `${name}@example.org`, password: goodPassword }),
    });
    expect(answer.status).toBe(200);
    headersOf.set(name, {
      cookie: answer.headers.get("set-cookie")?.split(";")[0] ?? "",
      origin: server.url,
    });
  }
  await person("disabledUser", { roles: { one: "admin" }, disabledAt: Date.now() });
  await settings.close();
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const plain = (url: string): string => url.replace(/\(.*\)$/, "");

/** An address of the route in project "one". What it changes does not exist, and bodies are empty: nothing is changed. */
function addressOf(url: string, projectId: string): string {
  const values: Record<string, string> = { projectId, file: "peerscope.js", "*": "none.js" };
  const id = url.includes("/calls/") ? `call-${projectId}` : `session-${projectId}`;
  const path = plain(url).replace(/:(\w+)|\*/g, (part, name: string | undefined) =>
    name === "id" ? id : (values[name ?? part] ?? "none"),
  );
  return url.includes(":projectId") ? path : `${path}?project=${projectId}`;
}

async function ask(
  method: string,
  path: string,
  somebody: Somebody,
): Promise<{ readonly status: number; readonly code: string | null; readonly body: string }> {
  const hasBody = ["POST", "PUT", "PATCH", "DELETE"].includes(method);
  const answer = await fetch(server.url + path, {
    method,
    redirect: "manual",
    headers: { ...headersOf.get(somebody), ...(hasBody ? { "content-type": "application/json" } : {}) },
    ...(hasBody ? { body: "{}" } : {}),
  });
  const body = await answer.text();
  const isJson =
    method !== "HEAD" &&
    answer.headers.get("content-type")?.includes("json") === true &&
    answer.status >= 400;
  const parsed = isJson ? apiErrorSchema.safeParse(JSON.parse(body)) : null;
  return { status: answer.status, code: parsed?.success === true ? parsed.data.error.code : null, body };
}

const unknownCodes = ["project-unknown", "session-unknown", "call-unknown"];

/** What keeps somebody out of a route; null: they get in. */
function refusalOf(somebody: Somebody, needed: Needed): string | null {
  if (needed === "public") return null;
  if (somebody === "nobody" || somebody === "disabledUser") return "login-needed";
  if (somebody === "expiredToken" || somebody === "revokedToken") return "api-token-invalid";
  if (needed === "signed-in" || somebody === "serverAdmin") return null;
  if (needed === "server-admin") return "role-missing";
  if (somebody === "viewerOfOther" || somebody === "otherToken") return "unknown";
  const has = { viewer: 0, viewerToken: 0, analyst: 1, admin: 2 }[somebody];
  return has >= { viewer: 0, analyst: 1, admin: 2 }[needed] ? null : "role-missing";
}

describe("every route of the server", () => {
  test("is in the table with who may use it, and the table has no other", () => {
    const declared = server.routes.map(({ method, url, access }): [string, string] => [
      `${method} ${plain(url)}`,
      access.kind === "project" ? access.role : access.kind,
    ]);
    const known = declared.filter(([route]) => !route.startsWith("HEAD "));
    expect(Object.fromEntries(known)).toEqual(routeTable);
    for (const [route, needed] of declared)
      if (route.startsWith("HEAD "))
        expect([route, needed]).toEqual([route, routeTable[route.replace("HEAD", "GET")]]);
  });

  test.each(Object.entries(routeTable))("%s (%s) lets in who may, and nobody else", async (route, needed) => {
    const [method = "", url = ""] = route.split(" ");
    const path = addressOf(url, "one");
    const hasHead =
      method === "GET" && server.routes.some((one) => one.method === "HEAD" && plain(one.url) === url);
    // Whoever logs out is out.
    for (const somebody of route === "POST /api/logout" ? (["nobody"] as const) : everybody) {
      const refusal = refusalOf(somebody, needed);
      const { status, code } = await ask(method, path, somebody);
      const at = [route, somebody, status];
      if (refusal === "unknown")
        expect([...at, unknownCodes.includes(code ?? "")]).toEqual([route, somebody, 404, true]);
      else if (refusal === null)
        expect([
          ...at,
          ["login-needed", "role-missing", "project-unknown", "session-unknown"].includes(code ?? ""),
        ]).toEqual([...at, false]);
      else expect([route, somebody, code]).toEqual([route, somebody, refusal]);
      if (hasHead && refusal !== null)
        expect([route, somebody, (await ask("HEAD", path, somebody)).status]).toEqual(at);
    }
  });

  test.each(
    Object.entries(routeTable).filter(([, needed]) => ["viewer", "analyst", "admin"].includes(needed)),
  )("%s answers about another project as about none", async (route) => {
    const [method = "", url = ""] = route.split(" ");
    const theirs = addressOf(url, "one");
    const none = addressOf(url, "none");
    for (const somebody of ["viewerOfOther", "otherToken"] as const) {
      const [one, other] = [await ask(method, theirs, somebody), await ask(method, none, somebody)];
      expect({ route, ...one }).toEqual({ route, ...other });
    }
  });

  test("lists of one project have nothing of another", async () => {
    for (const [somebody, projectId] of [
      ["viewer", "one"],
      ["viewerOfOther", "two"],
      ["viewerToken", "one"],
    ] as const) {
      await expect
        .poll(async () => (await ask("GET", "/api/sessions", somebody)).body, { timeout: 10_000 })
        .toContain(`session-${projectId}`);
      for (const path of [
        "/api/sessions",
        "/api/project",
        "/api/projects",
        "/api/me",
        `/api/calls/call-${projectId}`,
      ]) {
        const { status, body } = await ask("GET", path, somebody);
        expect([path, status]).toEqual([path, 200]);
        expect(body).not.toContain(projectId === "one" ? "-two" : "-one");
        expect(body).not.toContain(`"projectId":"${projectId === "one" ? "two" : "one"}"`);
      }
      const other = projectId === "one" ? "two" : "one";
      for (const query of [`q=session-${other}`, `call=call-${other}`, `user=${other}`, "live=false"])
        expect((await ask("GET", `/api/sessions?${query}`, somebody)).body).not.toContain(`session-${other}`);
    }
  });
});

describe("tricks with addresses", () => {
  // What is written differently is either the same address with the same rule, or none at all.
  test.each([
    "//api/users",
    "/api//users",
    "/./api/users",
    "/demo/../api/users",
    "/api/users/",
    "/api/users%2f",
    "/api%2fusers",
    "/%61pi/users",
    "/API/users",
    "/api/users;x",
    "/api/users%00",
    "/api/users?x=1#y",
    "/api/users%3f",
    "/sdk/..%2fapi%2fusers",
    "/api/projects/two%2f..%2fone",
    "/api/projects/%74wo/../one",
    "/api/projects/one%00",
    "/api/sessions/session-two%2f..%2fsession-one",
    "/api/sessions?project=one&project=two",
    "/api/sessions?project[]=one",
    "/api/sessions?project=one%00",
  ])("%s shows nothing of project one, nor users, to a viewer of two", async (path) => {
    const { status, body, code } = await askRaw(path, "viewerOfOther");
    expect(body).not.toMatch(/session-one|u_admin|admin@example\.org/);
    if (status === 200) expect(path === "/api/users/" || body.includes("<html") || code === null).toBe(true);
  });

  test.each([
    { "x-original-url": "/api/users" },
    { "x-rewrite-url": "/api/users" },
    { "x-forwarded-path": "/api/users" },
    { "x-forwarded-for": "127.0.0.1" },
    { "x-forwarded-user": "serverAdmin@example.org" },
    { "x-remote-user": "serverAdmin" },
    { "x-http-method-override": "DELETE" },
    { authorization: "Basic c2VydmVyQWRtaW46eA==" },
  ])("%j changes nothing", async (headers) => {
    const answer = await fetch(`${server.url}/api/users`, { headers });
    expect(answer.status).toBe(401);
    const own = headersOf.get("viewer");
    expect((await fetch(`${server.url}/api/users`, { headers: { ...own, ...headers } })).status).toBe(403);
  });

  test("huge headers and two hosts are refused before anything", async () => {
    const many = await fetch(`${server.url}/api/me`, { headers: { cookie: "a=".padEnd(20_000, "b") } });
    expect(many.status).toBe(431);
    const { status } = await askRaw("/api/me", "nobody", "host: localhost\r\nhost: evil.example\r\n");
    expect(status).toBe(403);
  });

  /** Exactly these bytes: fetch would tidy the address up. */
  async function askRaw(
    path: string,
    somebody: Somebody,
    hosts = `host: 127.0.0.1:${server.port}\r\n`,
  ): Promise<{ status: number; body: string; code: string | null }> {
    const { connect } = await import("node:net");
    const headers = Object.entries(headersOf.get(somebody) ?? {})
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("");
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(server.port, "127.0.0.1");
      let received = "";
      socket.setEncoding("utf8");
      socket.on("data", (part) => (received += String(part)));
      socket.on("end", () => resolve(received)).on("error", reject);
      socket.write(
        `GET ${path} HTTP/1.1\r\n${hosts}${headers}accept: application/json\r\nconnection: close\r\n\r\n`,
      );
    });
    const code = /"code":"([a-z-]+)"/.exec(text)?.[1] ?? null;
    return { status: Number(text.split(" ")[1]), body: text, code };
  }
});

test("docs/reference/access.md has the same table", () => {
  const page = readFileSync(new URL("../../../../docs/reference/access.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `([A-Z]+ \/[^`]*)` *\| ([a-z -]+?) *\|/gm)];
  expect(Object.fromEntries(rows.map(([, route, needed]) => [route, needed]))).toEqual(routeTable);
});
