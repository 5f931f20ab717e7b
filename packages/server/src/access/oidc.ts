import * as client from "openid-client";
import { z } from "zod";
import { RequestError } from "../errors.ts";

/** How people log in through an identity provider. */
export interface OidcConfig {
  readonly issuer: URL;
  readonly clientId: string;
  /** Null for a public client. */
  readonly clientSecret: string | null;
  /** Domains of e-mail addresses whose people may enter without being invited, and what they then see. */
  readonly domains: Readonly<Record<string, readonly string[]>>;
}

/** A login that a browser has begun. It comes back with the browser, in a cookie. */
export interface OidcAttempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** Page of this server to go to afterwards. */
  readonly next: string;
}

/** What the provider vouches for. */
export interface OidcIdentity {
  /** Lower case; verified by the provider. */
  readonly email: string;
  readonly name: string;
}

export interface Oidc {
  /** Where to send the browser, and what it has to bring back. */
  begin(next: string): Promise<{ readonly url: URL; readonly attempt: OidcAttempt }>;
  /** @param query of the callback. */
  finish(attempt: OidcAttempt, query: string): Promise<OidcIdentity>;
}

/** Path that the provider has to know as redirect address. */
export const oidcCallbackPath = "/api/login/oidc/callback";
/** For each request to the provider, in seconds. Ours. */
const timeoutSeconds = 10;

const attemptSchema = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  next: z.string(),
});

const claimsSchema = z.object({
  sub: z.string(),
  email: z.string().max(254).optional(),
  email_verified: z.boolean().optional(),
  name: z.string().optional(),
});

/**
 * Authorization code flow with PKCE, state and nonce. The provider is asked for its addresses when somebody first logs in,
 * so that one that is away does not keep the server from starting.
 * @param onProblem told why a login did not work; people are told only that it did not.
 */
export function createOidc(
  { issuer, clientId, clientSecret }: OidcConfig,
  publicUrl: URL,
  onProblem: (error: unknown) => void,
): Oidc {
  const redirectUrl = new URL(oidcCallbackPath, publicUrl).href;
  let discovered: Promise<client.Configuration> | null = null;

  async function provider(): Promise<client.Configuration> {
    const authentication = clientSecret === null ? client.None() : client.ClientSecretBasic(clientSecret);
    discovered ??= client.discovery(issuer, clientId, undefined, authentication, {
      timeout: timeoutSeconds,
      // The settings take http only for a provider on this machine.
      execute: issuer.protocol === "http:" ? [client.allowInsecureRequests] : [],
    });
    try {
      return await discovered;
    } catch (error) {
      // The next login asks again.
      discovered = null;
      throw error;
    }
  }

  async function attempted<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      onProblem(error);
      throw new RequestError("oidc-failed");
    }
  }

  async function claimsOf(attempt: OidcAttempt, query: string): Promise<z.infer<typeof claimsSchema>> {
    const configuration = await provider();
    const tokens = await client.authorizationCodeGrant(configuration, new URL(redirectUrl + query), {
      pkceCodeVerifier: attempt.verifier,
      expectedState: attempt.state,
      expectedNonce: attempt.nonce,
      idTokenExpected: true,
    });
    const claims = claimsSchema.parse(tokens.claims());
    if (claims.email !== undefined) return claims;
    // Many providers say more than the subject only when they are asked.
    return claimsSchema.parse(await client.fetchUserInfo(configuration, tokens.access_token, claims.sub));
  }

  return {
    begin: (next) =>
      attempted(async () => {
        const attempt: OidcAttempt = {
          state: client.randomState(),
          nonce: client.randomNonce(),
          verifier: client.randomPKCECodeVerifier(),
          next,
        };
        const url = client.buildAuthorizationUrl(await provider(), {
          redirect_uri: redirectUrl,
          scope: "openid email profile",
          state: attempt.state,
          nonce: attempt.nonce,
          code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
          code_challenge_method: "S256",
        });
        return { url, attempt };
      }),
    async finish(attempt, query) {
      const claims = await attempted(() => claimsOf(attempt, query));
      if (claims.email === undefined || claims.email_verified !== true)
        throw new RequestError("oidc-not-invited");
      return {
        email: claims.email.trim().toLowerCase(),
        name: (claims.name ?? claims.email).slice(0, 100),
      };
    },
  };
}

/** Text for the cookie. */
export function writeAttempt(attempt: OidcAttempt): string {
  return Buffer.from(JSON.stringify(attempt)).toString("base64url");
}

/** Null when it is not from here. */
export function readAttempt(text: string): OidcAttempt | null {
  try {
    const parsed = attemptSchema.safeParse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** A page of this server; "/" for everything else, so that no login leads to somebody else's page. */
export function pageOfThisServer(next: unknown): string {
  if (typeof next !== "string" || next.length > 1_000 || !/^\/(?![/\\])/.test(next)) return "/";
  const base = "http://peerscope.invalid";
  if (!URL.canParse(next, base)) return "/";
  const { origin, pathname, search, hash } = new URL(next, base);
  // "/.//evil.example" becomes "//evil.example".
  return origin === base && !pathname.startsWith("//") ? pathname + search + hash : "/";
}
