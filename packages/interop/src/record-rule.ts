import type {
  ContextRecord,
  EventRecord,
  JsonObject,
  JsonValue,
  SampleRecord,
  SessionContext,
  SessionRecord,
  StatsObject,
} from "@peerscope/schema";
import { mayHoldAddress, reduceAddresses, reduceUrl, removeAddresses, withoutSecrets } from "./redact.ts";

/** Texts whose reduction is remembered: candidates say the same in each report. Ours. */
const maxRemembered = 1_000;
/** Shorter texts take no more than other values, in UTF-16 units. Ours. */
const longText = 99;
/** Objects within an object. Ours: browsers have one, apps a few, and the codec takes sixteen. */
const maxDepth = 16;

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
const labels = new Set(["label", "deviceLabel"]);
/** Members of a context with numbers that look like addresses. */
const versions = new Set(["userAgent", "browserVersion", "osVersion", "sdkVersion"]);
/** How the SDK says which device it is: 40 bits of a hash. */
const deviceHash = /^[\da-f]{10}$/;

/** What is taken from records, whoever made them. Secrets go whatever it says. */
export interface RecordRules {
  /** `prefix`: IPv4 /24, IPv6 /48. `remove`: the unspecified address takes their place. `keep`: as they came. */
  readonly ipAddresses: "prefix" | "remove" | "keep";
  /** Names of devices, and the hashes that stand for them: `hash` makes pseudonyms of names, `remove` takes both. */
  readonly deviceLabels: "hash" | "remove" | "keep";
  readonly userIds: "keep" | "hash";
  /** What stands for a user id or a name of a device; the same for the same text. */
  readonly pseudonym: (text: string) => string;
  /** Told of each longer text before it is looked through, in UTF-16 units; what it throws ends the work on the record. */
  readonly onText?: (units: number) => void;
}

/**
 * Reports of other clients come as the browser gave them. This takes from them what the SDK takes from its own before they leave the
 * page: addresses are cut to their networks, secrets and fingerprints are left out. Events have been reduced by their reader.
 *
 * With `rules` it trusts nobody: events and context go through it as well, and what the rules say is done to all. What has been
 * through it comes out as it went in.
 */
