import type { JsonObject, JsonValue } from "@peerscope/schema";

/** Characters of a description that are kept, as the SDK does. */
const maxSdpLength = 60_000;
const maxTextLength = 4_000;
const maxMembers = 200;

/**
 * Events of other tools carry what the SDK never lets out of a page. What is read of them goes through here, so that they say as
 * much as events of the SDK do. Statistics stay as they are: other tools hand them over whole.
 */

/** What takes the place of every IP address in a text. */
function replaceAddresses(text: string, v6: (address: string) => string, v4: string): string {
  return text
    .replace(/[\w:.%]+/g, (word) =>
      word.length < 80 && /^[\da-f]*:[\da-f]*:[\da-f:.]*(%\w+)?$/i.test(word) ? v6(word) : word,
    )
    .replace(/\b(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}\b/g, v4);
}

/** Cuts every IP address in a text to its network: IPv4 to /24, IPv6 to /48. */
export function reduceAddresses(text: string): string {
  return replaceAddresses(text, (address) => address.replace(/^([^:]*(:[^:]+){0,2}).*/, "$1::"), "$1.0");
}

/** Puts the unspecified address in the place of every IP address in a text, so that what is around it can still be read. */
export function removeAddresses(text: string): string {
  return replaceAddresses(text, () => "::", "0.0.0.0");
}

/** False for most texts; true where an IP address may be, and not only a time of day or a version of three numbers. */
export function mayHoldAddress(text: string): boolean {
  return /\d\.\d{1,3}\.\d{1,3}\.\d|::|(:[\da-f]{1,4}){6}/i.test(text);
}

/** An address without query and fragment; `?transport=tcp` of a TURN server stays. */
export function reduceUrl(url: string): string {
  return url.slice(0, maxTextLength).replace(/(#|\?(?!transport=(udp|tcp)$)).*/s, "");
}

/** A session description without passwords, keys, identities and host addresses. */
export function reduceSdp(sdp: string): string {
  return reduceAddresses(withoutSecrets(sdp));
}

/** A session description, or lines of one, without passwords, keys and identities. */
export function withoutSecrets(sdp: string): string {
  const secret = /(^[eikpu]=|(ice-pwd|inline|identity|key-mgmt):|fingerprint:\S+).*/gm;
  const text = sdp.slice(0, maxSdpLength).replace(secret, "$1");
  // Looked for first: most have none, and the pattern looks ahead at every character.
  return text.includes("@") ? text.replace(/[^\s=:@]{1,200}@/g, "@") : text;
}

const secrets = new Set([
  "credential",
  "username",
  "password",
  "certificates",
  "fingerprint",
  "base64Certificate",
  "deviceId",
  "deviceLabel",
  "groupId",
  "label",
  "__proto__",
]);

/** A copy of data of an event under the SDK's rule: no secrets, no names of devices, bounded. */
export function reduceData(data: JsonObject): JsonObject {
  const result: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(data).slice(0, maxMembers)) {
    if (!secrets.has(name)) result[name] = reduceValue(name, value, 8);
  }
  return result;
}

function reduceValue(name: string, value: JsonValue, depth: number): JsonValue {
  if (typeof value === "string") {
    if (name === "sdp") return reduceSdp(value);
    const text = value.slice(0, maxTextLength);
    return name === "url" || /^(stun|turn)s?:/.test(text)
      ? reduceAddresses(reduceUrl(text))
      : reduceAddresses(text);
  }
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "object" || value === null) return value;
  if (depth === 0) return null;
  if (Array.isArray(value))
    return value.slice(0, maxMembers).map((entry) => reduceValue(name, entry, depth - 1));
  const result: Record<string, JsonValue> = {};
  for (const [member, inner] of Object.entries(value).slice(0, maxMembers)) {
    if (!secrets.has(member)) result[member] = reduceValue(member, inner, depth - 1);
  }
  return result;
}
