import { createHmac, createPublicKey, timingSafeEqual, verify, type KeyObject } from "node:crypto";
import { z } from "zod";
import type { IngestErrorCode } from "../errors.ts";
import type { IngestKey } from "../settings/settings.ts";

/*
 * JSON Web Tokens (RFC 7519) that the backend of an app signs, in the compact form of RFC 7515. They are verified here and not by a
 * library whose verification is asynchronous: frames may follow a hello at once and would have to be kept in their order meanwhile,
 * and its threads are those that write the logs. The tests sign with such a library.
 */

type TokenKey = Extract<IngestKey, { kind: "jwt" }>;

export type TokenVerdict =
  | { readonly ok: true; readonly key: TokenKey }
  | {
      readonly ok: false;
      readonly code: IngestErrorCode;
      readonly detail?: string;
      /** Of the key that the token names. */
      readonly projectId?: string;
    };

/** Characters of a token; one with a few claims has 300. Ours. */
export const maxTokenCharacters = 4_096;
/** Clocks of who signs and who verifies may differ by so much, in seconds. Ours. */
const leewaySeconds = 60;
const headerSchema = z.object({
  alg: z.string(),
  kid: z.string().max(256).optional(),
  crit: z.unknown().optional(),
});
const claimsSchema = z.object({
  exp: z.number().optional(),
  nbf: z.number().optional(),
  iat: z.number().optional(),
  sid: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
});
const publicKeys = new WeakMap<TokenKey, KeyObject>();

/** True for what is meant to be a token and not a public key. */
export function looksLikeToken(text: string): boolean {
  return text.includes(".");
}

/**
 * Verifies a token. The key is the one its `kid` names, and the algorithm is that of the key: what the token says about it has to be
 * the same. `sessionId` is null where the session is not the client's choice. `now` is Unix ms.
 */
export function verifyToken(
  token: string,
  keyOf: (kid: string) => IngestKey | null,
  sessionId: string | null,
  now: number,
): TokenVerdict {
  if (token.length > maxTokenCharacters)
    return refused("token-too-long", `It has ${token.length} characters.`);
  const [head, body, signature, ...others] = token.split(".");
  if (head === undefined || body === undefined || signature === undefined || others.length > 0)
    return refused("token-invalid", "It is not three parts with dots between them.");
  const header = headerSchema.safeParse(parsePart(head));
  if (!header.success) return refused("token-invalid", "Its header cannot be read.");
  const { alg, kid, crit } = header.data;
  const key = kid === undefined ? null : keyOf(kid);
  if (key === null || key.kind !== "jwt") return refused("token-key-unknown");
  const verdict = verifyWith(key, [head, body, signature], { alg, crit }, sessionId, now);
  return verdict.ok ? verdict : { ...verdict, projectId: key.projectId };
}

function verifyWith(
  key: TokenKey,
  [head, body, signature]: readonly [string, string, string],
  { alg, crit }: { readonly alg: string; readonly crit: unknown },
  sessionId: string | null,
  now: number,
): TokenVerdict {
  if (alg !== key.algorithm) return refused("token-algorithm-wrong", `Its key is one for ${key.algorithm}.`);
  // RFC 7515 §4.1.11: who does not understand what is critical has to refuse.
  if (crit !== undefined) return refused("token-invalid", "It has a critical extension.");
  if (!isSigned(`${head}.${body}`, signature, key)) return refused("token-signature-wrong");
  // From here on it is the backend of the app that speaks.
  if (key.revokedAt !== null) return refused("key-revoked");
  const claims = claimsSchema.safeParse(parsePart(body));
  if (!claims.success) return refused("token-invalid", "One of its claims is of the wrong kind.");
  const { exp, nbf, iat, sid, aud } = claims.data;
  const seconds = now / 1_000;
  if (exp === undefined) return refused("token-expiry-missing");
  if (exp + leewaySeconds < seconds) return refused("token-expired");
  if (Math.max(nbf ?? -Infinity, iat ?? -Infinity) - leewaySeconds > seconds)
    return refused("token-not-yet-valid");
  if (key.audience !== null && ![aud].flat().includes(key.audience)) return refused("token-audience-wrong");
  if (sid !== undefined && sessionId !== null && sid !== sessionId) return refused("token-session-wrong");
  return { ok: true, key };
}

function isSigned(signed: string, signature: string, key: TokenKey): boolean {
  // Node's decoder skips what is no base64url; two texts of one signature would be two tokens.
  if (!/^[\w-]{1,1024}$/.test(signature)) return false;
  const given = Buffer.from(signature, "base64url");
  if (key.algorithm === "HS256") {
    const expected = createHmac("sha256", Buffer.from(key.key, "base64url")).update(signed).digest();
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
  let publicKey = publicKeys.get(key);
  if (publicKey === undefined) {
    publicKey = createPublicKey(key.key);
    publicKeys.set(key, publicKey);
  }
  return key.algorithm === "ES256"
    ? verify("sha256", Buffer.from(signed), { key: publicKey, dsaEncoding: "ieee-p1363" }, given)
    : verify(null, Buffer.from(signed), publicKey, given);
}

function refused(code: IngestErrorCode, detail?: string): TokenVerdict {
  return detail === undefined ? { ok: false, code } : { ok: false, code, detail };
}

function parsePart(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
