import { isGetStatsLines } from "./getstats-lines/getstats-lines.ts";
import { arrayOf, isObject, objectOf, parseJson } from "./json.ts";
import type { ForeignFormat } from "./reader.ts";
import { decodeUtf8 } from "./utf8.ts";

/**
 * Which format a source is in, by its first plain bytes (at most 64 KiB are needed); null when it is none that is read. What is packed
 * has to be unpacked before.
 */
export function detectFormat(head: Uint8Array): ForeignFormat | null {
  const { text, isUtf8 } = decodeUtf8(head);
  const content = text.replace(/^\uFEFF/, "").trimStart();
  if (content.startsWith("RTCStatsDump")) return "rtcstats";
  if (content.startsWith("[")) return ofArray(content);
  if (content.startsWith("{")) return ofObject(content);
  // A sample whose first field is one of the root message; text of nothing but its alphabet is the same in base64.
  if (isUtf8 && /^[A-Za-z0-9+/=\s]{16,}$/.test(content)) return "observertc-protobuf";
  return !isUtf8 && isProtobufRoot(head) ? "observertc-protobuf" : null;
}

/** Frames of rtcstats without a head begin with a method; a batch of samples holds objects. */
function ofArray(content: string): ForeignFormat | null {
  if (/^\[\s*\{/.test(content)) return isSampleText(content) ? sampleFormat(content) : null;
  return /^\[\s*(\d{1,3}|"[^"]{1,100}")\s*,\s*(null|"[^"]{0,600}")\s*,/.test(content) ? "rtcstats" : null;
}

function ofObject(content: string): ForeignFormat | null {
  const newline = content.indexOf("\n");
  const first = parseJson(newline < 0 ? content : content.slice(0, newline));
  if (isObject(first)) {
    const { fileFormat, statsSessionId, peerConnections } = first;
    if (fileFormat === 1 || fileFormat === 2 || typeof statsSessionId === "string") return "rtcstats";
    if (first["PeerConnections"] !== undefined) return "webrtc-internals";
    if (isObject(peerConnections)) return "rtcstats";
  }
  if (isGetStatsLines(content)) return "getstats-lines";
  if (isSampleText(content)) return sampleFormat(content);
  // Documents that are longer than the head: what they begin with has to do.
  if (/"PeerConnections"\s*:/.test(content)) return "webrtc-internals";
  if (/^\{\s*"(getUserMedia|UserAgent|UserAgentData)"\s*:/.test(content)) return "webrtc-internals";
  if (/^\{\s*"peerConnections"\s*:\s*\{/.test(content)) return "rtcstats";
  if (/"pc"\s*:\s*"/.test(content) && /"stats"\s*:\s*\[/.test(content)) return "getstats-lines";
  return null;
}

/** A ClientSample, or the beginning of one, perhaps within a wrapper. */
function isSampleText(content: string): boolean {
  const hasRoot = /"(clientId|clientEvents|clientMetaItems|extensionStats)"\s*:/.test(content);
  return hasRoot && /"timestamp"\s*:/.test(content) && !/"PeerConnections"\s*:/.test(content);
}

/** Records that lack what every whole one has are said by their difference. */
function sampleFormat(content: string): ForeignFormat {
  for (const line of content.split("\n", 200)) {
    const parsed = parseJson(line.trim());
    const samples = Array.isArray(parsed) ? parsed : [parsed];
    for (const one of samples) {
      const outer = objectOf(one);
      const sample = [outer["sample"], outer["payload"]].find(isObject) ?? outer;
      if (arrayOf(sample["peerConnections"]).some(isDifference)) return "observertc-delta";
    }
  }
  return "observertc-json";
}

function isDifference(connection: unknown): boolean {
  if (typeof connection !== "object" || connection === null) return false;
  const has = (list: string, ...names: string[]): boolean => {
    const entries: unknown = Reflect.get(connection, list);
    return (
      Array.isArray(entries) &&
      entries.some(
        (entry: unknown) =>
          typeof entry === "object" && entry !== null && names.some((name) => !Object.hasOwn(entry, name)),
      )
    );
  };
  return (
    ["inboundRtps", "outboundRtps", "remoteInboundRtps", "remoteOutboundRtps"].some((list) =>
      has(list, "id", "kind"),
    ) ||
    has("codecs", "mimeType") ||
    has("mediaSources", "kind") ||
    has("mediaPlayouts", "kind")
  );
}

/** Fields 1 to 11 of a ClientSample: messages and texts have a length, timestamp and score are doubles. */
function isProtobufRoot(head: Uint8Array): boolean {
  const tag = head[0] ?? 0;
  const field = tag >> 3;
  const wireType = tag & 7;
  return field >= 1 && field <= 11 && (wireType === 2 || (wireType === 1 && [6, 7, 10, 11].includes(field)));
}
