import { generateKeyPairSync } from "node:crypto";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  apiErrorSchema,
  auditPageSchema,
  ingestKeyListSchema,
  ingestKeyViewSchema,
  projectListSchema,
  projectViewSchema,
  savedViewListSchema,
  savedViewSchema,
  sessionNoteListSchema,
  sessionNoteSchema,
} from "@peerscope/schema/api";
import { createAuditWriter } from "../../access/audit.ts";
import { addAuthorization } from "../../access/authorize.ts";
import type { Principal, Role } from "../../access/principal.ts";
import { RequestError, toApiError } from "../../errors.ts";
import { openSettings } from "../open-settings.ts";
import type { Settings } from "../settings.ts";
import { jwtKey, project, publicKey } from "../testing/examples.ts";
import { addSettingsRoutes } from "./settings-routes.ts";

let app: FastifyInstance;
let settings: Settings;
let sessions = 0;

beforeEach(async () => {
  sessions = 0;
  settings = await openSettings({ url: ":memory:" });
  await settings.createProject(
    project({ projectId: "one", name: "One", salt: "salt-of-one" }),
    publicKey({ projectId: "one", keyId: "pk_one" }),
  );
  await settings.createProject(
    project({ projectId: "two", salt: "salt-of-two", createdAt: 2_000 }),
    publicKey({ projectId: "two", keyId: "pk_two" }),
  );
  app = Fastify();
  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof RequestError)) throw error;
    return reply.code(error.status).send(toApiError(error.code, error.message));
  });
  addAuthorization(app, {
    principalOf: ({ headers }) => Promise.resolve(principalOf(String(headers["x-as"]))),
    hasProject: (projectId) => settings.project(projectId) !== null,
  });
  addSettingsRoutes(app, {
    settings,
    audit: createAuditWriter(settings, () => 5_000),
    now: () => 5_000,
    projectIdOfSession: (sessionId) => (sessionId === "session-1" ? "one" : null),
    countSessions: () => Promise.resolve(sessions),
  });
});
afterEach(async () => {
  await app.close();
  await settings.close();
});

/** `root`, or a role in project "one": `viewer`, `analyst:bob`. */
function principalOf(as: string): Principal {
  const [role = "", name = role] = as.split(":");
  const isServerAdmin = role === "root";
  const roles: Record<string, Role> = { viewer: "viewer", analyst: "analyst", admin: "admin" };
  return {
    kind: "user",
    id: `u_${name}`,
    name: `${name}@example.org`,
    isServerAdmin,
    roleIn: (projectId) => (isServerAdmin ? "admin" : projectId === "one" ? (roles[role] ?? null) : null),
  };
}

type Method = "GET" | "POST" | "PATCH" | "DELETE";
async function ask(as: string, method: Method, url: string, payload?: object) {
  const answer = await app.inject({
    method,
    url,
    headers: { "x-as": as },
    ...(payload === undefined ? {} : { payload }),
  });
  const body: unknown = answer.body === "" ? null : answer.json();
  return { status: answer.statusCode, body, text: answer.body };
}
async function refused(as: string, method: Method, url: string, payload?: object): Promise<string> {
  const { body } = await ask(as, method, url, payload);
  const { code, message } = apiErrorSchema.parse(body).error;
  return `${code}: ${message}`;
}

