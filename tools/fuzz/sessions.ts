import * as fc from "fast-check";
import {
  createFrameEncoder,
  encodeSessionLogEntry,
  encodeSessionLogHeader,
  type SessionRecord,
} from "@peerscope/schema";
import { arbitraryRecord } from "../../packages/schema/src/wire/testing/arbitrary.ts";
import { hashOf } from "../../packages/schema/src/wire/testing/frames.ts";
import { readReports } from "../bench/captures.ts";

/** Frames that are right, and belong together. */
export interface FuzzSession {
  readonly name: string;
  readonly frames: readonly Uint8Array[];
  /** The hash after each, to which the checksum of the next is chained. */
  readonly hashes: readonly number[];
}

/** With the objects that are taken of each report: short frames are read fast, and so changed more often. */
const recordedCalls = [
  ["good-call", "a", 100],
  ["sfu-3p", "a", 6],
  ["firefox-good", "b", 4],
  ["turn-relay", "a", 4],
  ["muted-mic", "b", 3],
  ["ice-failure-initial", "a", 2],
] as const;
/** Sessions of odd records, and records of each. */
const oddSessions = 20;
const oddRecords = 60;
/** Reports taken of a recorded call. */
const maxReports = 30;
const framesPerKeyframe = 4;

/** Frames of recorded calls, and of records as odd as JSON can be. The same seed gives the same frames. */
export function createSessions(seed: number): FuzzSession[] {
  const sessions = recordedCalls.map(([capture, peer, objects]) =>
    encodeSession(
      `${capture} ${peer}`,
      readReports(capture, peer)
        .slice(0, maxReports)
        .map((record) => [{ ...record, stats: record.stats.slice(0, objects) }]),
    ),
  );
  for (let index = 0; index < oddSessions; index++) {
    const records = fc.sample(arbitraryRecord, { seed: seed + index, numRuns: oddRecords });
    const batches = records.flatMap((_, place) => (place % 3 === 0 ? [records.slice(place, place + 3)] : []));
    sessions.push(encodeSession(`odd records ${index}`, batches));
  }
  return sessions;
}

function encodeSession(name: string, batches: readonly (readonly SessionRecord[])[]): FuzzSession {
  const encoder = createFrameEncoder();
  const frames = batches.map((batch, index) =>
    encoder.encode(batch, { keyframe: index % framesPerKeyframe === 0 }),
  );
  const hashes: number[] = [];
  for (const frame of frames) hashes.push(hashOf(frame, hashes.at(-1) ?? 0));
  return { name, frames, hashes };
}

/** The session log that a server would have of it. */
export function logOf({ name, frames }: FuzzSession): Uint8Array {
  const header = { sessionId: name.replaceAll(" ", "-"), projectId: "fuzz", createdAt: 1_795_234_149_094 };
  return Buffer.concat([encodeSessionLogHeader(header), ...frames.map(encodeSessionLogEntry)]);
}
