import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { SampleRecord, SessionRecord } from "@peerscope/schema";
import { createForeignReader } from "../foreign-reader.ts";
import { readGetStatsLines } from "../getstats-lines/getstats-lines.ts";
import type {
  ForeignFormat,
  ForeignReader,
  ForeignSession,
  ForeignSink,
  ForeignSummary,
  Skipped,
} from "../reader.ts";

/** All that a reader made of a source. */
export interface WholeSource {
  readonly sessions: readonly (ForeignSession & { readonly records: readonly SessionRecord[] })[];
  readonly skipped: readonly Skipped[];
  readonly summary: ForeignSummary;
}

/** Feeds a source to a reader in pieces. */
export function readWhole(format: ForeignFormat, bytes: Uint8Array, pieceBytes = 65_536): WholeSource {
  return feed((sink) => createForeignReader(format, sink, { name: "source" }), bytes, pieceBytes);
}

export function feed(
  create: (sink: ForeignSink) => ForeignReader,
  bytes: Uint8Array,
  pieceBytes: number,
): WholeSource {
  const sessions = new Map<string, ForeignSession & { readonly records: SessionRecord[] }>();
  const skipped: Skipped[] = [];
  const reader = create({
    session: (session) => sessions.set(session.sessionId, { ...session, records: [] }),
    record: (id, record) => sessions.get(id)?.records.push(record),
    skipped: (what) => skipped.push(what),
  });
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    // A copy that is spoilt afterwards: a reader that keeps the piece itself would read zeros.
    const piece = new Uint8Array(bytes.subarray(at, at + pieceBytes));
    reader.push(piece);
    piece.fill(0);
  }
  const summary = reader.end();
  return { sessions: [...sessions.values()], skipped, summary };
}

/** A file of a recorded call, unpacked. */
export function readCaptureFile(capture: string, file: string): Uint8Array {
  return gunzipSync(readFileSync(new URL(`../../../scenarios/captures/${capture}/${file}`, import.meta.url)));
}

/** Reports of a participant as the page itself took them. */
export function readRawSamples(capture: string, peer: string): readonly SampleRecord[] {
  const text = Buffer.from(readCaptureFile(capture, "getstats.jsonl.gz")).toString();
  return readGetStatsLines(text).sessions.find((session) => session.peer === peer)?.records ?? [];
}

/** Members by type of object, each with the JavaScript types of its values: "inbound-rtp.mid string". */
export function membersOf(samples: readonly SampleRecord[]): Set<string> {
  const members = new Set<string>();
  for (const { stats } of samples) {
    for (const object of stats) {
      for (const [name, value] of Object.entries(object))
        members.add(`${object.type}.${name} ${typeof value}`);
    }
  }
  return members;
}

/**
 * Numbers that do not lie between what the page itself had before and after: polls of two watchers are never at the same time, but what
 * is counted only grows. Gives how many were compared, and those that are wrong.
 */
export function compareCounters(
  raw: readonly SampleRecord[],
  read: readonly SampleRecord[],
): { readonly compared: number; readonly wrong: readonly string[] } {
  const wrong: string[] = [];
  let compared = 0;
  const reportsBy = new Map<string, SampleRecord[]>();
  for (const sample of raw)
    reportsBy.set(sample.connectionId, [...(reportsBy.get(sample.connectionId) ?? []), sample]);
  const fragment = ({ stats }: SampleRecord): unknown =>
    stats.find(({ type }) => type === "transport")?.["iceLocalUsernameFragment"];
  for (const sample of read) {
    // Connections have other names with each watcher; the fragment of ICE is theirs alone.
    const reports =
      reportsBy.size === 1
        ? raw
        : ([...reportsBy.values()].find((list) => list.some((one) => fragment(one) === fragment(sample))) ??
          []);
    for (const object of sample.stats) {
      // By the object's own time: those of the far end keep theirs.
      const before = neighbour(reports, object.id, object.timestamp, false);
      const after = neighbour(reports, object.id, object.timestamp, true);
      if (before === undefined || after === undefined || before.type !== object.type) continue;
      for (const [name, value] of Object.entries(object)) {
        const [low, high] = [before[name], after[name]];
        // A state may come back to what it was.
        if (typeof low === "string" && low === high && !/state$/i.test(name)) {
          compared += 1;
          if (value !== low) wrong.push(`${object.type}.${name} ${JSON.stringify(value)} is not ${low}`);
        }
        if (
          !/^(packets|bytes|frames|headerBytes|nackCount|total|jitterBuffer.*(Count|Delay)$|concealed|ssrc)/.test(
            name,
          )
        )
          continue;
        // Chromium goes on counting these between two reports of the far end, without another timestamp.
        if (/PerSecond|Lost/.test(name) || (object.type === "remote-outbound-rtp" && /RoundTrip/.test(name)))
          continue;
        if (typeof value !== "number" || typeof low !== "number" || typeof high !== "number") continue;
        compared += 1;
        if (value < low || value > high) wrong.push(`${object.type}.${name} ${low} <= ${value} <= ${high}`);
      }
    }
  }
  return { compared, wrong };
}

function neighbour(
  raw: readonly SampleRecord[],
  id: string,
  timeMs: number,
  isAfter: boolean,
): SampleRecord["stats"][number] | undefined {
  const objects = raw.flatMap(({ stats }) => stats.filter((object) => object.id === id));
  return isAfter
    ? objects.find(({ timestamp }) => timestamp >= timeMs)
    : objects.findLast(({ timestamp }) => timestamp <= timeMs);
}
