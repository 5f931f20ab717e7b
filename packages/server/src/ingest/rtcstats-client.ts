import type { IncomingMessage } from "node:http";
import type { SessionContext } from "@peerscope/schema";
import type { ForeignErrorCode, IngestErrorCode } from "../errors.ts";
import type { KeyHolder, Refusal } from "./ingest-gate.ts";
import type { RtcstatsClient } from "./rtcstats-connection.ts";
import { nobody, readRtcstatsToken } from "./rtcstats-token.ts";

/** Whom the server takes frames of rtcstats from. */
export interface RtcstatsAdmission {
  /** Tokens have to be signed with it; null when none are asked for. */
  readonly secret: string | null;
  /** Only this machine can reach the server: then neither token nor key is asked for. */
  readonly isLoopback: boolean;
  /** Whose sessions they are when the path has no key. */
  readonly defaultProjectId: string;
  readonly letIn: (key: string) => KeyHolder | Refusal;
  /** Unix ms. */
  readonly now: number;
}

export type AdmittedClient =
  | {
      readonly ok: true;
      readonly client: Omit<RtcstatsClient, "address">;
      /** Null without a key in the path. */
      readonly holder: KeyHolder | null;
    }
  | { readonly ok: false; readonly code: ForeignErrorCode | IngestErrorCode; readonly detail?: string };

/** Characters of what a request says about its page. Ours. */
const maxCharacters = 1_000;
const maxNameCharacters = 256;
/** Characters of a path; a token in it may have 4,096. Ours. */
const maxPathCharacters = 5_000;

/** The subprotocols of rtcstats-js, all versions: the newest one that the client offers, as a server has to answer with one. */
export function rtcstatsProtocol(offered: Iterable<string>): string | false {
  const versions = [...offered].filter((protocol) => /^rtcstats#\d{1,3}\.\d{1,3}$/.test(protocol));
  return versions.toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }))[0] ?? false;
}

/**
 * Decides on an upgrade request and says who comes. A key in the path says which project it is for. With a secret the token has to be
 * good, without one the path has to hold a key, unless only this machine can reach the server; who the client is then comes from the token
 * as it is, or else from `userId` and `callId` of the address.
 */
export function admitRtcstatsClient(
  request: IncomingMessage,
  protocol: string,
  admission: RtcstatsAdmission,
): AdmittedClient {
  const { secret, isLoopback, now } = admission;
  const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
  const segments = path.slice(0, maxPathCharacters).split("/");
  let holder: KeyHolder | null = null;
  const keyAt = segments.findIndex(mayBeKey);
  const key = segments[keyAt];
  if (key !== undefined) {
    const answer = admission.letIn(key);
    if (answer.ok) holder = answer;
    else if (!answer.code.endsWith("-invalid")) return answer;
  }
  if (secret === null && !isLoopback && holder === null) return { ok: false, code: "rtcstats-key-missing" };

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
  const shownPath =
    (holder === null ? segments : segments.filter((_, index) => index !== keyAt))
      .join("/")
      .slice(0, maxCharacters) || "/";
  const projectId = holder?.projectId ?? admission.defaultProjectId;
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
    ? JSON.stringify([projectId, user, session, conference, path, origin ?? null, userAgent ?? null])
    : null;
  return { ok: true, holder, client: { projectId, page, context, pageKey } };
}

/** A public key, or a JSON Web Token: its header is an object, whose first bytes are the same in all of them. */
function mayBeKey(segment: string): boolean {
  return segment.startsWith("pk_") || /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/.test(segment);
}
