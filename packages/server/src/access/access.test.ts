import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { meSchema } from "@peerscope/schema/api";
import { demandAdmin } from "./access.ts";
import { codeOf, goodPassword, startAccessApp, type AccessApp } from "./testing/access-app.ts";

let it: AccessApp;
beforeEach(async () => {
  it = await startAccessApp();
});
afterEach(() => it.close());

const actions = async (): Promise<string[]> =>
  (await it.settings.auditEntries({ projectId: null, before: null, limit: 100 })).map(({ action }) => action);

const logIn = (payload: object, headers: Record<string, string> = {}, remoteAddress = "127.0.0.1") =>
  it.ask(null, { method: "POST", url: "/api/login", payload, headers, remoteAddress });

describe("without users, on loopback", () => {
  test("this machine may do everything, and is told so", async () => {
    const me = meSchema.parse((await it.ask(null, { url: "/api/me" })).json());
    expect(me.principal).toMatchObject({ kind: "local", isServerAdmin: true });
    expect(me.projects.map(({ projectId, role }) => [projectId, role])).toEqual([
      ["one", "admin"],
      ["two", "admin"],
    ]);
    expect(me.login).toEqual({ password: false, oidc: false });
    expect(codeOf(await it.ask(null, { method: "POST", url: "/api/projects/one/as-admin" }))).toBe(200);
  });

  test.each([
    { "x-forwarded-for": "203.0.113.9" },
    { "x-forwarded-host": "example.org" },
    { "x-forwarded-proto": "https" },
    { "x-original-url": "/api/me" },
    { "x-rewrite-url": "/api/me" },
    { "x-real-ip": "127.0.0.1" },
    { forwarded: "for=127.0.0.1" },
    { via: "1.1 proxy" },
    { "cf-connecting-ip": "127.0.0.1" },
  ])("what a proxy hands on is not from this machine: %j", async (headers) => {
    expect(codeOf(await it.ask(null, { url: "/api/users", headers }))).toBe("login-needed");
  });

  test("another machine has to log in", async () => {
    for (const remoteAddress of ["10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1"])
      expect(codeOf(await it.ask(null, { url: "/api/users", remoteAddress }))).toBe("login-needed");
    expect(codeOf(await it.ask(null, { url: "/api/users", remoteAddress: "::ffff:127.0.0.1" }))).toBe(200);
  });

  test.each([
    [{ origin: "https://evil.example" }, "origin-not-allowed"],
    [{ origin: "null" }, "origin-not-allowed"],
    [{ origin: "http://127.0.0.1:8081" }, "origin-not-allowed"],
    [{ origin: "http://127.0.0.1:8080.evil.example" }, "origin-not-allowed"],
    [{ origin: "http://127.0.0.1:8080, https://evil.example" }, "origin-not-allowed"],
    [{ origin: "https://127.0.0.1:8080" }, "origin-not-allowed"],
    [{ origin: "http://127.0.0.1:8080" }, 200],
  ])("pages of others change nothing: %j", async (headers, code) => {
    expect(codeOf(await it.ask(null, { method: "POST", url: "/api/projects/one/as-viewer", headers }))).toBe(
      code,
    );
  });

  test.each([
    ["cross-site", "origin-not-allowed"],
    ["same-site", "origin-not-allowed"],
    ["none", "origin-not-allowed"],
    ["same-origin", 200],
  ])("sec-fetch-site %s without origin: %s", async (site, code) => {
    const headers = { host: "127.0.0.1:8080", "sec-fetch-site": site };
    expect(codeOf(await it.app.inject({ method: "POST", url: "/api/projects/one/as-viewer", headers }))).toBe(
      code,
    );
  });

  test("a program that is no browser says neither, and may", async () => {
    const headers = { host: "localhost" };
    expect(codeOf(await it.app.inject({ method: "POST", url: "/api/projects/one/as-viewer", headers }))).toBe(
      200,
    );
  });

  test("ends with the first user, who has to be a server admin that can log in", async () => {
    const add = (payload: object) => it.ask(null, { method: "POST", url: "/api/users", payload });
    expect(codeOf(await add({ email: "a@example.org", name: "A", password: goodPassword }))).toBe(
      "admin-last",
    );
    expect(codeOf(await add({ email: "a@example.org", name: "A", isServerAdmin: true }))).toBe("admin-last");
    expect(
      codeOf(await add({ email: "A@example.org", name: "A", isServerAdmin: true, password: goodPassword })),
    ).toBe(201);
    expect(codeOf(await it.ask(null, { url: "/api/users" }))).toBe("login-needed");
    const cookie = await it.logIn("a@example.org");
    expect(codeOf(await it.ask(cookie, { url: "/api/users" }))).toBe(200);
  });
});

