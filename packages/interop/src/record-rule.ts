import type { JsonObject, JsonValue, SampleRecord, SessionRecord, StatsObject } from "@peerscope/schema";
import { reduceAddresses, reduceUrl } from "./redact.ts";

/** Texts whose reduction is remembered: candidates say the same in each report. Ours. */
const maxRemembered = 1_000;
/** Objects within an object of a report. Ours: browsers have one. */
const maxDepth = 8;

/** What the SDK never lets out of a page. */
const secrets = new Set([
  "credential",
  "username",
  "password",
  "certificates",
  "fingerprint",
  "base64Certificate",
]);
const addresses = new Set(["address", "ip", "relatedAddress", "candidate", "errorText", "message"]);
const identifiers = new Set(["deviceId", "groupId"]);
const certificateIds = new Set(["id", "localCertificateId", "remoteCertificateId", "issuerCertificateId"]);

/**
 * Reports of other clients come as the browser gave them. This takes from them what the SDK takes from its own before they leave the
 * page: addresses are cut to their networks, secrets and fingerprints are left out. Events have been reduced by their reader.
 */
export function createRecordRule(): (record: SessionRecord) => SessionRecord {
  const remembered = new Map<string, string>();

  function reduce(text: string): string {
    if (text.length > 99) return reduceAddresses(text);
    const known = remembered.get(text) ?? reduceAddresses(text);
    if (remembered.size < maxRemembered) remembered.set(text, known);
    return known;
  }

  function member(name: string, value: JsonValue, depth: number): JsonValue {
    if (typeof value === "string") {
      if (addresses.has(name)) return reduce(value);
      if (name === "url") return reduce(reduceUrl(value));
      return certificateIds.has(name) ? shortenCertificateId(value) : value;
    }
    if (typeof value !== "object" || value === null) return value;
    if (depth === 0) return null;
    if (isList(value)) return value.map((entry) => member(name, entry, depth - 1));
    return Object.fromEntries(members(value, depth));
  }

  function members(object: JsonObject, depth: number): [string, JsonValue][] {
    const kept: [string, JsonValue][] = [];
    for (const [name, value] of Object.entries(object)) {
      if (secrets.has(name) || name === "__proto__") continue;
      kept.push([name, identifiers.has(name) ? value !== "" : member(name, value, depth - 1)]);
    }
    return kept;
  }

  function reduceStats(stats: StatsObject): StatsObject {
    const { id, type, timestamp, ...others } = stats;
    const kept = Object.fromEntries(members(others, maxDepth));
    return { id: shortenCertificateId(id), type, timestamp, ...kept };
  }

  const reduceSample = (sample: SampleRecord): SampleRecord => ({
    ...sample,
    stats: sample.stats.map(reduceStats),
  });
  return (record) => (record.kind === "sample" ? reduceSample(record) : record);
}

/** Chromium names a certificate by its fingerprint: as much of it stays as tells certificates apart. */
function shortenCertificateId(id: string): string {
  return id.startsWith("CF") ? id.replace(/^(CF[\dA-F:]{8}):[\dA-F:]+$/, "$1") : id;
}

function isList(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}
