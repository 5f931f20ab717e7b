import type { IncomingMessage } from "node:http";
import type { SessionContext } from "@peerscope/schema";
import type { ForeignErrorCode } from "../errors.ts";
import { sameSecret } from "./admission.ts";
import type { RtcstatsClient } from "./rtcstats-connection.ts";
import { nobody, readRtcstatsToken } from "./rtcstats-token.ts";

/** Whom the server takes frames of rtcstats from. */
export interface RtcstatsAdmission {
  /** Tokens have to be signed with it; null when none are asked for. */
  readonly secret: string | null;
  readonly ingestKey: string;
  /** Only this machine can reach the server: then neither token nor key is asked for. */
  readonly isLoopback: boolean;
}

export type AdmittedClient =
  | { readonly ok: true; readonly client: RtcstatsClient }
  | { readonly ok: false; readonly code: ForeignErrorCode; readonly detail?: string };

/** Characters of what a request says about its page. Ours. */
const maxCharacters = 1_000;
const maxNameCharacters = 256;

/** The subprotocols of rtcstats-js, all versions: the newest one that the client offers, as a server has to answer with one. */
export function rtcstatsProtocol(offered: Iterable<string>): string | false {
  const versions = [...offered].filter((protocol) => /^rtcstats#\d{1,3}\.\d{1,3}$/.test(protocol));
  return versions.toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }))[0] ?? false;
}

/**
 * Decides on an upgrade request and says who comes. With a secret the token counts, and nothing else. Without one, the path has to hold
 * the ingest key, unless only this machine can reach the server; who the client is then comes from the token as it is, or else from
 * `userId` and `callId` of the address.
 */
export function admitRtcstatsClient(
  request: IncomingMessage,
  protocol: string,
  { secret, ingestKey, isLoopback }: RtcstatsAdmission,
  now: number,
): AdmittedClient {
  const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
  const segments = path.slice(0, maxCharacters).split("/");
  const keyAt = segments.findIndex((segment) => sameSecret(segment, ingestKey));
  if (secret === null && !isLoopback && keyAt < 0) return { ok: false, code: "rtcstats-key-missing" };

  const parameters = new URLSearchParams(query);
  const token = parameters.get("rtcstats-token");
  let identity = nobody;
  if (token !== null) {
    const read = readRtcstatsToken(token, secret, now);
    if (read.ok) identity = read.identity;
    else if (secret !== null) return { ok: false, code: "rtcstats-token-invalid", detail: read.reason };
  } else if (secret !== null) return { ok: false, code: "rtcstats-token-invalid", detail: "There is none." };
  const stated = (name: string): string | null =>
    secret === null ? parameters.get(name)?.slice(0, maxNameCharacters) || null : null;

  const { origin, "user-agent": userAgent } = request.headers;
  const shownPath = segments.filter((_, index) => index !== keyAt).join("/") || "/";
  const page = {
    userAgent: userAgent?.slice(0, maxCharacters) ?? null,
    origin: origin?.slice(0, maxCharacters) ?? null,
    path: shownPath,
    protocol,
    startedAt: now,
    userId: identity.user ?? stated("userId"),
    callId: identity.conference ?? stated("callId"),
  };
  const { user, session, conference } = identity;
  const context: SessionContext = session === null ? {} : { tags: { "rtcstats-session": session } };
  const isNamed = user !== null || session !== null;
  const pageKey = isNamed
    ? JSON.stringify([user, session, conference, path, origin ?? null, userAgent ?? null])
    : null;
  return { ok: true, client: { page, context, pageKey } };
}
