import type { FastifyRequest } from "fastify";
import { RequestError } from "../errors.ts";
import type { Settings } from "../settings/settings.ts";
import type { Logins } from "./logins.ts";
import { demandOwnPage, isDirectFromThisMachine } from "./origin.ts";
import { localPrincipal, type Principal } from "./principal.ts";
import { tokenPrincipal, userPrincipal } from "./principals.ts";
import { hashOfSecret } from "./secrets.ts";

export interface AuthenticatorOptions {
  readonly settings: Pick<Settings, "apiTokenByHash" | "touchApiToken" | "userById" | "users">;
  readonly logins: Logins;
  /** Only this machine can reach the server: nobody has to log in while there is no user. */
  readonly isOpenToThisMachine: boolean;
  readonly publicUrl: URL | null;
  readonly now: () => number;
}

/** When a token was used is written down at most this often. */
const touchMs = 60_000;

/**
 * Says who asks, by API token, login or place, in this order; null for somebody unknown. What browsers send by themselves
 * changes nothing unless a page of this server asked for it.
 * @throws RequestError `api-token-invalid`, `origin-not-allowed`
 */
export function createAuthenticator(
  options: AuthenticatorOptions,
): (request: FastifyRequest) => Promise<Principal | null> {
  const { settings, logins, now } = options;

  /** The time without login does not come back while the server runs. */
  let hadUsers = false;

  async function principalOfToken(token: string): Promise<Principal> {
    const refusal = new RequestError("api-token-invalid");
    if (!/^ps_[\w-]{43}$/.test(token)) throw refusal;
    const found = await settings.apiTokenByHash(hashOfSecret(token));
    if (found === null || found.revokedAt !== null) throw refusal;
    if (found.expiresAt !== null && found.expiresAt <= now()) throw refusal;
    const maker = await makerOf(found.createdBy);
    if (maker === null) throw refusal;
    if (now() - (found.lastUsedAt ?? 0) >= touchMs) await settings.touchApiToken(found.tokenId, now());
    return tokenPrincipal(found, maker);
  }

  /** Tokens of the command line, and of times without users, are the machine owner's. */
  async function makerOf(actor: string): Promise<Principal | null> {
    if (!actor.startsWith("user:")) return localPrincipal;
    const user = await settings.userById(actor.slice("user:".length));
    return user === null || user.disabledAt !== null ? null : userPrincipal(user);
  }

  return async (request) => {
    const bearer = /^bearer +(.*)$/i.exec(request.headers.authorization ?? "");
    if (bearer !== null) return principalOfToken(bearer[1] ?? "");
    const user = await logins.userOf(request);
    if (user !== null) {
      demandOwnPage(request, options.publicUrl, true);
      return userPrincipal(user);
    }
    if (!options.isOpenToThisMachine || !isDirectFromThisMachine(request)) return null;
    hadUsers ||= (await settings.users()).length > 0;
    if (hadUsers) return null;
    demandOwnPage(request, options.publicUrl, false);
    return localPrincipal;
  };
}