describe("who may do what", () => {
  const view = { name: "v", url: "/sessions" };
  const table: readonly [Method, string, object | undefined, "viewer" | "analyst" | "admin" | "root"][] = [
    ["GET", "/api/projects/one", undefined, "viewer"],
    ["PATCH", "/api/projects/one", { name: "x" }, "admin"],
    ["POST", "/api/projects", { projectId: "three", name: "x" }, "root"],
    ["DELETE", "/api/projects/one", { projectId: "one" }, "root"],
    ["GET", "/api/projects/one/keys", undefined, "admin"],
    ["POST", "/api/projects/one/keys", { kind: "public", label: "x" }, "admin"],
    ["PATCH", "/api/projects/one/keys/pk_one", { label: "x" }, "admin"],
    ["DELETE", "/api/projects/one/keys/pk_one", undefined, "admin"],
    ["GET", "/api/projects/one/views", undefined, "viewer"],
    ["POST", "/api/projects/one/views", view, "viewer"],
    ["POST", "/api/projects/one/views", { ...view, shared: true }, "analyst"],
    ["GET", "/api/sessions/session-1/notes", undefined, "viewer"],
    ["POST", "/api/sessions/session-1/notes", { at: 1, text: "x" }, "analyst"],
    ["GET", "/api/projects/one/audit", undefined, "admin"],
    ["GET", "/api/audit", undefined, "root"],
  ];
  const ranks = ["viewer", "analyst", "admin", "root"];

  test.each(table)("%s %s %j: %s and above", async (method, url, payload, least) => {
    for (const as of ranks) {
      if (ranks.indexOf(as) >= ranks.indexOf(least)) {
        const { status } = await ask(as, method, url, payload);
        expect([as, status < 300]).toEqual([as, true]);
        return;
      }
      expect(await refused(as, method, url, payload)).toMatch(/^role-missing/);
    }
  });

  test.each(table.filter(([, url]) => url.includes("/one")))(
    "%s %s: the project of others does not exist",
    async (method, url, payload) => {
      const elsewhere = url.replace("/one", "/two");
      const said = await refused("admin", method, elsewhere, payload);
      expect(said).toMatch(least(method, url) === "root" ? /^role-missing/ : /^project-unknown/);
      if (least(method, url) !== "root")
        expect(await refused("admin", method, url.replace("/one", "/none"), payload)).toBe(said);
    },
  );
  const least = (method: Method, url: string): string =>
    table.find(([asked, path]) => asked === method && path === url)?.[3] ?? "";

  test("a key, view or note of another project is not reached through one's own", async () => {
    expect(await refused("admin", "PATCH", "/api/projects/one/keys/pk_two", { label: "x" })).toMatch(
      /^ingest-key-unknown/,
    );
    expect(await refused("admin", "DELETE", "/api/projects/one/keys/pk_two")).toMatch(/^ingest-key-unknown/);
    expect(settings.ingestKey("pk_two")?.revokedAt).toBeNull();
    const made = await ask("root", "POST", "/api/projects/two/views", { name: "v", url: "/", shared: true });
    const { viewId } = savedViewSchema.parse(made.body);
    expect(await refused("admin", "DELETE", `/api/projects/one/views/${viewId}`)).toMatch(/^view-unknown/);
    expect(await refused("admin", "GET", "/api/sessions/session-2/notes")).toMatch(/^session-unknown/);
    expect(await refused("admin", "GET", "/api/sessions/..%2F..%2Fprojects/notes")).toMatch(
      /^session-unknown/,
    );
  });
});