export function createRecordRule(rules?: RecordRules): (record: SessionRecord) => SessionRecord {
  const remembered = new Map<string, string>();
  const addressRule = rules?.ipAddresses ?? "prefix";
  const replace = {
    prefix: reduceAddresses,
    remove: removeAddresses,
    keep: (text: string) => text,
  }[addressRule];

  function look(text: string): void {
    if (text.length > longText) rules?.onText?.(text.length);
  }

  function reduce(text: string): string {
    if (text.length > longText) return replace(text);
    const known = remembered.get(text) ?? replace(text);
    if (remembered.size < maxRemembered) remembered.set(text, known);
    return known;
  }

  /** A text of a member about which nothing is known. */
  function reduceAny(text: string): string {
    return rules !== undefined && mayHoldAddress(text) ? reduce(text) : text;
  }

  function member(name: string, value: JsonValue, depth: number, hasLabels: boolean): JsonValue | undefined {
    if (secrets.has(name) || name === "__proto__") return undefined;
    if (identifiers.has(name)) return typeof value === "boolean" ? value : value !== "";
    if (typeof value === "string") {
      look(value);
      return textMember(name, value, hasLabels);
    }
    if (typeof value !== "object" || value === null) return value;
    if (depth === 0) return null;
    if (isList(value)) return value.map((entry) => member(name, entry, depth - 1, hasLabels) ?? null);
    return members(value, depth - 1, hasLabels);
  }

  function textMember(name: string, value: string, hasLabels: boolean): string | undefined {
    if (addresses.has(name)) return reduce(value);
    if (name === "url") return reduce(reduceUrl(value));
    if (certificateIds.has(name)) return shortenCertificateId(value);
    if (rules === undefined) return value;
    if (name === "sdp") return reduce(withoutSecrets(value));
    if (/^(stun|turn)s?:/.test(value)) return reduce(reduceUrl(value));
    if (hasLabels && labels.has(name)) return labelMember(rules, value);
    if (hasLabels && name === "device") return deviceMember(rules, value);
    return reduceAny(value);
  }

  function members(object: JsonObject, depth: number, hasLabels: boolean): Record<string, JsonValue> {
    const kept: [string, JsonValue][] = [];
    for (const [name, value] of Object.entries(object)) {
      const reduced = member(name, value, depth, hasLabels);
      if (reduced !== undefined) kept.push([name, reduced]);
    }
    return Object.fromEntries(kept);
  }

  /** True for most objects of a report: they are passed on as they are, which costs a fraction of a copy. */
  function isReduced(stats: StatsObject): boolean {
    for (const name in stats) {
      const value = stats[name];
      if (secrets.has(name) || name === "__proto__") return false;
      if (typeof value === "string") {
        if (name !== "type" && member(name, value, 0, false) !== value) return false;
      } else if (typeof value === "object" ? value !== null : identifiers.has(name)) return false;
    }
    return true;
  }

  function reduceStats(stats: StatsObject): StatsObject {
    if (isReduced(stats)) return stats;
    const { id, type, timestamp, ...others } = stats;
    return { id: shortenCertificateId(id), type, timestamp, ...members(others, maxDepth, false) };
  }

  const reduceSample = (sample: SampleRecord): SampleRecord => ({
    ...sample,
    stats: sample.stats.map(reduceStats),
  });

  function reduceEvent(event: EventRecord): EventRecord {
    const { data, name } = event;
    if (data === undefined) return event;
    // The label of a data channel is the app's name for it.
    const isChannel = name.startsWith("data-channel") || data["method"] === "createDataChannel";
    return { ...event, data: members(data, maxDepth, !isChannel) };
  }

  function reduceContext(record: ContextRecord, { userIds, pseudonym }: RecordRules): ContextRecord {
    const kept: Record<string, JsonValue> = {};
    for (const [name, value] of Object.entries(record.context)) {
      if (name === "__proto__" || value === undefined) continue;
      if (name === "userId" && typeof value === "string") {
        kept[name] = userIds === "hash" && !isPseudonym(value) ? pseudonym(value) : value;
      } else if (versions.has(name)) kept[name] = value;
      else if (name === "pageUrl" && typeof value === "string") {
        look(value);
        kept[name] = reduce(reduceUrl(value));
      } else kept[name] = contextMember(value, maxDepth);
    }
    return { ...record, context: kept satisfies SessionContext };
  }

  /** Tags and the like: the app chose their names, so a name says nothing about the value. */
  function contextMember(value: JsonValue, depth: number): JsonValue {
    if (typeof value === "string") {
      look(value);
      return reduceAny(value);
    }
    if (typeof value !== "object" || value === null) return value;
    if (depth === 0) return null;
    if (isList(value)) return value.map((entry) => contextMember(entry, depth - 1));
    const kept = Object.entries(value).filter(([name]) => name !== "__proto__");
    return Object.fromEntries(kept.map(([name, inner]) => [name, contextMember(inner, depth - 1)]));
  }

  return (record) => {
    if (record.kind === "sample") return reduceSample(record);
    if (rules === undefined) return record;
    return record.kind === "event" ? reduceEvent(record) : reduceContext(record, rules);
  };
}

function labelMember({ deviceLabels, pseudonym }: RecordRules, label: string): string | undefined {
  if (deviceLabels === "keep" || label === "" || isPseudonym(label)) return label;
  return deviceLabels === "hash" ? pseudonym(label) : undefined;
}

function deviceMember({ deviceLabels, pseudonym }: RecordRules, device: string): string | undefined {
  if (deviceLabels === "keep") return device;
  if (deviceLabels === "remove") return undefined;
  return deviceHash.test(device) || isPseudonym(device) ? device : pseudonym(device);
}

/** What `pseudonym` makes begins so, and is not made a pseudonym of again. */
export const pseudonymPrefix = "anon_";

function isPseudonym(text: string): boolean {
  return /^anon_[\w-]{22}$/.test(text);
}

/** Chromium names a certificate by its fingerprint: as much of it stays as tells certificates apart. */
function shortenCertificateId(id: string): string {
  return id.startsWith("CF") ? id.replace(/^(CF[\dA-F:]{8}):[\dA-F:]+$/, "$1") : id;
}

function isList(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}
