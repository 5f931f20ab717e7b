import type { JsonObject, SessionContext } from "@peerscope/schema";
import { numberOf, textOf } from "../json.ts";
import { reduceUrl } from "../redact.ts";
import { describeUserAgent } from "../user-agent.ts";

/** What is known of a page that sends frames, besides the frames. */
export interface RtcstatsPage {
  readonly userAgent?: string | null;
  /** The `Origin` of the upgrade request. */
  readonly origin?: string | null;
  /** The address that the client connected to, as the request has it: a path. Apps put the name of a room there. */
  readonly path?: string | null;
  /** "rtcstats#5.0". */
  readonly protocol?: string | null;
  /** Unix ms by the clock of the server; stands in where the frames do not say when they were. */
  readonly startedAt?: number | null;
  /** A dump that Peerscope wrote: what is known of the page is in its records. */
  readonly isOwn?: boolean;
  /** `rtcStats.user` of the token, and `rtcStats.conference`. */
  readonly userId?: string | null;
  readonly callId?: string | null;
}

/** Characters of a text that is taken over. Ours. */
const maxCharacters = 1_000;

/** The second line of a dump, or the first one of an older file. */
export function readDumpHead(head: JsonObject): RtcstatsPage {
  return {
    userAgent: textOf(head["userAgent"]),
    origin: textOf(head["origin"]),
    // In older files `url` is that of the page and `path` what the client connected to.
    path: textOf(head["path"]) ?? textOf(head["url"]),
    protocol: textOf(head["clientProtocol"]),
    startedAt: startOf(head),
    isOwn: head["peerscope"] !== undefined,
  };
}

function startOf({ startTime, time }: JsonObject): number | null {
  const start = typeof time === "string" ? Date.parse(time) : numberOf(startTime ?? time);
  return start !== null && start > 1e12 && start < 4e12 ? start : null;
}

/** The context of the session, as far as this says it. */
export function describePage(page: RtcstatsPage | undefined): SessionContext {
  if (page === undefined || page.isOwn === true) return {};
  const { userAgent, origin, path, protocol, userId, callId } = page;
  const tags: Record<string, string> = {};
  if (path) tags["rtcstats-path"] = reduceUrl(path).slice(0, maxCharacters);
  if (protocol) tags["rtcstats-protocol"] = protocol.slice(0, maxCharacters);
  return {
    ...(userId ? { userId: userId.slice(0, maxCharacters) } : {}),
    ...(callId ? { callId: callId.slice(0, maxCharacters) } : {}),
    ...(userAgent ? describeUserAgent(userAgent) : {}),
    ...(origin ? { pageUrl: reduceUrl(origin).slice(0, maxCharacters) } : {}),
    sdkName: "rtcstats",
    ...(Object.keys(tags).length > 0 ? { tags } : {}),
  };
}