describe("projects", () => {
  test("one sees those that one may see", async () => {
    const list = async (as: string) =>
      projectListSchema
        .parse((await ask(as, "GET", "/api/projects")).body)
        .projects.map(({ projectId, role }) => [projectId, role]);
    expect(await list("root")).toEqual([
      ["one", "admin"],
      ["two", "admin"],
    ]);
    expect(await list("viewer")).toEqual([["one", "viewer"]]);
    expect(await list("nobody")).toEqual([]);
  });

  test("a new one has a key, and its id is taken from then on", async () => {
    const made = await ask("root", "POST", "/api/projects", { projectId: "three", name: " Three " });
    expect(made.status).toBe(201);
    expect(projectViewSchema.parse(made.body)).toMatchObject({
      name: "Three",
      role: "admin",
      createdAt: 5_000,
    });
    expect(settings.ingestKeysOf("three")).toHaveLength(1);
    const again = await refused("root", "POST", "/api/projects", { projectId: "three", name: "x" });
    expect(again).toMatch(/^settings-conflict/);
  });

  test("a change names what changes, the rest stays", async () => {
    const change = {
      retention: { logDays: 30 },
      privacy: { userIds: "hash" },
      limits: { maxSessionHours: 2.5 },
    };
    const { body } = await ask("admin", "PATCH", "/api/projects/one", change);
    const expected = {
      name: "One",
      retention: { logDays: 30, rowDays: null },
      privacy: { ipAddresses: "prefix", deviceLabels: "hash", userIds: "hash" },
      limits: { maxLiveSessions: null, maxBytesPerSecond: null, maxSessionHours: 2.5 },
    };
    expect(projectViewSchema.parse(body)).toMatchObject(expected);
    expect(settings.project("one")).toMatchObject({ ...expected, salt: "salt-of-one" });
    await ask("admin", "PATCH", "/api/projects/one", { retention: { logDays: null } });
    expect(settings.project("one")?.retention).toEqual({ logDays: null, rowDays: null });
  });

  test("thresholds are those that the analysis takes; a wrong one is named with the nearest", async () => {
    const good = { "inbound-loss": {} };
    const said = await refused("admin", "PATCH", "/api/projects/one", { thresholds: good });
    expect(said).toMatch(/^thresholds-invalid: .*inbound-loss: there is no such observation/);
    expect(settings.project("one")?.thresholds).toEqual({});
    const near = await refused("admin", "PATCH", "/api/projects/one", {
      thresholds: { "encoder-overloade": {} },
    });
    expect(near).toContain('Did you mean "encoder-overloaded"?');
    const off = { "encoder-overloaded": { off: true } };
    expect((await ask("admin", "PATCH", "/api/projects/one", { thresholds: off })).status).toBe(200);
    expect(settings.project("one")?.thresholds).toEqual(off);
  });

  test.each([
    [{ projectId: "Three", name: "x" }, "projectId"],
    [{ projectId: "a".repeat(41), name: "x" }, "projectId"],
    [{ projectId: "../x", name: "x" }, "projectId"],
    [{ projectId: "x", name: "  " }, "name"],
    [{ projectId: "x", name: "x".repeat(101) }, "name"],
    [{ projectId: "x", name: "a\0b" }, "name"],
    [{ projectId: "x", name: "x", salt: "mine" }, "salt"],
    [[], "body"],
  ])("refused at creation: %j", async (body, member) => {
    const said = await refused("root", "POST", "/api/projects", body);
    expect(said).toMatch(/^query-invalid/);
    expect(said).toContain(member);
  });

  test.each([
    { retention: { logDays: 0 } },
    { retention: { logDays: 1.5 } },
    { retention: { logDays: 3_651 } },
    { retention: { days: 1 } },
    { privacy: { ipAddresses: "all" } },
    { limits: { maxLiveSessions: -1 } },
    { limits: { maxSessionHours: 1e9 } },
    { salt: "x" },
    { projectId: "two" },
    { thresholds: [] },
    { thresholds: { x: "y".repeat(65_536) } },
  ])("refused as a change: %j", async (change) => {
    const before = settings.project("one");
    expect(await refused("admin", "PATCH", "/api/projects/one", change)).toMatch(/^query-invalid/);
    expect(settings.project("one")).toEqual(before);
  });

  test("is deleted by its id, said twice, when it has no sessions; the last one stays", async () => {
    const remove = (projectId: string) => refused("root", "DELETE", "/api/projects/two", { projectId });
    expect(await remove("one")).toMatch(/^query-invalid/);
    sessions = 3;
    expect(await remove("two")).toMatch(/^project-not-empty/);
    sessions = 0;
    expect((await ask("root", "DELETE", "/api/projects/two", { projectId: "two" })).status).toBe(204);
    expect(settings.project("two")).toBeNull();
    expect(await remove("two")).toMatch(/^project-unknown/);
    expect(await refused("root", "DELETE", "/api/projects/one", { projectId: "one" })).toMatch(
      /^project-needed/,
    );
  });
});

