import { mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSessionObserver } from "@peerscope/observer";
import { generateSession } from "@peerscope/scenarios";
import {
  createFrameDecoder,
  createFrameEncoder,
  readSessionLog,
  type SessionRecord,
} from "@peerscope/schema";
import { sessionListSchema, type SessionList } from "@peerscope/schema/api";
import { startPeerscope, type PeerscopeProcess } from "../support/peerscope.ts";
import { readLogOnDisk } from "../support/session-log.ts";
import { joinSession } from "./ingest-client.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const random = seededRandom(seed);

let dataDir: string;
let server: PeerscopeProcess;

beforeAll(async () => {
  console.log(`seed ${seed} (set SEED to repeat)`);
  dataDir = await mkdtemp(join(tmpdir(), "peerscope-killed-"));
  server = await startPeerscope({ dataDir });
});
afterAll(async () => {
  await server?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** One client that streams a session, whatever happens to the server, and keeps what is not acknowledged. */
interface Streamer {
  readonly sessionId: string;
  readonly records: readonly SessionRecord[];
  readonly frames: readonly Uint8Array[];
  /** Highest sequence that the server promised to keep. */
  promised: number;
  resumes: number;
}

function createStreamer(index: number): Streamer {
  const startAt = Date.now();
  const { records } = generateSession({
    seed: seed + index,
    durationSeconds: 60,
    kind: index % 2 === 0 ? "good" : "loss",
    startAt,
    callId: "killed-call",
    userId: `user-${index}`,
  });
  const encoder = createFrameEncoder();
  const frames: Uint8Array[] = [];
  for (let at = 0; at < records.length;) {
    const size = 1 + Math.floor(random() * 3);
    frames.push(encoder.encode(records.slice(at, at + size), { keyframe: random() < 0.1 }));
    at += size;
  }
  return { sessionId: `killed-session-${index}`, records, frames, promised: -1, resumes: 0 };
}

/** Sends until every frame is acknowledged, connecting again as often as it takes. */
async function stream(streamer: Streamer, over: () => boolean): Promise<void> {
  while (streamer.promised < streamer.frames.length - 1) {
    expect(over(), "time is up").toBe(false);
    const client = await joinSession(server, streamer.sessionId);
    const [first] = client.messages;
    if (typeof first === "object" && first.type === "welcome") {
      // A server may know more than it could say before it was killed, never less.
      expect(client.acknowledged).toBeGreaterThanOrEqual(streamer.promised);
      streamer.resumes += 1;
      for (
        let next = client.acknowledged + 1;
        client.closed === null && next < streamer.frames.length;
        next += 1
      ) {
        client.send(streamer.frames[next] ?? new Uint8Array());
        await pause(120 * random());
        streamer.promised = client.acknowledged;
      }
      await client.until(() => client.acknowledged === streamer.frames.length - 1);
      streamer.promised = Math.max(streamer.promised, client.acknowledged);
    }
    client.drop();
    await pause(20);
  }
}

test("killed at random moments under several clients: every acknowledged frame is in the log, each session is one", async () => {
  const streamers = [0, 1, 2, 3].map(createStreamer);
  const deadline = Date.now() + 100_000;
  const streams = Promise.all(streamers.map((streamer) => stream(streamer, () => Date.now() > deadline)));
  let kills = 0;
  for (; kills < 6; kills += 1) {
    await pause(150 + random() * 500);
    await server.kill9();
    const promised = streamers.map((streamer) => streamer.promised);
    for (const [index, streamer] of streamers.entries()) {
      if ((promised[index] ?? -1) < 0) continue;
      const { sequences } = await readLogOnDisk(dataDir, streamer.sessionId);
      expect(sequences.slice(0, (promised[index] ?? 0) + 1)).toEqual(range((promised[index] ?? 0) + 1));
    }
    server = await startPeerscope({ dataDir, port: server.port });
  }
  await streams;
  console.log(
    `${kills} kills; resumed ${streamers.map(({ resumes }) => resumes).join(", ")} times; last start ${server.startedInMs.toFixed(0)} ms`,
  );
  // Otherwise nothing was interrupted and nothing is proved.
  for (const { resumes } of streamers) expect(resumes).toBeGreaterThan(2);

  for (const { sessionId, records, frames } of streamers) {
    const log = await readLogOnDisk(dataDir, sessionId);
    expect(log.problems).toEqual([]);
    expect(log.sequences).toEqual(range(frames.length));
    expect(log.records).toEqual(readBack(frames));
    expect(log.records).toHaveLength(records.length);
  }

  const sessions = await eventually(async () => {
    const { sessions, total }: SessionList = await list();
    return total === streamers.length && sessions.every(({ ended }) => ended) ? sessions : null;
  });
  expect(sessions.map(({ sessionId }) => sessionId).toSorted()).toEqual(
    streamers.map(({ sessionId }) => sessionId),
  );

  for (const { sessionId } of streamers) {
    const { bytes } = await readLogOnDisk(dataDir, sessionId);
    const observer = createSessionObserver({ sessionId });
    for (const record of readSessionLog(bytes).records) observer.push(record);
    const answer = await fetch(`${server.url}/api/sessions/${sessionId}/analysis`);
    expect((await answer.text()) === JSON.stringify(observer.finish())).toBe(true);
  }
});

test("a log that is cut on disk while the server is down is made whole from the journal, and its client goes on", async () => {
  const encoder = createFrameEncoder();
  const event = (name: string): SessionRecord => ({
    kind: "event",
    at: Date.now(),
    name: "app-event",
    data: { name },
  });
  const frames = ["a", "b", "c", "d"].map((name) => encoder.encode([event(name)]));
  const client = await joinSession(server, "session-cut-on-disk");
  for (const frame of frames.slice(0, 3)) client.send(frame);
  await client.until(() => client.acknowledged === 2);
  await server.kill9();
  const { path, bytes } = await readLogOnDisk(dataDir, "session-cut-on-disk");
  await truncate(path, bytes.byteLength - 3);
  server = await startPeerscope({ dataDir, port: server.port });
  const again = await joinSession(server, "session-cut-on-disk");
  // The log had not been synced yet; what was acknowledged is in the journal.
  expect(again.acknowledged).toBe(2);
  again.send(frames[3] ?? new Uint8Array());
  await again.until(() => again.acknowledged === 3);
  const repaired = await readLogOnDisk(dataDir, "session-cut-on-disk");
  expect(repaired.problems).toEqual([]);
  expect(repaired.sequences).toEqual([0, 1, 2, 3]);
  again.drop();
});

test("SIGTERM: clients are told to come back, the exit code is 0, and nothing acknowledged is missing", async () => {
  const client = await joinSession(server, "session-at-sigterm");
  const encoder = createFrameEncoder();
  for (let index = 0; index < 20; index += 1) {
    client.send(
      encoder.encode([{ kind: "event", at: Date.now(), name: "app-event", data: { name: `${index}` } }]),
    );
  }
  await client.until(() => client.acknowledged >= 0);
  const began = Date.now();
  expect(await server.stop()).toBe(0);
  console.log(`stopped in ${Date.now() - began} ms`);
  await client.until(() => false);
  expect(client.closed).toEqual({ code: 1001, error: "server-stopping" });
  expect(client.messages.at(-1)).toMatchObject({ retry: true });
  const log = await readLogOnDisk(dataDir, "session-at-sigterm");
  expect(log.problems).toEqual([]);
  expect(log.sequences.length).toBeGreaterThan(client.acknowledged);
  server = await startPeerscope({ dataDir, port: server.port });
  console.log(`started again in ${server.startedInMs.toFixed(0)} ms`);
  const again = await joinSession(server, "session-at-sigterm");
  expect(again.acknowledged).toBe(log.sequences.length - 1);
  again.drop();
});

test("a second server on the same folder says so and ends", async () => {
  await expect(startPeerscope({ dataDir })).rejects.toThrow("data-folder-in-use");
});

async function list(): Promise<SessionList> {
  return sessionListSchema.parse(await (await fetch(`${server.url}/api/sessions?call=killed-call`)).json());
}

function readBack(frames: readonly Uint8Array[]): SessionRecord[] {
  const decoder = createFrameDecoder();
  return frames.flatMap((frame) => {
    const result = decoder.decode(frame);
    if (!result.ok) throw new Error(result.error.message);
    return result.frame.records;
  });
}

async function eventually<Value>(probe: () => Promise<Value | null>): Promise<Value> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const value = await probe();
    if (value !== null) return value;
    if (Date.now() > deadline) throw new Error(`not within 20 s\n${server.output()}`);
    await pause(100);
  }
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A small seeded generator: xorshift32. */
function seededRandom(start: number): () => number {
  let state = start | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
