import type { MemberRule } from "../sample/plain-copy.ts";

/**
 * Cuts every IP address in a text to its network: IPv4 to /24 (`192.0.2.0`), IPv6 to /48 (`2001:db8:1::`). mDNS names stay.
 * Written without look-behind: Safari before 16.4 refuses to load a script that has one.
 */
function reduceAddresses(text: string): string {
  return text
    .replace(/[\w:.%]+/g, (word) =>
      // Of `1::2:…:7`, where the zeros begin before the first 48 bits end, a little less than those stays.
      /^[\da-f]*:[\da-f]*:[\da-f:.]*(%\w+)?$/i.test(word)
        ? word.replace(/^([^:]*(:[^:]+){0,2}).*/, "$1::")
        : word,
    )
    .replace(/(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}/g, "$1.0");
}

/** An address without query and fragment. The one query that the TURN URI scheme has stays: `?transport=tcp`. */
function reduceUrl(url: string): string {
  return url.replace(/(#|\?(?!transport=(udp|tcp)$)).*/, "");
}

/**
 * A session description without what opens the call to others or names a person: passwords, keys and identities, of a
 * fingerprint all but the algorithm, and what is before an "@". Cut where the codec would cut it.
 */
function reduceSdp(sdp: string): string {
  return sdp
    .slice(0, 60_000)
    .replace(/(^[eikpu]=|(ice-pwd|inline|identity|key-mgmt):|fingerprint:\S+).*/gm, "$1")
    .replace(/[^\s=:]+@/g, "@");
}

/**
 * The rule under which everything that a browser or an app hands to the SDK is copied. Secrets and identifiers of
 * devices never pass; addresses pass whole only with `fullAddresses`. What has nothing to hide is given back as it is.
 */
export function createPrivacyRule(fullAddresses?: boolean): MemberRule {
  /** What was made of texts: candidates say the same each second. */
  const reduced = new Map<string, string>();
  const reduce = (text: string): string => {
    const known = fullAddresses ? text : (reduced.get(text) ?? reduceAddresses(text));
    if (text.length < 99 && reduced.size < 999) reduced.set(text, known);
    return known;
  };
  const reduceServer = (url: string): string => reduce(reduceUrl(url));
  // Looked up, not matched: a report has some ten texts in each of its objects.
  const byName = new Map<string, (value: unknown) => unknown>();
  const treat = (names: string, treatment: (value: unknown) => unknown): void => {
    for (const name of names.split(" ")) byName.set(name, treatment);
  };
  const treatText = (names: string, treatment: (text: string) => string): void =>
    treat(names, (value) => (typeof value === "string" ? treatment(value) : describeMedia(value)));
  treat("credential username password certificates fingerprint base64Certificate", () => undefined);
  treat("deviceId groupId", (value) => value && true);
  treatText("address ip relatedAddress candidate errorText message", reduce);
  treatText("url", reduceServer);
  treatText("sdp", (sdp) => reduce(reduceSdp(sdp)));
  return (name, value) => {
    const treatment = byName.get(name);
    if (treatment) return treatment(value);
    if (typeof value !== "string") return describeMedia(value);
    // By value too: the addresses of ICE servers may be in an array.
    // The colon is looked for first: it is far cheaper than the patterns.
    if (value[5] !== ":" && value[4] !== ":") return value;
    // Chromium names a certificate of a report by its fingerprint: as much of it stays as tells certificates apart.
    if (/^CF[\dA-F:]{59}/.test(value)) return value.slice(0, 10);
    return /^(stun|turn)s?:/.test(value) ? reduceServer(value) : value;
  };
}

/** Media objects are named, not copied: their labels are names of devices. */
function describeMedia(value: unknown): unknown {
  if (typeof value !== "object" || !value) return value;
  // Not instanceof: the object may come from a frame.
  const tag = String((value as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag]);
  const media = value as MediaStreamTrack & MediaStream & RTCIceCandidate & RTCRtpSender & RTCRtpTransceiver;
  if (tag.includes("StreamTrack")) return { trackId: media.id, kind: media.kind };
  if (tag === "MediaStream") return { streamId: media.id, tracks: media.getTracks() };
  if (tag === "RTCIceCandidate") return media.toJSON();
  if (tag === "RTCRtpSender") return { track: media.track };
  if (tag === "RTCRtpTransceiver") return { mid: media.mid, receiverTrackId: media.receiver.track.id };
  return value;
}
