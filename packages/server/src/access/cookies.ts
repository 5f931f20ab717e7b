import { fastifyCookie } from "@fastify/cookie";
import type { FastifyReply, FastifyRequest } from "fastify";

/** One cookie of this server: not readable by scripts, not sent along by other sites' requests. */
export interface Cookie {
  /** Null when the request has none. */
  read(request: FastifyRequest): string | null;
  write(reply: FastifyReply, value: string, maxAgeSeconds: number): void;
  clear(reply: FastifyReply): void;
}

/**
 * @param isSecure people reach the server over https. The `__Host-` prefix then keeps other hosts of the domain from setting it.
 */
export function createCookie(name: string, isSecure: boolean): Cookie {
  const fullName = isSecure ? `__Host-${name}` : name;
  const write = (reply: FastifyReply, value: string, maxAge: number): void => {
    const options = { path: "/", httpOnly: true, secure: isSecure, sameSite: "lax", maxAge } as const;
    void reply.header("set-cookie", fastifyCookie.serialize(fullName, value, options));
  };
  return {
    read({ headers }) {
      if (headers.cookie === undefined) return null;
      const cookies = fastifyCookie.parse(headers.cookie);
      return Object.hasOwn(cookies, fullName) ? (cookies[fullName] ?? null) : null;
    },
    write,
    clear: (reply) => write(reply, "", 0),
  };
}
