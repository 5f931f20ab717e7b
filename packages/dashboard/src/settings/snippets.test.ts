import { createSecretKey, generateKeyPairSync, randomBytes, type KeyObject } from "node:crypto";
import { jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import { keyCommand, snippetsFor, tokenRecipe } from "./snippets.ts";

const url = "https://calls.example.org";

describe("snippets", () => {
  test("each has the address of the server and the key, once", () => {
    const all = snippetsFor(url, "pk_abc");
    expect(all.map(({ id }) => id)).toEqual([
      "script",
      "esm",
      "react",
      "mediasoup-client",
      "livekit-client",
      "sip.js",
      "janus",
    ]);
    for (const { id, code } of all) {
      expect(code, id).toContain(JSON.stringify(url));
      expect(code.split("pk_abc"), id).toHaveLength(2);
    }
  });

  test("what a server calls itself cannot leave its string", () => {
    const [, module] = snippetsFor(url, 'pk_"; alert(1); "');
    expect(module?.code).toContain('token: "pk_\\"; alert(1); \\""');
  });
});

describe("the token recipe", () => {
  const pairs: Record<"HS256" | "ES256" | "EdDSA", { secret: string; verifier: KeyObject }> = (() => {
    const secret = randomBytes(32);
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const ed = generateKeyPairSync("ed25519");
    const pem = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();
    return {
      HS256: { secret: secret.toString("base64url"), verifier: createSecretKey(secret) },
      ES256: { secret: pem(ec.privateKey), verifier: ec.publicKey },
      EdDSA: { secret: pem(ed.privateKey), verifier: ed.publicKey },
    };
  })();

  test.each(["HS256", "ES256", "EdDSA"] as const)(
    "for %s signs what the server asks for",
    async (algorithm) => {
      const { sign } = tokenRecipe(url, { keyId: "key-1", algorithm, audience: "calls" });
      const { secret, verifier } = pairs[algorithm];
      process.env["PEERSCOPE_KEY"] = secret;
      // The recipe as it is pasted, with its import made absolute.
      const jose = import.meta.resolve("jose");
      const module = `data:text/javascript,${encodeURIComponent(sign.replace('"jose"', JSON.stringify(jose)))}`;
      const { peerscopeToken } = (await import(/* @vite-ignore */ module)) as {
        readonly peerscopeToken: () => Promise<string>;
      };
      const { payload, protectedHeader } = await jwtVerify(await peerscopeToken(), verifier, {
        audience: "calls",
        algorithms: [algorithm],
      });
      expect(protectedHeader.kid).toBe("key-1");
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
    },
  );

  test("a pair is made by openssl, a secret by the page", () => {
    expect(keyCommand("HS256")).toBeNull();
    expect(keyCommand("ES256")).toContain("P-256");
    expect(keyCommand("EdDSA")).toContain("ED25519");
  });
});