describe("roles", () => {
  test.each([
    ["viewer", [200, "role-missing", "role-missing"]],
    ["analyst", [200, 200, "role-missing"]],
    ["admin", [200, 200, 200]],
    [null, ["project-unknown", "project-unknown", "project-unknown"]],
  ] as const)("%s may: %j; and in another project nothing, as if it did not exist", async (role, codes) => {
    await it.person("somebody", { roles: role === null ? {} : { one: role } });
    const cookie = await it.logIn("somebody@example.org");
    const as = async (projectId: string): Promise<(string | number)[]> => {
      const answers = ["viewer", "analyst", "admin"].map((needed) =>
        it.ask(cookie, { url: `/api/projects/${projectId}/as-${needed}` }),
      );
      return (await Promise.all(answers)).map(codeOf);
    };
    expect(await as("one")).toEqual(codes);
    const none = Array.from({ length: 3 }, () => "project-unknown");
    for (const projectId of ["two", "three", "constructor", "__proto__"])
      expect(await as(projectId)).toEqual(none);
    const [two, three] = await Promise.all(
      ["two", "three"].map((id) => it.ask(cookie, { url: `/api/projects/${id}/as-viewer` })),
    );
    expect(two?.body).toBe(three?.body);
    expect(codeOf(await it.ask(cookie, { url: "/api/users" }))).toBe("role-missing");
  });

  test("a server admin may everything; a project that is gone has nobody", async () => {
    await it.person("root", { isServerAdmin: true });
    const cookie = await it.logIn("root@example.org");
    expect(codeOf(await it.ask(cookie, { url: "/api/projects/two/as-admin" }))).toBe(200);
    expect(codeOf(await it.ask(cookie, { url: "/api/projects/three/as-viewer" }))).toBe("project-unknown");
  });

  test("an admin of a project gives and takes roles there, and there only", async () => {
    await it.person("root", { isServerAdmin: true });
    await it.person("lead", { roles: { one: "admin", two: "viewer" } });
    await it.person("guest", { roles: { two: "analyst" } });
    const lead = await it.logIn("lead@example.org");
    const give = (projectId: string, payload: object) =>
      it.ask(lead, { method: "PUT", url: `/api/projects/${projectId}/members`, payload });
    const given = await give("one", { email: "Guest@example.org", role: "viewer" });
    expect(
      given.json().members.map(({ name, role }: { name: string; role: string }) => [name, role]),
    ).toEqual([
      ["guest", "viewer"],
      ["lead", "admin"],
    ]);
    expect((await it.settings.userById("u_guest"))?.roles).toEqual({ one: "viewer", two: "analyst" });
    expect(codeOf(await give("two", { email: "guest@example.org", role: null }))).toBe("role-missing");
    expect(codeOf(await give("one", { email: "nobody@example.org", role: "viewer" }))).toBe("user-unknown");
    expect(codeOf(await give("one", { email: "guest@example.org", role: "king" }))).toBe("query-invalid");
    await give("one", { email: "guest@example.org", role: null });
    expect((await it.settings.userById("u_guest"))?.roles).toEqual({ two: "analyst" });
    expect((await actions()).slice(0, 2)).toEqual(["role-taken", "role-given"]);
  });

  test("roles given at the same time in two projects are both kept", async () => {
    await it.person("root", { isServerAdmin: true });
    await it.person("guest");
    const root = await it.logIn("root@example.org");
    await Promise.all(
      ["one", "two"].map((projectId) =>
        it.ask(root, {
          method: "PUT",
          url: `/api/projects/${projectId}/members`,
          payload: { email: "guest@example.org", role: "viewer" },
        }),
      ),
    );
    expect((await it.settings.userById("u_guest"))?.roles).toEqual({ one: "viewer", two: "viewer" });
  });
});

