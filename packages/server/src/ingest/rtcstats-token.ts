import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";

/** Who a token of rtcstats says the client is: `rtcStats.user`, `rtcStats.session` and `rtcStats.conference` of its claims. */
export interface RtcstatsIdentity {
  readonly user: string | null;
  readonly session: string | null;
  readonly conference: string | null;
}

/** What a token is worth. A reason is for the server's log and the client; it repeats nothing of the token. */
export type TokenReading =
  | { readonly ok: true; readonly identity: RtcstatsIdentity }
  | { readonly ok: false; readonly reason: string };

/** Identity of a client without a token. */
export const nobody: RtcstatsIdentity = { user: null, session: null, conference: null };

/** Characters of a token; a usual one has 300. Ours. */
const maxTokenCharacters = 4_096;
/** Characters of a name. Ours. */
const maxNameCharacters = 256;
/** Clocks of who signs and who verifies may differ by so much, in seconds. Ours. */
const leewaySeconds = 60;

const hashes: Readonly<Record<string, string>> = { HS256: "sha256", HS384: "sha384", HS512: "sha512" };

const headerSchema = z.object({ alg: z.string() });
const name = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value === null || value === undefined || value === "" ? null : String(value)))
  .refine((value) => value === null || value.length <= maxNameCharacters);
const claimsSchema = z.object({
  exp: z.number().optional(),
  nbf: z.number().optional(),
  rtcStats: z
    .object({ user: name, session: name, conference: name })
    .nullish()
    .transform((value) => value ?? nobody),
});

/**
 * Reads the `rtcstats-token` of a client: a JSON Web Token (RFC 7519) signed with HMAC. With a secret it has to be signed with it and be
 * valid now; without one it says only who the client wants to be, and `alg` does not matter. `now` is Unix ms.
 */
export function readRtcstatsToken(token: string, secret: string | null, now: number): TokenReading {
  if (token.length > maxTokenCharacters)
    return refused(`The token has more than ${maxTokenCharacters} characters.`);
  const [head, body, signature, ...others] = token.split(".");
  if (head === undefined || body === undefined || signature === undefined || others.length > 0)
    return refused("The token is not three parts with dots between them.");
  const header = headerSchema.safeParse(parsePart(head));
  const claims = claimsSchema.safeParse(parsePart(body));
  if (!header.success || !claims.success) return refused("The token is not a JSON Web Token of rtcstats.");
  if (secret !== null) {
    const { alg } = header.data;
    const hash = Object.hasOwn(hashes, alg) ? hashes[alg] : undefined;
    if (hash === undefined) return refused("The token is not signed with HS256, HS384 or HS512.");
    const expected = createHmac(hash, secret).update(`${head}.${body}`).digest();
    const given = Buffer.from(signature, "base64url");
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      return refused("The token is signed with another secret.");
    const { exp, nbf } = claims.data;
    const seconds = now / 1_000;
    if (exp !== undefined && exp + leewaySeconds < seconds) return refused("The token has expired.");
    if (nbf !== undefined && nbf - leewaySeconds > seconds) return refused("The token is not valid yet.");
  }
  const { user, session, conference } = claims.data.rtcStats;
  return { ok: true, identity: { user, session, conference } };
}

function refused(reason: string): TokenReading {
  return { ok: false, reason };
}

function parsePart(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
