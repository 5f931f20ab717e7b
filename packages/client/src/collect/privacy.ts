import type { JsonObject } from "@peerscope/schema";
import type { MemberRule } from "../sample/plain-copy.ts";

/**
 * Cuts every IP address in a text to its network: IPv4 to /24 (`192.0.2.0`), IPv6 to /48 (`2001:db8:1::`). mDNS names stay.
 * Written without look-behind: Safari before 16.4 refuses to load a script that has one.
 */
function reduceAddresses(text: string): string {
  return text
    .replace(/[\w:.%]+/g, (word) =>
      /^[\da-f]*:[\da-f]*:[\da-f:.]*(%\w+)?$/i.test(word) ? networkOfIpv6(word) : word,
    )
    .replace(/(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}/g, "$1.0");
}

/** Of `1::2:…:7`, where the zeros begin before the first 48 bits end, a little less than those stays. */
function networkOfIpv6(address: string): string {
  return `${address.replace(/::.*/, "").split(":").slice(0, 3).join(":")}::`;
}

/** An address without query and fragment. The one query that the TURN URI scheme has stays: `?transport=tcp`. */
function reduceUrl(url: string): string {
  return url.replace(/(#|\?(?!transport=(udp|tcp)$)).*/, "");
}

/** What of a candidate line says where it failed, and nothing more (RFC 8839 section 5.1). */
function reduceCandidate(line: string): unknown {
  const [, , protocol, , address, port, , type] = line.split(" ");
  return type === undefined ? "" : { type, protocol, address, port: Number(port) };
}

/** Length and kinds of media sections of a session description; the text itself is not sent in this version. */
function reduceSdp(sdp: string): JsonObject {
  return { size: sdp.length, media: (sdp.match(/^m=\w+/gm) ?? []).map((line) => line.slice(2)) };
}

/**
 * The rule under which everything that a browser or an app hands to the SDK is copied. Secrets and identifiers of
 * devices never pass; addresses pass whole only with `fullAddresses`.
 */
export function createPrivacyRule(fullAddresses: boolean): MemberRule {
  const reduce = (text: string): string => (fullAddresses ? text : reduceAddresses(text));
  return (name, value) => {
    // Most of a report: decided first.
    if (typeof value === "number") return value;
    if (/^(credential|username|password|certificates)$/.test(name)) return undefined;
    if (/^(device|group)Id$/.test(name)) return value && true;
    if (typeof value === "object" && value) return describeMedia(value);
    if (typeof value !== "string") return value;
    if (/^(address|ip|relatedAddress|errorText|message)$/.test(name)) return reduce(value);
    // By value too: the addresses of ICE servers may be in an array.
    if (name === "url" || /^(stun|turn)s?:/.test(value)) return reduce(reduceUrl(value));
    if (name === "sdp") return reduceSdp(value);
    return name === "candidate" ? reduceCandidate(value) : value;
  };
}

/** Media objects are named, not copied: their labels are names of devices. */
function describeMedia(value: object): unknown {
  // Not instanceof: the object may come from a frame.
  const tag = String(Reflect.get(value, Symbol.toStringTag));
  if (tag.endsWith("StreamTrack")) {
    const { id, kind } = value as MediaStreamTrack;
    return { trackId: id, kind };
  }
  if (tag === "MediaStream") {
    const stream = value as MediaStream;
    return { streamId: stream.id, tracks: stream.getTracks() };
  }
  if (tag === "RTCIceCandidate") return (value as RTCIceCandidate).toJSON();
  if (tag === "RTCRtpSender") return { track: (value as RTCRtpSender).track };
  return value;
}
