import type { JsonValue, SampleRecord, SessionContext, StatsObject } from "@peerscope/schema";
import type { SessionTraits } from "@peerscope/schema/api";

/** How the media of a session travelled, gathered from its samples. */
export interface MediaTraits {
  readonly paths: string[];
  readonly codecs: string[];
  /** "wifi"; of the network that was used last. */
  network: string | null;
  /** Samples of each connection. */
  readonly seen: Map<string, number>;
}

/** Samples of a connection that are looked at: all of the first ones, in which paths and codecs are found, then every so many. Ours. */
const firstSamples = 15;
const sampleInterval = 15;
/** Connections that are looked at, and characters of their ids: a few bytes of a frame can name any number, of any length. Ours. */
const maxConnections = 2_000;
const maxIdLength = 512;
/** Different paths and codecs that are kept of one session. Ours. */
const maxDifferent = 16;

export function createMediaTraits(): MediaTraits {
  return { paths: [], codecs: [], network: null, seen: new Map() };
}

/** Looks at a sample, unless it is one of many that say the same. */
export function noteMedia(media: MediaTraits, { connectionId, stats }: SampleRecord): void {
  const { paths, codecs, seen } = media;
  const count = seen.get(connectionId) ?? 0;
  if (count === 0 && (seen.size >= maxConnections || connectionId.length > maxIdLength)) return;
  seen.set(connectionId, count + 1);
  if (count > firstSamples && count % sampleInterval !== 0) return;
  const byId = new Map(stats.map((object) => [object.id, object]));
  for (const pair of pairsInUse(stats, byId)) {
    const local = byId.get(textOf(pair["localCandidateId"]) ?? "");
    const remote = byId.get(textOf(pair["remoteCandidateId"]) ?? "");
    if (local !== undefined) note(paths, pathOf(local, remote));
    media.network = networkOf(local) ?? media.network;
  }
  for (const object of stats) {
    if (object.type !== "inbound-rtp" && object.type !== "outbound-rtp") continue;
    const mimeType = textOf(byId.get(textOf(object["codecId"]) ?? "")?.["mimeType"]);
    const codec = mimeType?.split("/")[1]?.toLowerCase();
    if (codec !== undefined && /^[a-z0-9.-]{1,20}$/.test(codec)) note(codecs, codec);
  }
}

/** The candidate pairs that carry media: by transport, else (older browsers) those that say so of themselves. */
function pairsInUse(
  stats: readonly StatsObject[],
  byId: ReadonlyMap<string, StatsObject>,
): readonly StatsObject[] {
  const ofTransports = stats.flatMap((object) => {
    const id = object.type === "transport" ? textOf(object["selectedCandidatePairId"]) : null;
    const pair = id === null ? undefined : byId.get(id);
    return pair === undefined ? [] : [pair];
  });
  if (ofTransports.length > 0) return ofTransports;
  return stats.filter((object) => object.type === "candidate-pair" && object["selected"] === true);
}

/** "direct/udp"; "relay/tls" when one side goes through a TURN server, with the protocol to our own. */
function pathOf(local: StatsObject, remote: StatsObject | undefined): string {
  const isOwnRelay = local["candidateType"] === "relay";
  const isRelay = isOwnRelay || remote?.["candidateType"] === "relay";
  const protocol = textOf((isOwnRelay ? local["relayProtocol"] : null) ?? local["protocol"])?.toLowerCase();
  const known = protocol === "udp" || protocol === "tcp" || protocol === "tls" ? `/${protocol}` : "";
  return `${isRelay ? "relay" : "direct"}${known}`;
}

function networkOf(local: StatsObject | undefined): string | null {
  const type = textOf(local?.["networkType"])?.toLowerCase();
  return type !== undefined && /^[a-z0-9-]{1,20}$/.test(type) && type !== "unknown" ? type : null;
}

function note(list: string[], value: string): void {
  if (list.length < maxDifferent && !list.includes(value)) list.push(value);
}

/** Characters of a name that a client chose, in a row. Ours. */
const maxNameLength = 80;

function textOf(value: JsonValue | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** Name and version that are short enough to be counted by. */
function nameOf(value: JsonValue | undefined): string | null {
  return textOf(value)?.slice(0, maxNameLength) ?? null;
}

/** What sessions are looked for by, from what their clients said, their samples and the place they came from. */
export function toTraits(
  context: SessionContext,
  { paths, codecs, network }: MediaTraits,
  country: string | null,
): SessionTraits {
  const browserName = nameOf(context["browserName"]);
  const major = /^\d{1,6}/.exec(textOf(context["browserVersion"]) ?? "")?.[0];
  const tags = context["tags"];
  const isObject = typeof tags === "object" && tags !== null;
  const appVersion = isObject && "appVersion" in tags ? tags["appVersion"] : undefined;
  return {
    browserName,
    browserVersion: browserName === null || major === undefined ? null : `${browserName} ${major}`,
    osName: nameOf(context["osName"]),
    device:
      typeof context["mobile"] === "boolean"
        ? context["mobile"]
          ? "mobile"
          : "desktop"
        : textOf(context["deviceModel"]) === null
          ? null
          : "mobile",
    country,
    network,
    sdkVersion: nameOf(context["sdkVersion"]),
    appVersion: nameOf(appVersion),
    paths: [...paths],
    codecs: [...codecs],
  };
}

/** Before anything is known. */
export const noTraits: SessionTraits = {
  browserName: null,
  browserVersion: null,
  osName: null,
  device: null,
  country: null,
  network: null,
  sdkVersion: null,
  appVersion: null,
  paths: [],
  codecs: [],
};
