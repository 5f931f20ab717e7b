import type { JsonValue } from "@peerscope/schema";
import { arrayOf, isObject, isPlain, isUnixMs, objectOf, parseJson } from "../json.ts";

/** Values of one member of one statistics object, in the order of time. */
export interface Series {
  /** Unix ms of the first and last value, cut to milliseconds; null when the dump does not say. */
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly length: number;
  /** All values, or one when they are all the same. */
  readonly values: readonly JsonValue[];
}

/** A statistics object of a dump: its members over time. */
export interface SeriesOfObject {
  readonly id: string;
  /** W3C name of its type. */
  readonly type: string;
  readonly members: Map<string, Series>;
}

/** Name of a member of `stats`, taken apart. Ids may contain "-", and so may names that the internals page computed. */
export function splitSeriesKey(key: string): { readonly id: string; readonly name: string } | null {
  const computed = key.indexOf("-[");
  const at = computed === -1 ? key.lastIndexOf("-") : computed;
  return at <= 0 || at === key.length - 1 ? null : { id: key.slice(0, at), name: key.slice(at + 1) };
}

/** Names that the internals page made itself ("[bytesSent/s]"), and what every object of the dump says anyway. */
export function isDerivedName(name: string): boolean {
  return name.startsWith("[") || name === "type" || name === "id";
}

/** W3C members that are texts: the internals page writes those that look like numbers as numbers. */
const textMembers = new Set([
  "candidateType",
  "codecId",
  "contentType",
  "foundation",
  "kind",
  "label",
  "localCandidateId",
  "localId",
  "mediaSourceId",
  "mid",
  "playoutId",
  "protocol",
  "remoteCandidateId",
  "remoteId",
  "rid",
  "trackIdentifier",
  "transportId",
  "usernameFragment",
  "iceLocalUsernameFragment",
]);

/** The values of a member from the text that stands for them, or null when it is none. */
export function parseSeries(
  name: string,
  value: JsonValue,
): (Series & { readonly type: string | null }) | null {
  const { values: text, startTime, endTime, statsType } = objectOf(value);
  // A text that has to be read once more; some tools that rewrite dumps leave the array itself.
  const parsed = typeof text === "string" ? parseJson(text) : text;
  if (!Array.isArray(parsed)) return null;
  const values = arrayOf(parsed);
  const mapped = values.some((one) => typeof one === "object" && one !== null)
    ? values.map((one) => (isPlain(one) ? one : null))
    : values;
  return {
    type: typeof statsType === "string" && statsType !== "" ? statsType : null,
    startMs: isoTime(startTime),
    endMs: isoTime(endTime),
    length: mapped.length,
    values: shorten(textMembers.has(name) ? mapped.map(toText) : mapped.map(fromText)),
  };
}

function toText(value: JsonValue): JsonValue {
  return typeof value === "number" ? String(value) : value;
}

/** Structures are texts in older versions; JSON.parse reads 1e999 as Infinity, which no record may hold. */
function fromText(value: JsonValue): JsonValue {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "string" || !value.startsWith("{")) return value;
  const parsed = parseJson(value);
  return isObject(parsed) && isPlain(parsed) ? parsed : value;
}

/** Most members never change: one value then stands for all. Of equal texts that follow each other one is kept. */
function shorten(values: readonly JsonValue[]): readonly JsonValue[] {
  const [first] = values;
  if (first === undefined || typeof first === "object") return values;
  return values.every((value) => value === first) ? [first] : values;
}

function isoTime(value: JsonValue | undefined): number | null {
  // Only the form with a zone: anything else would depend on where this runs.
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\dT[\d:.]{5,15}Z$/.test(value)) return null;
  const time = Date.parse(value);
  return isUnixMs(time) ? time : null;
}

/** The value that belongs to the sample `index`, undefined where there is none. `offset` is that of the first value. */
export function valueAt({ values, length }: Series, offset: number, index: number): JsonValue | undefined {
  const place = index - offset;
  if (place < 0 || place >= length) return undefined;
  return values.length === 1 ? values[0] : values[place];
}

/** Before 2023 the type of an object was to be told from its id alone. */
export function typeOfId(id: string): string {
  const found = /^RTC([A-Za-z]+?)(?:Audio|Video)?(?:Stream|Source)?_/.exec(id)?.[1] ?? "";
  return oldTypes.get(found) ?? oldTypes.get(found.replace(/(Local|Remote)$/, "")) ?? "unknown";
}

const oldTypes: ReadonlyMap<string, string> = new Map([
  ["InboundRTP", "inbound-rtp"],
  ["OutboundRTP", "outbound-rtp"],
  ["RemoteInboundRtp", "remote-inbound-rtp"],
  ["RemoteOutboundRTP", "remote-outbound-rtp"],
  ["Transport", "transport"],
  ["IceCandidatePair", "candidate-pair"],
  ["IceCandidate", "local-candidate"],
  ["Codec", "codec"],
  ["Certificate", "certificate"],
  ["Media", "media-source"],
]);

/** Types of the statistics that Chromium had before those of the W3C, and left in its dumps until 2023. */
export function isCallbackType(type: string): boolean {
  return type === "ssrc" || type === "VideoBwe" || type.startsWith("goog");
}
