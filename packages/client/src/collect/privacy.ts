import type { JsonObject } from "@peerscope/schema";
import type { MemberRule } from "../sample/plain-copy.ts";

/**
 * Cuts every IP address in a text to its network: IPv4 to /24 (`192.0.2.0`), IPv6 to /48 (`2001:db8:1::`). mDNS names stay.
 * Written without look-behind: Safari before 16.4 refuses to load a script that has one.
 */
export function reduceAddresses(text: string): string {
  return text
    .replace(/[\w:.%]+/g, (word) =>
      /^[\da-f]*:[\da-f]*:[\da-f:.]*(%\w+)?$/i.test(word) ? networkOfIpv6(word) : word,
    )
    .replace(/(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}/g, "$1.0");
}

function networkOfIpv6(address: string): string {
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const last = tail === "" ? [] : tail.split(":");
    // An embedded IPv4 address stands for two groups; it is always in the part that is cut.
    while (groups.length + last.length < (tail.includes(".") ? 7 : 8)) groups.push("0");
    groups.push(...last);
  }
  return `${groups.slice(0, 3).join(":")}::`;
}

/** An address without user, query and fragment. The one query that the TURN URI scheme has stays: `?transport=tcp`. */
export function reduceUrl(url: string): string {
  return url
    .replace(/#.*/, "")
    .replace(/\?(?!transport=(udp|tcp)$).*/, "")
    .replace(/\/\/[^/]*@/, "//");
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
    switch (name) {
      case "credential":
      case "username":
      case "password":
      case "certificates":
        return undefined;
      case "deviceId":
      case "groupId":
        return value === undefined ? undefined : true;
    }
    if (typeof value === "object" && value !== null) {
      if (name === "urls" && Array.isArray(value)) return value.map((url) => reduce(reduceUrl(String(url))));
      return describeMedia(value) ?? value;
    }
    if (typeof value !== "string") return value;
    switch (name) {
      case "address":
      case "ip":
      case "relatedAddress":
      case "errorText":
        return reduce(value);
      case "url":
      case "urls":
        return reduce(reduceUrl(value));
      case "sdp":
        return reduceSdp(value);
      case "candidate":
        return reduceCandidate(value);
    }
    return value;
  };
}

/** Media objects are named, not copied: their labels are names of devices. */
function describeMedia(value: object): unknown {
  const tag = Object.prototype.toString.call(value);
  if (tag.endsWith("MediaStreamTrack]")) {
    const { id, kind } = value as MediaStreamTrack;
    return { trackId: id, kind };
  }
  if (tag === "[object MediaStream]") {
    const stream = value as MediaStream;
    return { streamId: stream.id, tracks: stream.getTracks() };
  }
  if (tag === "[object RTCRtpSender]") {
    const { track } = value as RTCRtpSender;
    return track === null ? {} : describeMedia(track);
  }
  return undefined;
}
