import { applySdpDifference, type JsonObject } from "@peerscope/schema";
import { stringOf } from "./stat-members.ts";
import { SmallMap } from "../pack/small-map.ts";

/*
 * What is looked at of session descriptions: media sections with their codecs, user fragments and whether there is a fingerprint.
 * A description is recorded whole or by what differs from an earlier one of its connection (`RecordedSdp` of the schema).
 */

/** One m-line with what follows it. */
export interface MediaSection {
  /** "audio", "video" or "application". */
  readonly kind: string;
  /** The m-line is there and stands for nothing: port 0, and not merely bundled with another one. */
  readonly rejected: boolean;
  readonly mid: string | null;
  readonly direction: "sendrecv" | "sendonly" | "recvonly" | "inactive";
  /** Names in lower case, in the order of preference; without retransmission, redundancy, tones and comfort noise. */
  readonly codecs: readonly string[];
}

/** A session description as far as it is looked at. */
export interface Description {
  /** "offer", "pranswer", "answer" or "rollback". */
  readonly type: string;
  /** Null when the text was not recorded, or is a difference to one that was not. */
  readonly sections: readonly MediaSection[] | null;
  readonly ufrags: readonly string[];
  readonly fingerprint: boolean;
}

/** Texts of a connection to which later ones may be a difference: the last one of each end, as the SDK keeps them. */
interface KeptTexts {
  local: { readonly callId: number; readonly text: string } | null;
  remote: { readonly callId: number; readonly text: string } | null;
}

/** Descriptions of a session. */
export interface DescriptionTexts {
  /** The latest texts by connection id. */
  readonly kept: SmallMap<string, KeptTexts>;
  /** Media sections and codecs that may still be read. */
  left: number;
}

/** The SDK cuts a description at 60,000 characters; a longer one is not its. */
const longestText = 64_000;
/** Connections whose texts are kept, the latest ones: with the length above 8 MB at most. Ours. */
const maximumConnections = 64;
/** Sections and codecs that are read. Ours. */
const maximumSections = 200;
const maximumCodecs = 100;

/**
 * Of a whole session: fifty streams with ten codecs each, agreed on anew a thousand times. A difference of some bytes may stand for
 * a long description, so what is read of them is bounded too. Ours.
 */
const maximumRead = 500_000;

/** Formats that carry no media of their own. */
const auxiliary: ReadonlySet<string> = new Set([
  "rtx",
  "red",
  "ulpfec",
  "flexfec-03",
  "telephone-event",
  "cn",
]);
/** Payload types that need no rtpmap (RFC 3551), of those that browsers speak. */
const staticCodecs: ReadonlyMap<string, string> = new Map([
  ["0", "pcmu"],
  ["8", "pcma"],
  ["9", "g722"],
]);

export function createDescriptionTexts(): DescriptionTexts {
  return { kept: new SmallMap(), left: maximumRead };
}

/** The connection is closed: nothing will be a difference to its texts. */
export function forgetTexts({ kept }: DescriptionTexts, connectionId: string): void {
  kept.delete(connectionId);
}

/** Reads the description in the arguments or the result of a call; null when there is none. */
export function readDescription(
  texts: DescriptionTexts,
  connectionId: string,
  call: { readonly callId: number; readonly method: string },
  given: JsonObject | null,
): Description | null {
  if (given === null) return null;
  const type = stringOf(given, "type") ?? "";
  const said = given["sdp"];
  const text = wholeText(texts, connectionId, call, said);
  if (text === null || texts.left <= 0) {
    return type === "" ? null : { type, sections: null, ufrags: [], fingerprint: false };
  }
  const description = { type, ...parse(text) };
  for (const { codecs } of description.sections) texts.left -= 1 + codecs.length;
  return description;
}

function wholeText(
  { kept: texts }: DescriptionTexts,
  connectionId: string,
  { callId, method }: { readonly callId: number; readonly method: string },
  said: JsonObject[string] | undefined,
): string | null {
  if (said === undefined || said === null || said === "") return null;
  const kept = texts.get(connectionId) ?? { local: null, remote: null };
  let text: string | null = null;
  if (typeof said === "string") text = said;
  else if (Array.isArray(said)) {
    const base = [kept.local, kept.remote].find((one) => one !== null && one.callId === said[0]);
    text = base ? applySdpDifference(base.text, said) : null;
  }
  if (text !== null && text.length > longestText) text = null;
  kept[method.includes("setRemote") ? "remote" : "local"] = text === null ? null : { callId, text };
  // The latest one goes to the end: those at the beginning are given up first.
  texts.delete(connectionId);
  texts.set(connectionId, kept);
  for (const oldest of texts.keys()) {
    if (texts.size <= maximumConnections) break;
    texts.delete(oldest);
  }
  return text;
}

/** Part of a text that does not keep the whole text in memory, as engines do with parts. Names have no more than 64 characters. */
function detached(part: string): string {
  return part.slice(0, 64).split("").join("");
}

interface OpenSection {
  readonly kind: string;
  readonly port: string;
  readonly formats: readonly string[];
  readonly names: Map<string, string>;
  mid: string | null;
  bundleOnly: boolean;
  direction: MediaSection["direction"];
}

function parse(text: string): Omit<Description, "type"> & { readonly sections: readonly MediaSection[] } {
  const sections: MediaSection[] = [];
  const ufrags: string[] = [];
  let fingerprint = false;
  let open: OpenSection | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("m=")) {
      if (open !== null) sections.push(closeSection(open));
      if (sections.length >= maximumSections) return { sections, ufrags, fingerprint };
      open = openSection(line);
    } else if (line.startsWith("a=ice-ufrag:")) {
      const ufrag = detached(line.slice("a=ice-ufrag:".length));
      if (!ufrags.includes(ufrag) && ufrags.length < 8) ufrags.push(ufrag);
    } else if (line.startsWith("a=fingerprint:")) fingerprint = true;
    else if (open !== null) readLine(open, line);
  }
  if (open !== null) sections.push(closeSection(open));
  return { sections, ufrags, fingerprint };
}

function openSection(line: string): OpenSection {
  const [kind = "", port = "", , ...formats] = line.slice(2).split(" ");
  return {
    kind: detached(kind),
    port,
    formats: formats.slice(0, maximumCodecs),
    names: new Map(),
    mid: null,
    bundleOnly: false,
    direction: "sendrecv",
  };
}

function readLine(section: OpenSection, line: string): void {
  if (line.startsWith("a=mid:")) section.mid = detached(line.slice("a=mid:".length));
  else if (line === "a=bundle-only") section.bundleOnly = true;
  else if (line === "a=sendonly" || line === "a=recvonly" || line === "a=inactive" || line === "a=sendrecv") {
    section.direction = line.slice(2) as MediaSection["direction"];
  } else if (line.startsWith("a=rtpmap:") && section.names.size < maximumCodecs) {
    const [payloadType = "", name = ""] = line.slice("a=rtpmap:".length).split(/[ /]/);
    section.names.set(payloadType, detached(name.toLowerCase()));
  }
}

function closeSection({ kind, port, formats, names, mid, bundleOnly, direction }: OpenSection): MediaSection {
  const codecs: string[] = [];
  const rejected = port === "0" && !bundleOnly;
  for (const format of formats) {
    // An m-line that stands for nothing has to name some format, and browsers write 0.
    const name = names.get(format) ?? (kind === "audio" && !rejected ? staticCodecs.get(format) : undefined);
    if (name === undefined || name === "" || auxiliary.has(name) || codecs.includes(name)) continue;
    codecs.push(name);
  }
  return { kind, rejected, mid, direction, codecs };
}