describe("ingest keys", () => {
  const secret = Buffer.alloc(32, 7).toString("base64url");
  const { publicKey: p256, privateKey: p256Private } = generateKeyPairSync("ec", {
    namedCurve: "prime256v1",
  });
  const { publicKey: ed25519 } = generateKeyPairSync("ed25519");
  const { publicKey: p384 } = generateKeyPairSync("ec", { namedCurve: "secp384r1" });
  const { publicKey: rsa } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const pem = (key: typeof p256): string => key.export({ type: "spki", format: "pem" }).toString();
  const pemOfPrivate = p256Private.export({ type: "pkcs8", format: "pem" }).toString();
  const create = (body: object) => ask("admin", "POST", "/api/projects/one/keys", body);

  test("a public one: made, changed, revoked once", async () => {
    const body = {
      kind: "public",
      label: "page",
      allowedOrigins: ["https://a.example", "https://*.b.example:8443"],
    };
    const key = ingestKeyViewSchema.parse((await create(body)).body);
    expect(key).toMatchObject({ ...body, projectId: "one", createdAt: 5_000, revokedAt: null });
    expect(key.keyId).toMatch(/^pk_[0-9a-f]{32}$/);
    const path = `/api/projects/one/keys/${key.keyId}`;
    await ask("admin", "PATCH", path, { allowedOrigins: [] });
    expect(settings.ingestKey(key.keyId)).toMatchObject({ label: "page", allowedOrigins: [] });
    const list = async () =>
      ingestKeyListSchema.parse((await ask("admin", "GET", "/api/projects/one/keys")).body).keys;
    expect((await list()).map(({ keyId }) => keyId)).toEqual(["pk_one", key.keyId]);
    expect(ingestKeyViewSchema.parse((await ask("admin", "DELETE", path)).body).revokedAt).toBe(5_000);
    expect((await list()).map(({ keyId }) => keyId)).toEqual(["pk_one"]);
    await settings.changeIngestKey("one", key.keyId, (before) => ({ ...before, revokedAt: 9 }));
    expect(ingestKeyViewSchema.parse((await ask("admin", "DELETE", path)).body).revokedAt).toBe(9);
  });

  test.each([
    ["HS256", secret],
    ["ES256", pem(p256)],
    ["EdDSA", pem(ed25519)],
  ])("for tokens signed with %s; a secret never comes back", async (algorithm, key) => {
    const made = await create({ kind: "jwt", label: "backend", algorithm, key });
    expect(made.status).toBe(201);
    const shown = ingestKeyViewSchema.parse(made.body);
    expect(shown).toMatchObject({ algorithm, publicKey: algorithm === "HS256" ? null : key });
    expect(settings.ingestKey(shown.keyId)).toMatchObject({ kind: "jwt", algorithm, key });
    const list = await ask("admin", "GET", "/api/projects/one/keys");
    const audit = await ask("admin", "GET", "/api/projects/one/audit");
    const patched = await ask("admin", "PATCH", `/api/projects/one/keys/${shown.keyId}`, { label: "other" });
    for (const { text } of [made, list, audit, patched]) expect(text).not.toContain(secret);
    const origins = { allowedOrigins: ["https://a.example"] };
    expect(await refused("admin", "PATCH", `/api/projects/one/keys/${shown.keyId}`, origins)).toMatch(
      /allowedOrigins/,
    );
  });

  test.each([
    ["HS256", Buffer.alloc(31).toString("base64url")],
    ["HS256", Buffer.alloc(257).toString("base64url")],
    ["HS256", "not base64url!".repeat(4)],
    ["HS256", pem(p256)],
    ["ES256", secret],
    ["ES256", pem(p384)],
    ["ES256", pem(ed25519)],
    ["ES256", pem(rsa)],
    ["ES256", pemOfPrivate],
    ["ES256", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"],
    ["EdDSA", pem(p256)],
    ["none", secret],
  ])("a key that does not go with %s is refused, and not repeated", async (algorithm, key) => {
    const { status, text } = await create({ kind: "jwt", label: "backend", algorithm, key });
    expect(status).toBe(400);
    expect(text).not.toContain(key.slice(30, 80));
    expect(settings.ingestKeysOf("one")).toHaveLength(1);
  });

  test.each([
    "https://a.example/",
    "a.example",
    "https://A.example",
    "https://*",
    "https://a.*",
    "null",
    "*",
    "javascript:x",
    "https://a.example b",
  ])("no origin: %s", async (origin) => {
    const { status } = await create({ kind: "public", label: "x", allowedOrigins: [origin] });
    expect(status).toBe(400);
  });
});

describe("saved views", () => {
  const path = "/api/projects/one/views";
  const create = async (as: string, shared: boolean) =>
    savedViewSchema.parse((await ask(as, "POST", path, { name: "v", url: "/sessions?q=a#x", shared })).body)
      .viewId;
  const seenBy = async (as: string) =>
    savedViewListSchema
      .parse((await ask(as, "GET", path)).body)
      .views.map(({ viewId, own }) => [viewId, own]);

  test("a private one exists for its owner only, whoever asks", async () => {
    const viewId = await create("viewer:anna", false);
    expect(await seenBy("viewer:anna")).toEqual([[viewId, true]]);
    for (const as of ["viewer:bob", "admin", "root"]) {
      expect(await seenBy(as)).toEqual([]);
      expect(await refused(as, "PATCH", `${path}/${viewId}`, { name: "x" })).toMatch(/^view-unknown/);
      expect(await refused(as, "DELETE", `${path}/${viewId}`)).toMatch(/^view-unknown/);
    }
    expect(await refused("viewer:anna", "PATCH", `${path}/${viewId}`, { shared: true })).toMatch(
      /^role-missing/,
    );
    expect((await ask("viewer:anna", "DELETE", `${path}/${viewId}`)).status).toBe(204);
    expect(await settings.auditEntries({ projectId: null, before: null, limit: 10 })).toEqual([]);
  });

  test("a shared one is seen by all, changed by its owner and by project admins", async () => {
    const viewId = await create("analyst:anna", true);
    expect(await seenBy("viewer")).toEqual([[viewId, false]]);
    expect(await refused("analyst:bob", "PATCH", `${path}/${viewId}`, { name: "x" })).toMatch(
      /^role-missing/,
    );
    expect((await ask("admin", "PATCH", `${path}/${viewId}`, { name: "x" })).status).toBe(200);
    expect((await ask("admin", "DELETE", `${path}/${viewId}`)).status).toBe(204);
  });

  test.each([
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "sessions",
    "/a\nb",
    "/a b",
    "",
  ])("leads to no other place: %j", async (url) => {
    expect(await refused("viewer", "POST", path, { name: "v", url })).toMatch(/^query-invalid.*url/);
  });
});

describe("notes", () => {
  const path = "/api/sessions/session-1/notes";
  const create = async (as: string, at: number, text = "froze") =>
    sessionNoteSchema.parse((await ask(as, "POST", path, { at, text })).body).noteId;

  test("by their moment, with who wrote them; changed by the author only, deleted by project admins too", async () => {
    const late = await create("analyst:anna", 20);
    const early = await create("analyst:bob", 10, "  <b>two\nlines</b> ");
    const { notes } = sessionNoteListSchema.parse((await ask("analyst:anna", "GET", path)).body);
    expect(notes).toEqual([
      {
        noteId: early,
        at: 10,
        text: "<b>two\nlines</b>",
        createdByName: "bob@example.org",
        createdAt: 5_000,
        own: false,
      },
      { noteId: late, at: 20, text: "froze", createdByName: "anna@example.org", createdAt: 5_000, own: true },
    ]);
    for (const as of ["analyst:anna", "admin"])
      expect(await refused(as, "PATCH", `${path}/${early}`, { text: "x" })).toMatch(/^role-missing/);
    expect(await refused("analyst:anna", "DELETE", `${path}/${early}`)).toMatch(/^role-missing/);
    expect((await ask("analyst:bob", "PATCH", `${path}/${early}`, { text: "new" })).status).toBe(200);
    expect((await ask("admin", "DELETE", `${path}/${early}`)).status).toBe(204);
    expect((await ask("viewer:anna", "DELETE", `${path}/${late}`)).status).toBe(204);
    expect(await refused("admin", "DELETE", `${path}/${late}`)).toMatch(/^note-unknown/);
    const { text } = await ask("admin", "GET", "/api/projects/one/audit");
    expect(text).not.toContain("lines");
  });

  test.each([
    { at: 1, text: "" },
    { at: -1, text: "x" },
    { at: 1e300, text: "x" },
    { at: 1, text: "x".repeat(4_001) },
    { at: 1, text: "a\0b" },
    { text: "x" },
  ])("refused: %j", async (body) => {
    expect(await refused("analyst", "POST", path, body)).toMatch(/^query-invalid/);
  });
});

describe("the audit log", () => {
  test("says who did what, page by page; a project admin sees their project only", async () => {
    await ask("admin", "PATCH", "/api/projects/one", { name: "New", privacy: { userIds: "hash" } });
    await ask("root", "PATCH", "/api/projects/two", { name: "Other" });
    await ask("admin", "DELETE", "/api/projects/one/keys/pk_one");
    const page = async (as: string, url: string) => auditPageSchema.parse((await ask(as, "GET", url)).body);
    const own = await page("admin", "/api/projects/one/audit");
    expect(own.nextCursor).toBeNull();
    expect(own.entries).toMatchObject([
      {
        action: "key-revoked",
        subject: "pk_one",
        actor: "user:u_admin",
        actorName: "admin@example.org",
        at: 5_000,
      },
      { action: "project-changed", projectId: "one", details: { name: "New", "privacy.userIds": "hash" } },
    ]);
    const first = await page("root", "/api/audit?limit=2");
    const second = await page("root", `/api/audit?limit=2&cursor=${first.nextCursor}`);
    expect([...first.entries, ...second.entries].map(({ projectId }) => projectId)).toEqual([
      "one",
      "two",
      "one",
    ]);
    expect(second.nextCursor).toBeNull();
    for (const query of ["limit=501", "limit=x", "cursor=%27%3B--", "cursor=zz"])
      expect(await refused("root", "GET", `/api/audit?${query}`)).toMatch(/^query-invalid/);
  });
});

test("no answer has a salt or a secret in it", async () => {
  await settings.saveIngestKey(
    jwtKey({ projectId: "one", keyId: "jwt_1", key: "the-secret-of-the-backend" }),
  );
  for (const url of ["/api/projects", "/api/projects/one", "/api/projects/one/keys", "/api/audit"]) {
    const { text } = await ask("root", "GET", url);
    expect(text).not.toMatch(/salt|the-secret/);
  }
});
