import { createHmac, generateKeyPairSync, randomBytes } from "node:crypto";
import { SignJWT, type JWTHeaderParameters } from "jose";
import { describe, expect, test } from "vitest";
import type { IngestKey } from "../settings/settings.ts";
import { jwtKey } from "../settings/testing/examples.ts";
import { verifyToken } from "./json-web-token.ts";

const now = Date.UTC(2026, 0, 2);
const seconds = now / 1_000;
const secret = randomBytes(32);
const curve = generateKeyPairSync("ec", { namedCurve: "P-256" });
const edwards = generateKeyPairSync("ed25519");
const pem = (key: typeof curve.publicKey): string => String(key.export({ type: "spki", format: "pem" }));

const keys: IngestKey[] = [
  jwtKey({ keyId: "hs", algorithm: "HS256", key: secret.toString("base64url") }),
  jwtKey({ keyId: "es", algorithm: "ES256", key: pem(curve.publicKey) }),
  jwtKey({ keyId: "ed", algorithm: "EdDSA", key: pem(edwards.publicKey) }),
  jwtKey({ keyId: "next", algorithm: "EdDSA", key: pem(edwards.publicKey), projectId: "other" }),
  jwtKey({ keyId: "meant", algorithm: "HS256", key: secret.toString("base64url"), audience: "peerscope" }),
  jwtKey({ keyId: "old", algorithm: "HS256", key: secret.toString("base64url"), revokedAt: 1 }),
  {
    kind: "public",
    keyId: "pk_1",
    projectId: "default",
    label: "",
    allowedOrigins: [],
    createdAt: 0,
    revokedAt: null,
  },
];
const keyOf = (kid: string): IngestKey | null => keys.find(({ keyId }) => keyId === kid) ?? null;

type Signer = Parameters<SignJWT["sign"]>[0];
const privates: Readonly<Record<string, readonly [string, Signer]>> = {
  hs: ["HS256", secret],
  es: ["ES256", curve.privateKey],
  ed: ["EdDSA", edwards.privateKey],
  next: ["EdDSA", edwards.privateKey],
  meant: ["HS256", secret],
  old: ["HS256", secret],
};

