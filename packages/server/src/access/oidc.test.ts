import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { pageOfThisServer, readAttempt, writeAttempt } from "./oidc.ts";
import { codeOf, startAccessApp, type AccessApp } from "./testing/access-app.ts";
import {
  clientId,
  clientSecret,
  startIdentityProvider,
  type IdentityProvider,
} from "./testing/identity-provider.ts";

const publicUrl = new URL("http://127.0.0.1:8080");
let provider: IdentityProvider;
let it: AccessApp;

beforeAll(async () => {
  provider = await startIdentityProvider("http://127.0.0.1:8080/api/login/oidc/callback", {
    anna: { email: "Anna@example.org", email_verified: true, name: "Anna" },
    unverified: { email: "anna@example.org", email_verified: false },
    silent: {},
    newcomer: { email: "new@example.net", email_verified: true, name: "New <b>one</b>" },
    stranger: { email: "x@elsewhere.example", email_verified: true },
    trick: { email: "x@sub.example.net", email_verified: true },
    gone: { email: "gone@example.net", email_verified: true },
  });
});
afterAll(() => provider.stop());
beforeEach(async () => {
  const domains = { "example.net": ["one", "no-such-project"] };
  it = await startAccessApp({
    publicUrl,
    oidc: { issuer: provider.issuer, clientId, clientSecret, domains },
  });
  await it.person("anna", { passwordHash: null, roles: { one: "analyst" } });
  await it.person("gone", { email: "gone@example.net", disabledAt: 1 });
});
afterEach(() => it.close());

/** What the browser of a person does, up to coming back. */
async function attempt(login: string, next = "/"): Promise<{ cookie: string; back: string }> {
  const begun = await it.ask(null, { url: `/api/login/oidc?next=${encodeURIComponent(next)}` });
  expect(begun.statusCode).toBe(302);
  const [cookie] = begun.cookies;
  const back = await provider.logIn(new URL(String(begun.headers.location)), login);
  return { cookie: `${cookie?.name}=${cookie?.value}`, back: back.pathname + back.search };
}

async function logIn(login: string, next?: string): Promise<Awaited<ReturnType<AccessApp["ask"]>>> {
  const { cookie, back } = await attempt(login, next);
  return it.ask(cookie, { url: back });
}

function loginOf(answer: Awaited<ReturnType<AccessApp["ask"]>>): string {
  const cookie = answer.cookies.find(({ name }) => name === "peerscope");
  return `peerscope=${cookie?.value}`;
}

describe("logins through an identity provider", () => {
  test("let in who exists by verified address, and lead back to the page", async () => {
    const answer = await logIn("anna", "/sessions?q=a");
    expect(answer.statusCode).toBe(302);
    expect(answer.headers.location).toBe("/sessions?q=a");
    const me = (await it.ask(loginOf(answer), { url: "/api/me" })).json();
    expect(me).toMatchObject({
      principal: { kind: "user", name: "anna@example.org" },
      projects: [{ projectId: "one", role: "analyst" }],
      login: { oidc: true },
    });
    expect(it.problems).toEqual([]);
  });

  test("make viewers of the people of a domain, once", async () => {
    expect((await logIn("newcomer")).statusCode).toBe(302);
    expect((await logIn("newcomer")).statusCode).toBe(302);
    const made = (await it.settings.users()).filter(({ email }) => email === "new@example.net");
    expect(made).toMatchObject([
      { name: "New <b>one</b>", roles: { one: "viewer" }, isServerAdmin: false, passwordHash: null },
    ]);
  });

  test.each(["unverified", "silent", "stranger", "trick", "gone"])("keep out %s", async (login) => {
    const answer = await logIn(login);
    expect(codeOf(answer)).toBe("oidc-not-invited");
    expect(loginOf(answer)).toBe("peerscope=undefined");
  });

  test("are bound to the browser that began them", async () => {
    const [mine, theirs] = [await attempt("anna"), await attempt("newcomer")];
    // Somebody sends the address of their own login to another browser.
    expect(codeOf(await it.ask(null, { url: theirs.back }))).toBe("oidc-failed");
    expect(codeOf(await it.ask(mine.cookie, { url: theirs.back }))).toBe("oidc-failed");
    expect(codeOf(await it.ask(mine.cookie, { url: mine.back }))).toBe(302);
    // A code is good once.
    expect(codeOf(await it.ask(mine.cookie, { url: mine.back }))).toBe("oidc-failed");
  });

  test("state, nonce and verifier of another attempt do not do", async () => {
    for (const member of ["state", "nonce", "verifier"] as const) {
      const { cookie, back } = await attempt("anna");
      const [name = "", value = ""] = cookie.split("=");
      const own = readAttempt(value);
      if (own === null) throw new Error("no attempt");
      const other = writeAttempt({ ...own, [member]: "x".repeat(43) });
      expect(codeOf(await it.ask(`${name}=${other}`, { url: back }))).toBe("oidc-failed");
    }
  });

  test("a refusal of the provider, and what is no answer at all, let nobody in", async () => {
    const { cookie, back } = await attempt("anna");
    const state = new URLSearchParams(back.split("?")[1]).get("state");
    const at = "/api/login/oidc/callback";
    for (const query of [
      "",
      "?",
      `?error=access_denied&state=${state}`,
      "?code=x",
      `?code=x&state=${state}`,
      `?state=${state}`,
    ])
      expect(codeOf(await it.ask(cookie, { url: at + query }))).toBe("oidc-failed");
    for (const odd of ["peerscope-oidc=", "peerscope-oidc=e30", "peerscope-oidc=%%%"])
      expect(codeOf(await it.ask(odd, { url: back }))).toBe("oidc-failed");
  });

  test("a provider that is away fails the login, and the next one asks again", async () => {
    const dead = await startAccessApp({
      publicUrl,
      oidc: { issuer: new URL("http://127.0.0.1:9"), clientId, clientSecret, domains: {} },
    });
    for (let tries = 0; tries < 2; tries += 1)
      expect(codeOf(await dead.ask(null, { url: "/api/login/oidc" }))).toBe("oidc-failed");
    expect(dead.problems).toHaveLength(2);
    await dead.close();
  });

  test("without a provider there is no such login", async () => {
    const without = await startAccessApp();
    for (const url of ["/api/login/oidc", "/api/login/oidc/callback?code=x"])
      expect(codeOf(await without.ask(null, { url }))).toBe("login-unavailable");
    await without.close();
  });
});

test.each([
  ["/sessions?a=b#c", "/sessions?a=b#c"],
  ["/a/../b", "/b"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["/.//evil.example", "/"],
  ["/\t/evil.example", "/"],
  ["https://evil.example", "/"],
  ["javascript:alert(1)", "/"],
  ["evil", "/"],
  ["", "/"],
  [undefined, "/"],
  [["/a"], "/"],
  [`/${"x".repeat(2_000)}`, "/"],
])("after a login %j leads to %s", (next, page) => {
  expect(pageOfThisServer(next)).toBe(page);
});