describe("logins by password", () => {
  test("a cookie that scripts and other sites cannot use, of which only a hash is kept", async () => {
    await it.person("anna");
    const answer = await logIn({ email: " Anna@Example.org ", password: goodPassword });
    expect(meSchema.parse(answer.json()).principal).toMatchObject({ kind: "user", name: "anna@example.org" });
    const header = String(answer.headers["set-cookie"]);
    expect(header).toMatch(/^peerscope=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/);
    const secret = answer.cookies[0]?.value ?? "";
    expect(await it.settings.loginByHash(secret)).toBeNull();
    expect(await actions()).toEqual(["logged-in"]);
  });

  test("over https the cookie is bound to the host", async () => {
    const safe = await startAccessApp({ publicUrl: new URL("https://calls.example.org"), host: "0.0.0.0" });
    await safe.person("anna");
    const headers = { host: "calls.example.org", origin: "https://calls.example.org" };
    const payload = { email: "anna@example.org", password: goodPassword };
    const answer = await safe.ask(null, { method: "POST", url: "/api/login", payload, headers });
    expect(String(answer.headers["set-cookie"])).toMatch(
      /^__Host-peerscope=[\w-]{43}; .*; Path=\/; .*Secure/,
    );
    const plain = String(answer.headers["set-cookie"]).replace("__Host-", "").split(";")[0] ?? "";
    expect(codeOf(await safe.ask(plain, { url: "/api/tokens", headers }))).toBe("login-needed");
    await safe.close();
  });

  test("every refusal is the same, and leaves a trace without what was typed", async () => {
    await it.person("anna");
    await it.person("gone", { disabledAt: 1 });
    await it.person("oidc", { passwordHash: null });
    const answers = await Promise.all([
      logIn({ email: "anna@example.org", password: "wrong password" }),
      logIn({ email: "nobody@example.org", password: goodPassword }),
      logIn({ email: "gone@example.org", password: goodPassword }),
      logIn({ email: "oidc@example.org", password: goodPassword }),
      logIn({ email: "' OR 1=1 --", password: "' OR 1=1 --" }),
      logIn({ email: "<script>alert(1)</script>", password: "x" }),
    ]);
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(answers.every((answer) => codeOf(answer) === "login-failed")).toBe(true);
    expect(answers.every(({ headers }) => headers["set-cookie"] === undefined)).toBe(true);
    const entries = await it.settings.auditEntries({ projectId: null, before: null, limit: 100 });
    expect(entries.map(({ actor, action }) => [actor, action])).toEqual(
      answers.map(() => ["nobody:", "login-failed"]),
    );
    expect(entries.map(({ subject }) => subject).toSorted()).toEqual([
      "",
      "",
      "",
      "u_anna",
      "u_gone",
      "u_oidc",
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/script|OR 1=1|wrong/);
  });

  test.each([
    [{ email: "a@b.c" }],
    [{ email: "a@b.c", password: 1 }],
    [{ email: ["a@b.c"], password: "x" }],
    [{ email: { $ne: "" }, password: "x" }],
    [{ email: "a@b.c", password: "x".repeat(2_000) }],
    [{ email: "a@b.c", password: "x", isServerAdmin: true }],
    [[]],
  ])("what is no login is refused before any work: %j", async (payload) => {
    const answer = await logIn(payload);
    expect(codeOf(answer)).toBe("query-invalid");
    expect(answer.body).not.toContain("xxx");
  });

  test("guessing is slowed down per account and per address, and a right password is not looked at meanwhile", async () => {
    await it.person("anna");
    const guess = (remoteAddress: string) =>
      logIn({ email: "anna@example.org", password: "wrong password" }, {}, remoteAddress);
    for (let index = 0; index < 5; index += 1)
      expect(codeOf(await guess(`10.0.0.${index}`))).toBe("login-failed");
    const refused = await logIn({ email: "ANNA@example.org ", password: goodPassword }, {}, "10.0.1.1");
    expect(codeOf(refused)).toBe("login-throttled");
    expect(refused.headers["retry-after"]).toBe("1");
    it.clock += 1_000;
    expect(codeOf(await logIn({ email: "anna@example.org", password: goodPassword }))).toBe(200);
    for (let index = 0; index < 20; index += 1)
      await logIn({ email: `guess-${index}@example.org`, password: "wrong password" }, {}, "10.0.2.1");
    expect(codeOf(await logIn({ email: "anna@example.org", password: goodPassword }, {}, "10.0.2.1"))).toBe(
      "login-throttled",
    );
    expect(codeOf(await logIn({ email: "anna@example.org", password: goodPassword }, {}, "10.0.2.2"))).toBe(
      200,
    );
  });

  test("a flood of guesses does not fill the audit log", async () => {
    for (let index = 0; index < 200; index += 1)
      await logIn({ email: `${index}@example.org`, password: "x" }, {}, `10.0.${index}.1`);
    expect((await actions()).length).toBeLessThanOrEqual(60);
    it.clock += 60_000;
    await logIn({ email: "later@example.org", password: "x" });
    expect((await actions()).length).toBeGreaterThan(60);
  });

  test("a login that a page of another site asks for is refused", async () => {
    await it.person("anna");
    const payload = { email: "anna@example.org", password: goodPassword };
    expect(codeOf(await logIn(payload, { origin: "https://evil.example" }))).toBe("origin-not-allowed");
  });

  test("a secret that somebody put into the browser before is worth nothing afterwards", async () => {
    await it.person("anna");
    const planted = `peerscope=${"A".repeat(43)}`;
    const payload = { email: "anna@example.org", password: goodPassword };
    const answer = await it.ask(planted, { method: "POST", url: "/api/login", payload });
    expect(answer.cookies[0]?.value).not.toBe("A".repeat(43));
    expect(codeOf(await it.ask(planted, { url: "/api/tokens" }))).toBe("login-needed");
    const first = `peerscope=${answer.cookies[0]?.value}`;
    expect(codeOf(await it.ask(first, { url: "/api/tokens" }))).toBe(200);
    // The next login ends the one before.
    await it.ask(first, { method: "POST", url: "/api/login", payload });
    expect(codeOf(await it.ask(first, { url: "/api/tokens" }))).toBe("login-needed");
  });

  test("ends twelve hours after the last use, and after thirty days", async () => {
    await it.person("anna");
    const hourMs = 3_600_000;
    const cookie = await it.logIn("anna@example.org");
    for (let hours = 0; hours < 22; hours += 11) {
      it.clock += 11 * hourMs;
      expect(codeOf(await it.ask(cookie, { url: "/api/tokens" }))).toBe(200);
    }
    it.clock += 12 * hourMs;
    expect(codeOf(await it.ask(cookie, { url: "/api/tokens" }))).toBe("login-needed");
    const other = await it.logIn("anna@example.org");
    let days = 0;
    while (codeOf(await it.ask(other, { url: "/api/tokens" })) === 200 && days < 40) {
      it.clock += 6 * hourMs;
      days += 0.25;
    }
    expect(days).toBe(30);
    await it.access.sweep();
    expect(await it.settings.loginByHash(other)).toBeNull();
  });

  test("logging out ends it at the server too", async () => {
    await it.person("anna");
    const cookie = await it.logIn("anna@example.org");
    const out = await it.ask(cookie, { method: "POST", url: "/api/logout" });
    expect(out.statusCode).toBe(204);
    expect(String(out.headers["set-cookie"])).toContain("Max-Age=0");
    expect(codeOf(await it.ask(cookie, { url: "/api/tokens" }))).toBe("login-needed");
    expect(codeOf(await it.ask(null, { method: "POST", url: "/api/logout" }))).toBe(204);
  });

  test("a new password needs the old one, and ends the other logins", async () => {
    await it.person("anna");
    const [here, there] = [await it.logIn("anna@example.org"), await it.logIn("anna@example.org")];
    const change = (current: string, next: string) =>
      it.ask(here, { method: "POST", url: "/api/me/password", payload: { current, next } });
    expect(codeOf(await change("wrong password", "another password"))).toBe("login-failed");
    expect(codeOf(await change(goodPassword, "short"))).toBe("password-unusable");
    expect(codeOf(await it.ask(there, { url: "/api/tokens" }))).toBe(200);
    expect(codeOf(await change(goodPassword, "another password"))).toBe(204);
    expect(codeOf(await it.ask(here, { url: "/api/tokens" }))).toBe(200);
    expect(codeOf(await it.ask(there, { url: "/api/tokens" }))).toBe("login-needed");
    await expect(it.logIn("anna@example.org")).rejects.toThrow("login-failed");
    await it.logIn("anna@example.org", "another password");
  });

  test("cookie bombs and odd cookies let nobody in", async () => {
    await it.person("anna");
    const odd = [
      "peerscope=",
      "peerscope",
      "=",
      ";;;",
      `peerscope=${"x".repeat(4_000)}`,
      "peerscope=%00%ff%zz",
    ];
    for (const cookie of [...odd, Array.from({ length: 500 }, (_, index) => `c${index}=1`).join("; ")])
      expect(codeOf(await it.ask(cookie, { url: "/api/tokens" }))).toBe("login-needed");
  });
});

describe("changes by cookie", () => {
  test.each([
    [{ origin: "https://evil.example" }, "origin-not-allowed"],
    [{ origin: "null" }, "origin-not-allowed"],
    [{ origin: "" }, "origin-not-allowed"],
    [{ "sec-fetch-site": "cross-site" }, "origin-not-allowed"],
    [{ "sec-fetch-site": "same-site" }, "origin-not-allowed"],
    [{}, "origin-not-allowed"],
    [{ "sec-fetch-site": "same-origin" }, 200],
    [{ origin: "http://127.0.0.1:8080" }, 200],
  ])("are taken from own pages only: %j", async (headers, code) => {
    await it.person("anna", { roles: { one: "viewer" } });
    const cookie = await it.logIn("anna@example.org");
    const url = "/api/projects/one/as-viewer";
    const all = { host: "127.0.0.1:8080", cookie, ...headers };
    expect(codeOf(await it.app.inject({ method: "POST", url, headers: all }))).toBe(code);
    expect(codeOf(await it.app.inject({ url, headers: all }))).toBe(200);
  });

  test("a method in a header or the address is no method", async () => {
    await it.person("anna", { roles: { one: "viewer" } });
    const cookie = await it.logIn("anna@example.org");
    const headers = { "x-http-method-override": "DELETE", "x-method-override": "DELETE" };
    const answer = await it.ask(cookie, { url: "/api/projects/one/as-viewer?_method=DELETE", headers });
    expect(answer.json()).toEqual({ role: "viewer" });
  });
});

describe("API tokens", () => {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const asToken = (token: string, url: string, method: "GET" | "POST" = "GET") =>
    it.app.inject({ method, url, headers: { host: "127.0.0.1:8080", ...bearer(token) } });

  async function make(cookie: string, payload: object): Promise<{ token: string; tokenId: string }> {
    const answer = await it.ask(cookie, {
      method: "POST",
      url: "/api/tokens",
      payload: { label: "nightly", expiresInDays: null, ...payload },
    });
    if (answer.statusCode !== 201) throw new Error(String(codeOf(answer)));
    const { token, view } = answer.json<{ token: string; view: { tokenId: string } }>();
    return { token, tokenId: view.tokenId };
  }

  test("may what they were made for, need no origin, and are never shown again", async () => {
    await it.person("lead", { roles: { one: "admin", two: "analyst" } });
    const lead = await it.logIn("lead@example.org");
    const { token } = await make(lead, { roles: { one: "analyst" } });
    expect(token).toMatch(/^ps_[\w-]{43}$/);
    expect(codeOf(await asToken(token, "/api/projects/one/as-analyst", "POST"))).toBe(200);
    expect(codeOf(await asToken(token, "/api/projects/one/as-admin"))).toBe("role-missing");
    expect(codeOf(await asToken(token, "/api/projects/two/as-viewer"))).toBe("project-unknown");
    expect(codeOf(await asToken(token, "/api/users"))).toBe("role-missing");
    const list = await it.ask(lead, { url: "/api/tokens" });
    expect(list.json().tokens).toHaveLength(1);
    expect(list.body).not.toContain(token);
    expect(list.body).not.toMatch(/hash/i);
  });

  test("never more than their maker may, now", async () => {
    const before = await it.person("lead", { roles: { one: "analyst" } });
    const lead = await it.logIn("lead@example.org");
    await expect(make(lead, { roles: { one: "admin" } })).rejects.toThrow("role-missing");
    await expect(make(lead, { roles: { two: "viewer" } })).rejects.toThrow("project-unknown");
    await expect(make(lead, { isServerAdmin: true })).rejects.toThrow("role-missing");
    await expect(make(lead, {})).rejects.toThrow("query-invalid");
    const { token } = await make(lead, { roles: { one: "analyst" } });
    await it.settings.saveUser({ ...before, roles: { one: "viewer" } });
    expect(codeOf(await asToken(token, "/api/projects/one/as-analyst"))).toBe("role-missing");
    expect(codeOf(await asToken(token, "/api/projects/one/as-viewer"))).toBe(200);
    await it.settings.saveUser({ ...before, disabledAt: 5 });
    expect(codeOf(await asToken(token, "/api/projects/one/as-viewer"))).toBe("api-token-invalid");
    await it.settings.deleteUser(before.userId);
    expect(codeOf(await asToken(token, "/api/projects/one/as-viewer"))).toBe("api-token-invalid");
  });

  test("unknown, expired, revoked and misspelt ones are told the same", async () => {
    await it.person("lead", { roles: { one: "admin" } });
    await it.person("other", { roles: { one: "admin" } });
    const lead = await it.logIn("lead@example.org");
    const [expired, revoked] = [
      await make(lead, { roles: { one: "viewer" }, expiresInDays: 1 }),
      await make(lead, { roles: { one: "viewer" } }),
    ];
    const other = await it.logIn("other@example.org");
    const url = `/api/tokens/${revoked.tokenId}`;
    expect(codeOf(await it.ask(other, { method: "DELETE", url }))).toBe("api-token-unknown");
    expect(codeOf(await it.ask(lead, { method: "DELETE", url }))).toBe(204);
    it.clock += 86_400_000;
    const wrong = [
      expired.token,
      revoked.token,
      `ps_${"a".repeat(43)}`,
      "ps_",
      "",
      "x",
      `ps_${"a".repeat(9_000)}`,
    ];
    const answers = await Promise.all(wrong.map((token) => asToken(token, "/api/projects/one/as-viewer")));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(answers.map(codeOf)).toEqual(wrong.map(() => "api-token-invalid"));
    // A token that is no good is not made up for by a cookie.
    const both = { ...bearer("ps_x"), cookie: lead, host: "127.0.0.1:8080" };
    expect(codeOf(await it.app.inject({ url: "/api/tokens", headers: both }))).toBe("api-token-invalid");
  });

  test("make no lasting way in: no tokens, passwords or server admins", async () => {
    await it.person("root", { isServerAdmin: true });
    const { token } = await make(await it.logIn("root@example.org"), { isServerAdmin: true });
    const send = async (method: "POST" | "PATCH", url: string, payload: object) =>
      codeOf(await it.app.inject({ method, url, payload, headers: { host: "localhost", ...bearer(token) } }));
    expect(await send("POST", "/api/tokens", { label: "x", isServerAdmin: true, expiresInDays: 1 })).toBe(
      "person-needed",
    );
    expect(await send("POST", "/api/me/password", { current: "x", next: "y" })).toBe("person-needed");
    const user = { email: "new@example.org", name: "New" };
    expect(await send("POST", "/api/users", { ...user, password: goodPassword })).toBe("person-needed");
    expect(await send("POST", "/api/users", { ...user, isServerAdmin: true })).toBe("person-needed");
    expect(await send("PATCH", "/api/users/u_root", { password: goodPassword })).toBe("person-needed");
    expect(await send("POST", "/api/users", { ...user, roles: { one: "viewer" } })).toBe(201);
  });

  test("are written down as used at most once a minute, and a use undoes no revocation", async () => {
    await it.person("lead", { roles: { one: "admin" } });
    const { token } = await make(await it.logIn("lead@example.org"), { roles: { one: "viewer" } });
    const used = async () => (await it.settings.apiTokens())[0]?.lastUsedAt;
    await asToken(token, "/api/tokens");
    const first = it.clock;
    expect(await used()).toBe(first);
    it.clock += 59_000;
    await asToken(token, "/api/tokens");
    expect(await used()).toBe(first);
    it.clock += 1_000;
    await asToken(token, "/api/tokens");
    expect(await used()).toBe(it.clock);
  });
});

describe("users", () => {
  test("are made, changed and deleted; passwords never come back", async () => {
    await it.person("root", { isServerAdmin: true });
    const root = await it.logIn("root@example.org");
    const ask = (method: "POST" | "PATCH" | "DELETE", url: string, payload?: object) =>
      it.ask(root, { method, url, ...(payload === undefined ? {} : { payload }) });
    const odd = `<script>alert("x")</script>' OR 1=1 --`;
    const made = await ask("POST", "/api/users", {
      email: "New@example.org",
      name: odd,
      password: goodPassword,
      roles: { one: "viewer" },
    });
    expect(made.json()).toMatchObject({ email: "new@example.org", name: odd, hasPassword: true });
    expect(made.body).not.toMatch(/scrypt|passwordHash/);
    expect(made.headers["content-type"]).toContain("application/json");
    const { userId } = made.json<{ userId: string }>();
    expect(codeOf(await ask("POST", "/api/users", { email: "new@EXAMPLE.org", name: "N" }))).toBe(
      "user-exists",
    );
    const theirs = await it.logIn("new@example.org");
    await ask("PATCH", `/api/users/${userId}`, { disabled: true });
    expect(codeOf(await it.ask(theirs, { url: "/api/tokens" }))).toBe("login-needed");
    await ask("PATCH", `/api/users/${userId}`, { disabled: false });
    expect(codeOf(await it.ask(theirs, { url: "/api/tokens" }))).toBe("login-needed");
    expect((await ask("PATCH", `/api/users/${userId}`, { roles: { two: "admin" } })).json().roles).toEqual({
      two: "admin",
    });
    expect(codeOf(await ask("PATCH", `/api/users/${userId}`, { roles: { none: "admin" } }))).toBe(
      "project-unknown",
    );
    expect(codeOf(await ask("PATCH", "/api/users/u_none", { name: "x" }))).toBe("user-unknown");
    expect(codeOf(await ask("DELETE", `/api/users/${userId}`))).toBe(204);
    expect(await it.settings.userById(userId)).toBeNull();
    expect(await actions()).toEqual(
      expect.arrayContaining(["user-created", "user-changed", "user-deleted", "logged-in"]),
    );
  });

  test.each([
    [{ email: "no address", name: "x" }],
    [{ email: `${"a".repeat(300)}@example.org`, name: "x" }],
    [{ email: "a@example.org", name: "" }],
    [{ email: "a@example.org", name: "x".repeat(101) }],
    [{ email: "a@example.org", name: "x", roles: { one: "king" } }],
    [{ email: "a@example.org", name: "x", roles: { "../two": "viewer" } }],
    [{ email: "a@example.org", name: "x", userId: "u_root" }],
    [{ email: "a@example.org", name: "x", passwordHash: "$scrypt$" }],
  ])("a user that cannot be is refused: %j", async (payload) => {
    await it.person("root", { isServerAdmin: true });
    const root = await it.logIn("root@example.org");
    expect(codeOf(await it.ask(root, { method: "POST", url: "/api/users", payload }))).toBe("query-invalid");
  });

  test.each([
    ["PATCH", { isServerAdmin: false }],
    ["PATCH", { disabled: true }],
    ["PATCH", { password: null }],
    ["DELETE", undefined],
  ] as const)("the last server admin stays one: %s %j", async (method, payload) => {
    await it.person("root", { isServerAdmin: true });
    await it.person("gone", { isServerAdmin: true, disabledAt: 1 });
    const root = await it.logIn("root@example.org");
    const options = { method, url: "/api/users/u_root", ...(payload === undefined ? {} : { payload }) };
    expect(codeOf(await it.ask(root, options))).toBe("admin-last");
    await it.person("second", { isServerAdmin: true });
    expect(codeOf(await it.ask(root, options))).toBeLessThan(300);
  });
});

describe("names that the server answers to", () => {
  const code = async (app: AccessApp, host: string, remoteAddress = "127.0.0.1") =>
    codeOf(await app.app.inject({ url: "/open", headers: { host }, remoteAddress }));

  test.each(["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080", "127.9.9.9", "LOCALHOST"])(
    "on loopback %s",
    async (host) => expect(await code(it, host)).toBe(200),
  );

  test.each([
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil.example:80@localhost",
    "localhost@evil.example",
    "localhost, evil.example",
    "localhost/../evil",
    "localhost#",
    "[::1",
  ])("on loopback not %j", async (host) => expect(await code(it, host)).toBe("host-not-allowed"));

  test("with a public address only that and the address it listens on", async () => {
    const app = await startAccessApp({ host: "192.0.2.1", publicUrl: new URL("https://calls.example.org") });
    expect(await code(app, "calls.example.org")).toBe(200);
    expect(await code(app, "CALLS.example.org:443")).toBe(200);
    expect(await code(app, "192.0.2.1:8080")).toBe(200);
    for (const host of ["evil.example", "xcalls.example.org", "localhost", "192.0.2.2"])
      expect(await code(app, host)).toBe("host-not-allowed");
    await app.close();
  });

  test("what stands in other headers is not looked at", async () => {
    const headers = { host: "evil.example", "x-forwarded-host": "localhost", forwarded: "host=localhost" };
    expect(codeOf(await it.app.inject({ url: "/open", headers }))).toBe("host-not-allowed");
  });
});

test("a route that does not say who may use it cannot be added", () => {
  expect(() => it.app.get("/new", () => ({}))).toThrow("route-access-missing: GET /new");
});

describe("a start that others could reach", () => {
  const reachable = { host: "0.0.0.0", publicUrl: null };
  test.each([
    ["nobody", {}, false, false],
    ["somebody who is no admin", { isServerAdmin: false }, false, false],
    ["a disabled admin", { disabledAt: 1 }, false, false],
    ["an admin without password", { passwordHash: null }, false, false],
    ["an admin of the identity provider", { passwordHash: null }, true, true],
    ["an admin", {}, false, true],
  ] as const)("with %s: %j, provider %s: %s", async (who, about, hasOidc, isGood) => {
    if (who !== "nobody") await it.person("root", { isServerAdmin: true, ...about });
    const start = demandAdmin(it.settings, reachable, hasOidc);
    await (isGood ? start : expect(start).rejects.toThrow(/^admin-missing: .*peerscope admin create/));
  });

  test("is one with a public address too, and none on loopback", async () => {
    const publicUrl = new URL("https://calls.example.org");
    await expect(demandAdmin(it.settings, { host: "127.0.0.1", publicUrl }, false)).rejects.toThrow(
      "admin-missing",
    );
    await demandAdmin(it.settings, { host: "127.0.0.1", publicUrl: new URL("http://localhost:1") }, false);
    await demandAdmin(it.settings, { host: "::1", publicUrl: null }, false);
  });
});
