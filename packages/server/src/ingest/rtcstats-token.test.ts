import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readRtcstatsToken } from "./rtcstats-token.ts";

const secret = "the secret of the project";
const now = Date.UTC(2026, 0, 2);
const seconds = now / 1_000;
const identity = { user: "anna", session: "s-1", conference: "standup" };

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function sign(claims: unknown, alg = "HS256", key = secret): string {
  const head = `${encode({ alg, typ: "JWT" })}.${encode(claims)}`;
  const hash = alg.replace("HS", "sha");
  return `${head}.${createHmac(/^sha(256|384|512)$/.test(hash) ? hash : "sha256", key)
    .update(head)
    .digest("base64url")}`;
}

const reasonOf = (token: string, key: string | null = secret): string => {
  const read = readRtcstatsToken(token, key, now);
  return read.ok ? "accepted" : read.reason;
};

describe("a token that has to be signed", () => {
  test.each(["HS256", "HS384", "HS512"])("with %s says who the client is", (alg) => {
    const token = sign({ rtcStats: identity, iat: seconds, exp: seconds + 3_600 }, alg);
    expect(readRtcstatsToken(token, secret, now)).toEqual({ ok: true, identity });
  });

  test("may say nothing about the client, and numbers for names", () => {
    const nobody = { user: null, session: null, conference: null };
    expect(readRtcstatsToken(sign({}), secret, now)).toEqual({ ok: true, identity: nobody });
    expect(readRtcstatsToken(sign({ rtcStats: {} }), secret, now)).toEqual({ ok: true, identity: nobody });
    expect(readRtcstatsToken(sign({ rtcStats: { user: 17 } }), secret, now)).toEqual({
      ok: true,
      identity: { ...nobody, user: "17" },
    });
  });

  const unsigned = `${encode({ alg: "none" })}.${encode({ rtcStats: identity })}`;
  test.each([
    ["another secret", sign({ rtcStats: identity }, "HS256", "guessed"), /another secret/],
    ["no signature and alg none", `${unsigned}.`, /not signed with HS256/],
    ["alg none and a right signature", sign({ rtcStats: identity }, "none"), /not signed with HS256/],
    ["alg of a prototype", sign({ rtcStats: identity }, "constructor"), /not signed with HS256/],
    ["alg with another kind of key", sign({ rtcStats: identity }, "RS256"), /not signed with HS256/],
    [
      "claims of another token",
      sign({ a: 1 }).replace(/\.[^.]+\./, `.${encode({ a: 2 })}.`),
      /another secret/,
    ],
    ["a time that is over", sign({ exp: seconds - 61 }), /expired/],
    ["a time to come", sign({ nbf: seconds + 61 }), /not valid yet/],
    ["two parts", "a.b", /three parts/],
    ["four parts", `${sign({})}.x`, /three parts/],
    ["no JSON", "a.b.c", /not a JSON Web Token/],
    ["claims of another kind", sign({ rtcStats: "anna" }), /not a JSON Web Token/],
    ["a name without end", sign({ rtcStats: { user: "x".repeat(257) } }), /not a JSON Web Token/],
    ["more than 4096 characters", sign({ a: "x".repeat(4_000) }), /more than 4096/],
    ["nothing", "", /three parts/],
  ])("is refused with %s", (_name, token, reason) => {
    expect(reasonOf(token)).toMatch(reason);
  });

  test("has a minute for clocks that differ", () => {
    expect(reasonOf(sign({ exp: seconds - 59, nbf: seconds + 59 }))).toBe("accepted");
  });
});

describe("a token where none is asked for", () => {
  test("says who the client is, whatever its signature is", () => {
    const token = sign({ rtcStats: identity, exp: 1 }, "none", "anything");
    expect(readRtcstatsToken(token, null, now)).toEqual({ ok: true, identity });
  });

  test("is bounded all the same", () => {
    expect(reasonOf(sign({ a: "x".repeat(4_000) }), null)).toMatch(/more than 4096/);
    expect(reasonOf(sign({ rtcStats: { user: "x".repeat(257) } }), null)).toMatch(/not a JSON Web Token/);
  });
});