/** As a backend would sign it: with a library. */
function sign(
  kid: string,
  claims: Record<string, unknown> = {},
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  const [alg, key] = privates[kid] ?? expect.fail();
  return new SignJWT({ exp: seconds + 600, ...claims }).setProtectedHeader({ alg, kid, ...header }).sign(key);
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const codeOf = (token: string, sessionId: string | null = "session-1"): string => {
  const verdict = verifyToken(token, keyOf, sessionId, now);
  return verdict.ok ? `in ${verdict.key.projectId}` : verdict.code;
};

describe("a token that a backend signed", () => {
  test.each(["hs", "es", "ed"])("lets in: %s", async (kid) => {
    expect(codeOf(await sign(kid))).toBe("in default");
    expect(codeOf(await sign(kid, { sid: "session-1", nbf: seconds, iat: seconds, aud: "any" }))).toBe(
      "in default",
    );
  });

  test("is of the project of its key, and two keys are good at the same time", async () => {
    expect(codeOf(await sign("next"))).toBe("in other");
    expect(codeOf(await sign("ed"))).toBe("in default");
  });

  test("is good for a minute more, and a minute before its time, for clocks that differ", async () => {
    expect(codeOf(await sign("es", { exp: seconds - 60 }))).toBe("in default");
    expect(codeOf(await sign("es", { nbf: seconds + 60, iat: seconds + 60 }))).toBe("in default");
  });

  test("has the audience of its key among its own", async () => {
    expect(codeOf(await sign("meant", { aud: "peerscope" }))).toBe("in default");
    expect(codeOf(await sign("meant", { aud: ["others", "peerscope"] }))).toBe("in default");
    expect(codeOf(await sign("meant", { aud: ["others"] }))).toBe("token-audience-wrong");
    expect(codeOf(await sign("meant"))).toBe("token-audience-wrong");
  });

  test("need not be for the session where the client does not choose it", async () => {
    expect(codeOf(await sign("es", { sid: "session-2" }), null)).toBe("in default");
  });

  test.each<[string, string, Record<string, unknown>]>([
    ["of a time that is over", "token-expired", { exp: seconds - 61 }],
    ["that never ends", "token-expiry-missing", { exp: undefined }],
    ["that begins later", "token-not-yet-valid", { nbf: seconds + 61 }],
    ["that was signed in the future", "token-not-yet-valid", { iat: seconds + 61 }],
    ["for another session", "token-session-wrong", { sid: "session-2" }],
    ["for a session that is no text", "token-invalid", { sid: 1 }],
    ["with an end that is no time", "token-invalid", { exp: "tomorrow" }],
    ["that is huge", "token-too-long", { pad: "x".repeat(4_096) }],
  ])("%s: %s", async (_, code, claims) => {
    // The library refuses to sign some of them.
    const header = encode({ alg: "HS256", kid: "hs" });
    const body = encode({ exp: seconds + 600, ...claims });
    const signature = createHmac("sha256", secret).update(`${header}.${body}`).digest("base64url");
    expect(codeOf(`${header}.${body}.${signature}`)).toBe(code);
  });

  test("with a key that was revoked is refused", async () => {
    expect(codeOf(await sign("old"))).toBe("key-revoked");
  });
});

describe("a token that somebody made up", () => {
  const claims = encode({ exp: seconds + 600 });

  test("without a signature is refused, whatever it calls that", () => {
    for (const alg of ["none", "None", "NONE", "nOnE", ""]) {
      expect(codeOf(`${encode({ alg, kid: "hs" })}.${claims}.`)).toBe("token-algorithm-wrong");
    }
    expect(codeOf(`${encode({ alg: "HS256", kid: "hs" })}.${claims}.`)).toBe("token-signature-wrong");
  });

  test("is not signed with a public key as if it were a secret", async () => {
    for (const [kid, { publicKey }] of [
      ["es", curve],
      ["ed", edwards],
    ] as const) {
      const asSecret = Buffer.from(pem(publicKey));
      const token = await new SignJWT({ exp: seconds + 600 })
        .setProtectedHeader({ alg: "HS256", kid })
        .sign(asSecret);
      expect(codeOf(token)).toBe("token-algorithm-wrong");
    }
  });

  test.each([
    ["hs", "es"],
    ["es", "ed"],
    ["ed", "es"],
    ["es", "hs"],
  ])("with the key of %s is refused for %s", async (mine, kid) => {
    const [alg] = privates[kid] ?? expect.fail();
    const [header, body, signature] = (await sign(mine)).split(".");
    expect(codeOf(`${encode({ alg, kid })}.${body}.${signature}`)).toBe("token-signature-wrong");
    expect(codeOf(`${header}.${encode({ exp: seconds + 9_999 })}.${signature}`)).toBe(
      "token-signature-wrong",
    );
  });

  test.each<[string, string, string]>([
    ["a key that nobody knows", "token-key-unknown", `${encode({ alg: "HS256", kid: "?" })}.${claims}.AA`],
    ["no key", "token-key-unknown", `${encode({ alg: "HS256" })}.${claims}.AA`],
    ["a public key for a key", "token-key-unknown", `${encode({ alg: "HS256", kid: "pk_1" })}.${claims}.AA`],
    ["a kid that is no text", "token-invalid", `${encode({ alg: "HS256", kid: {} })}.${claims}.AA`],
    ["no header", "token-invalid", `.${claims}.AA`],
    ["a header that is no object", "token-invalid", `${encode([])}.${claims}.AA`],
    ["two parts", "token-invalid", "a.b"],
    ["five parts, as of an encrypted one", "token-invalid", "a.b.c.d.e"],
    ["dots alone", "token-invalid", ".."],
    [
      "a header that nests without end",
      "token-invalid",
      `${Buffer.from("[".repeat(3_000)).toString("base64url")}.a.b`,
    ],
  ])("with %s: %s", (_, code, token) => {
    expect(codeOf(token)).toBe(code);
  });

  test("with what nobody here understands is refused", async () => {
    const header = encode({ alg: "HS256", kid: "hs", crit: ["b64"], b64: false });
    const signature = createHmac("sha256", secret).update(`${header}.${claims}`).digest("base64url");
    expect(codeOf(`${header}.${claims}.${signature}`)).toBe("token-invalid");
  });

  test("has one spelling: what a decoder would skip is not skipped", async () => {
    const token = await sign("es");
    expect(codeOf(`${token} `)).toBe("token-signature-wrong");
    expect(codeOf(`${token}=`)).toBe("token-signature-wrong");
    expect(codeOf(`${token}\n`)).toBe("token-signature-wrong");
  });

  test("is refused in a bounded time and never throws, whatever it is", async () => {
    const good = await sign("ed");
    let seed = 20_260_102;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    for (let round = 0; round < 500; round += 1) {
      const at = random(good.length);
      const changed = good.slice(0, at) + String.fromCharCode(random(128)) + good.slice(at + 1 + random(3));
      if (changed !== good) expect(codeOf(changed), `round ${round}`).toMatch(/^token-/);
    }
  });
});
