import type { JsonObject, JsonValue, SampleRecord, StatsObject } from "@peerscope/schema";
import { arrayOf, isObject, isPlain, isUnixMs, objectOf, textOf } from "../json.ts";

/** W3C type by the collection that holds its objects. */
const types: ReadonlyMap<string, string> = new Map([
  ["codecs", "codec"],
  ["inboundRtps", "inbound-rtp"],
  ["outboundRtps", "outbound-rtp"],
  ["remoteInboundRtps", "remote-inbound-rtp"],
  ["remoteOutboundRtps", "remote-outbound-rtp"],
  ["mediaSources", "media-source"],
  ["mediaPlayouts", "media-playout"],
  ["peerConnectionTransports", "peer-connection"],
  ["dataChannels", "data-channel"],
  ["iceTransports", "transport"],
  ["iceCandidates", "local-candidate"],
  ["iceCandidatePairs", "candidate-pair"],
  ["certificates", "certificate"],
]);

/** Objects of one report. Ours: the same as for raw getStats lines. */
const maxObjects = 20_000;
const maxNameLength = 512;

/** A report out of a sample, and what of it could not be used. */
export interface ReadReport {
  readonly record: SampleRecord | null;
  /** Objects without id or time: the messages that told them are missing. */
  readonly incomplete: number;
  readonly invalid: number;
}

/** The getStats report that a PeerConnectionSample was made of. `sampleAt` is the time of the whole sample. */
export function readReport(connection: JsonObject, connectionId: string, sampleAt: number): ReadReport {
  const remoteCandidates = candidatesOfFarEnd(connection);
  const stats: StatsObject[] = [];
  const ids = new Set<string>();
  let incomplete = 0;
  let invalid = 0;
  for (const [collection, type] of types) {
    for (const entry of arrayOf(connection[collection])) {
      const { id, timestamp, attachments: _, ...members } = objectOf(entry);
      if (!isObject(entry) || !isName(id) || typeof timestamp !== "number" || !Number.isFinite(timestamp)) {
        incomplete += 1;
        continue;
      }
      if (
        ids.has(id) ||
        stats.length >= maxObjects ||
        !isPlain(members) ||
        Object.hasOwn(members, "__proto__")
      ) {
        invalid += 1;
        continue;
      }
      ids.add(id);
      const isRemote = type === "local-candidate" && remoteCandidates.has(id);
      stats.push({ ...members, id, type: isRemote ? "remote-candidate" : type, timestamp });
    }
  }
  const at = timeOf(stats) ?? sampleAt;
  return {
    record: stats.length === 0 ? null : { kind: "sample", at, connectionId, stats },
    incomplete,
    invalid,
  };
}

function isName(value: JsonValue | undefined): value is string {
  const name = textOf(value);
  return name !== null && name.length <= maxNameLength;
}

/** A candidate does not say which end it is of; a pair that has it does. */
function candidatesOfFarEnd(connection: JsonObject): ReadonlySet<JsonValue> {
  return new Set(
    arrayOf(connection["iceCandidatePairs"]).map((pair) => objectOf(pair)["remoteCandidateId"] ?? null),
  );
}

/** The median timestamp, as for raw getStats: the clock the counters belong to. */
function timeOf(stats: readonly StatsObject[]): number | null {
  const times = stats.map(({ timestamp }) => timestamp).sort((a, b) => a - b);
  const median = times[(times.length - 1) >> 1];
  return isUnixMs(median) ? median : null;
}
