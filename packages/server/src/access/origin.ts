import type { FastifyInstance, FastifyRequest } from "fastify";
import { isLoopback } from "../config.ts";
import { RequestError } from "../errors.ts";

/** Where the server can be reached. */
export interface OwnAddresses {
  /** Address that it listens on. */
  readonly host: string;
  /** What people see in front of a reverse proxy; null: they come directly. */
  readonly publicUrl: URL | null;
}

/**
 * Answers to the server's own names only. On loopback a web page could otherwise point its own name here and read what no
 * login protects (DNS rebinding); with a public address, other names are somebody's mistake or trick.
 */
export function refuseOtherHosts(app: FastifyInstance, { host, publicUrl }: OwnAddresses): void {
  app.addHook("onRequest", async ({ raw }) => {
    // Two of them: what is in front of the server may have looked at the other one.
    const hosts = raw.rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === "host");
    if (hosts.length > 1) throw new RequestError("host-not-allowed");
    if (!isLoopback(host) && publicUrl === null) return;
    const asked = hostnameOf(raw.headers.host ?? "");
    if (asked === null) throw new RequestError("host-not-allowed");
    // Bound to all addresses, this is the one that the request came to.
    const local = plainAddress(raw.socket.localAddress ?? "");
    const isOwn =
      asked === publicUrl?.hostname ||
      asked === hostnameOf(bracketed(host)) ||
      asked === hostnameOf(bracketed(local)) ||
      ((isLoopback(host) || isLoopback(local)) && isLoopback(asked));
    if (!isOwn) throw new RequestError("host-not-allowed");
  });
}

/**
 * Refuses a change that a page of another origin asks for. Browsers send cookies along with those; what a browser did not send
 * says nothing, and `isCookie` decides about it.
 */
export function demandOwnPage(request: FastifyRequest, publicUrl: URL | null, isCookie: boolean): void {
  if (["GET", "HEAD", "OPTIONS"].includes(request.method)) return;
  const { origin, host } = request.headers;
  const site = request.headers["sec-fetch-site"];
  const isOwn =
    origin !== undefined
      ? origin === publicUrl?.origin || origin === `${request.protocol}://${host}`
      : site !== undefined
        ? site === "same-origin"
        : !isCookie;
  if (!isOwn) throw new RequestError("origin-not-allowed");
}

/**
 * True when the request comes from this machine and nobody handed it on: a reverse proxy on the same machine has a loopback
 * address too. Those that add nothing at all mostly speak HTTP/1.0, as nginx does by default.
 */
export function isDirectFromThisMachine({ raw }: FastifyRequest): boolean {
  if (!isLoopback(plainAddress(raw.socket.remoteAddress ?? ""))) return false;
  if (raw.httpVersion === "1.0") return false;
  return !Object.keys(raw.headers).some(
    (name) => name.startsWith("x-forwarded") || name.startsWith("x-original") || handedOn.has(name),
  );
}

const handedOn = new Set([
  "forwarded",
  "via",
  "x-real-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-rewrite-url",
  "true-client-ip",
  "cf-connecting-ip",
  "fastly-client-ip",
]);

/** IPv4 addresses of sockets that take both kinds look like IPv6. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}

function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

/** As URLs write it: lower case, IPv6 in its shortest form with brackets. Null when it is no host. */
function hostnameOf(host: string): string | null {
  if (!/^[\w.-]+(:\d{1,5})?$|^\[[\da-f:.]+\](:\d{1,5})?$/i.test(host)) return null;
  const url = `http://${host}`;
  return URL.canParse(url) ? new URL(url).hostname : null;
}
