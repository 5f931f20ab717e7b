import type { FastifyReply, FastifyRequest } from "fastify";
import type { Login, Settings, User } from "../settings/settings.ts";
import type { Cookie } from "./cookies.ts";
import { hashOfSecret, newSecret } from "./secrets.ts";

/** Browsers that are logged in. */
export interface Logins {
  /** Always a new secret: one that somebody put into the browser before is worth nothing. */
  begin(user: User, request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Whose browser it is; null when it is not logged in, or they may do nothing any more. */
  userOf(request: FastifyRequest): Promise<User | null>;
  end(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Ends all of a user but the one of this request. */
  endOthers(userId: string, request: FastifyRequest): Promise<void>;
  /** Removes those that are over. */
  sweep(): Promise<void>;
}

export interface LoginsOptions {
  readonly settings: Pick<
    Settings,
    | "loginByHash"
    | "saveLogin"
    | "touchLogin"
    | "deleteLogin"
    | "deleteLoginsOf"
    | "deleteLoginsBefore"
    | "userById"
  >;
  readonly cookie: Cookie;
  readonly now: () => number;
}

/** A login is over when it was not used for so long, and at the latest so long after it began. Ours. */
const idleMs = 12 * 3_600_000;
const maxAgeMs = 30 * 86_400_000;
/** The end is moved at most this often. */
const touchMs = 60_000;

export function createLogins({ settings, cookie, now }: LoginsOptions): Logins {
  const endOf = (createdAt: number): number => Math.min(now() + idleMs, createdAt + maxAgeMs);

  async function loginOf(request: FastifyRequest): Promise<Login | null> {
    const secret = cookie.read(request);
    if (secret === null || secret.length > 100) return null;
    const login = await settings.loginByHash(hashOfSecret(secret));
    return login === null || login.expiresAt <= now() ? null : login;
  }

  return {
    async begin({ userId }, request, reply) {
      const before = await loginOf(request);
      if (before !== null) await settings.deleteLogin(before.loginHash);
      const secret = newSecret();
      const createdAt = now();
      await settings.saveLogin({
        loginHash: hashOfSecret(secret),
        userId,
        createdAt,
        expiresAt: endOf(createdAt),
      });
      // The server decides when it is over; the browser may keep the cookie as long as it could be good.
      cookie.write(reply, secret, maxAgeMs / 1_000);
    },
    async userOf(request) {
      const login = await loginOf(request);
      if (login === null) return null;
      const user = await settings.userById(login.userId);
      if (user === null || user.disabledAt !== null) return null;
      const expiresAt = endOf(login.createdAt);
      if (expiresAt - login.expiresAt >= touchMs) await settings.touchLogin(login.loginHash, expiresAt);
      return user;
    },
    async end(request, reply) {
      const login = await loginOf(request);
      if (login !== null) await settings.deleteLogin(login.loginHash);
      cookie.clear(reply);
    },
    async endOthers(userId, request) {
      const login = await loginOf(request);
      await settings.deleteLoginsOf(userId);
      if (login?.userId === userId) await settings.saveLogin(login);
    },
    sweep: () => settings.deleteLoginsBefore(now()),
  };
}
