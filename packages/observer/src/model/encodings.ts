import type { EventRecord, JsonObject } from "@peerscope/schema";
import { numberOf, objectOf, stringOf } from "./stat-members.ts";
import type { OutboundStream } from "./streams.ts";
import { SmallMap } from "../pack/small-map.ts";

/** Senders that are remembered, and encodings of one of them; a hostile log cannot make more. Ours. */
const maximumSenders = 2000;
const maximumEncodings = 8;

/** What the app allows one encoding. */
export interface Encoding {
  readonly rid: string | null;
  /** bit/s; null: not capped. */
  readonly maxBitrate: number | null;
}

/** Encodings as the app set them, by connection and `mid`, track of the sender, or track of the receiver beside it. */
export type SenderEncodings = SmallMap<string, readonly Encoding[]>;

const byMid = (pcId: string, mid: string): string => `${pcId} mid ${mid}`;
const byTrack = (pcId: string, trackId: string): string => `${pcId} track ${trackId}`;
const byReceiver = (pcId: string, trackId: string): string => `${pcId} receiver ${trackId}`;

/** Takes over `setParameters`, `addTransceiver`, and the `mid` that a transceiver gets later. */
export function applyEncodings(encodings: SenderEncodings, event: EventRecord): void {
  const data = objectOf(event.data);
  const { connectionId: pcId } = event;
  if (data === null || pcId === undefined) return;
  if (event.name === "transceiver-changed") {
    const mid = stringOf(data, "mid");
    const receiver = stringOf(data, "receiverTrackId");
    const early = receiver === null ? undefined : encodings.get(byReceiver(pcId, receiver));
    if (mid === null || receiver === null || early === undefined) return;
    encodings.delete(byReceiver(pcId, receiver));
    remember(encodings, byMid(pcId, mid), early);
    return;
  }
  const given = objectOf(data["arguments"]);
  const method = stringOf(data, "method") ?? "";
  if (given === null) return;
  if (method.endsWith("addTransceiver")) {
    const trackId = stringOf(objectOf(given["track"]) ?? {}, "trackId");
    const read = readEncodings(objectOf(given["init"])?.["sendEncodings"]);
    if (trackId !== null && read.length > 0) remember(encodings, byTrack(pcId, trackId), read);
  } else if (method.endsWith("setParameters")) {
    const transceiver = objectOf(given["transceiver"]);
    const read = readEncodings(objectOf(given["parameters"])?.["encodings"]);
    if (transceiver === null) return;
    const mid = stringOf(transceiver, "mid");
    const receiver = stringOf(transceiver, "receiverTrackId");
    if (mid !== null) remember(encodings, byMid(pcId, mid), read);
    else if (receiver !== null) remember(encodings, byReceiver(pcId, receiver), read);
  }
}

function remember(encodings: SenderEncodings, key: string, read: readonly Encoding[]): void {
  if (encodings.has(key) || encodings.size < maximumSenders) encodings.set(key, read);
}

function readEncodings(value: unknown): Encoding[] {
  if (!Array.isArray(value)) return [];
  const list: readonly unknown[] = value;
  return list.slice(0, maximumEncodings).map((item) => {
    const encoding: JsonObject = objectOf(item) ?? {};
    const maxBitrate = numberOf(encoding, "maxBitrate");
    return {
      rid: stringOf(encoding, "rid"),
      maxBitrate: maxBitrate !== null && maxBitrate > 0 ? maxBitrate : null,
    };
  });
}

/** The cap of a sent stream, bit/s; null when the app set none, or nobody told. */
export function maxBitrateOf(
  encodings: SenderEncodings,
  pcId: string,
  { latest, subject }: OutboundStream,
): number | null {
  if (encodings.size === 0) return null;
  const { trackId } = subject.scope;
  const own =
    (latest.mid === null ? undefined : encodings.get(byMid(pcId, latest.mid))) ??
    (trackId === undefined ? undefined : encodings.get(byTrack(pcId, trackId)));
  if (own === undefined) return null;
  const encoding = own.length === 1 ? own[0] : own.find(({ rid }) => rid === latest.rid);
  return encoding?.maxBitrate ?? null;
}
