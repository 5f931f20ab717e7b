import {
  createFrameDecoder,
  encodeSessionLogEntry,
  encodeSessionLogHeader,
  splitIngestPost,
  type SessionRecord,
} from "@peerscope/schema";
import { describe, expect, it } from "vitest";
import type { RecordedSession } from "../recording/recording-reader.ts";
import { toImportSessions, type ImportSession } from "./import-session.ts";
import { sendSession, type ImportServer } from "./send-session.ts";

const at = 1.79e12;
const records = (count: number, text = "x"): SessionRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    kind: "event",
    at: at + index * 1_000,
    name: "app-event",
    data: {
      name: `${text} ${index} ${Array.from({ length: 300 }, (__, word) => (index * word * 7_919) % 99_991).join(" ")}`,
    },
  }));

function session(all: readonly SessionRecord[], changes: Partial<RecordedSession> = {}): RecordedSession {
  return { sessionId: "s", peer: null, userId: null, callId: null, records: all, ...changes };
}

function one(all: readonly SessionRecord[], format: "rtcstats" | "session-log" = "rtcstats"): ImportSession {
  const sessions = [session(all, { sessionId: "session-of-a-log" })];
  const [imported] = toImportSessions({ format, sessions }, "file");
  if (imported === undefined) throw new Error("Nothing to import.");
  return imported;
}

/** A server in memory: keeps what comes in order; `fails` answers instead, one a request. */
function fakeServer(fails: (string | null)[] = []): ImportServer & {
  readonly frames: Uint8Array[];
  readonly bodies: number[];
  readonly waited: number[];
  readonly isOver: () => boolean;
} {
  const frames: Uint8Array[] = [];
  const bodies: number[] = [];
  const waited: number[] = [];
  let isOver = false;
  return {
    frames,
    bodies,
    waited,
    isOver: () => isOver,
    token: "pk",
    post(body) {
      bodies.push(body.length);
      const failure = fails.shift() ?? null;
      if (failure !== null) return Promise.resolve({ status: 503, text: failure });
      const [, ...parts] = splitIngestPost(body) ?? [];
      isOver ||= parts.at(-1)?.length === 0;
      const sent = parts.filter(({ length }) => length > 0);
      frames.push(...sent);
      const acknowledged = frames.length - 1;
      const answer = parts.length === 0 ? { type: "welcome", acknowledged, maxFrameBytes: 1 } : acknowledged;
      return Promise.resolve({ status: 200, text: JSON.stringify(answer) });
    },
    logHead() {
      const [first] = frames;
      if (first === undefined) return Promise.resolve(null);
      const header = encodeSessionLogHeader({ sessionId: "s", projectId: "default", createdAt: at });
      return Promise.resolve(Uint8Array.from([...header, ...encodeSessionLogEntry(first)]));
    },
    wait(ms) {
      waited.push(ms);
      return Promise.resolve();
    },
  };
}

const busy = JSON.stringify({ type: "error", code: "server-busy", message: "Busy.", retry: true });
const wrongKey = JSON.stringify({ type: "error", code: "token-invalid", message: "No.", retry: false });

describe("an imported session", () => {
  it("is sent whole, in bodies that a server takes, and ended; its records come out again behind the mark", async () => {
    const all = records(2_000);
    const server = fakeServer();
    const progress: number[] = [];
    expect(await sendSession(one(all), server, (bytes) => progress.push(bytes))).toEqual({ outcome: "sent" });
    expect(server.isOver()).toBe(true);
    expect(server.bodies.length).toBeGreaterThan(3);
    expect(Math.max(...server.bodies)).toBeLessThan(600_000);
    expect(progress.at(-1)).toBe(server.frames.reduce((sum, { length }) => sum + length, 0));
    const decoder = createFrameDecoder();
    const read = server.frames.flatMap((frame) => {
      const result = decoder.decode(frame);
      if (!result.ok) throw new Error(result.error.message);
      return result.frame.records;
    });
    expect(read[0]).toMatchObject({ kind: "context", at, context: { tags: { imported: "rtcstats" } } });
    expect(read.slice(1)).toEqual(all);
  });

  it("that was cut off goes on where it stopped; one that is there is not sent again", async () => {
    const whole = one(records(200));
    const server = fakeServer();
    server.frames.push(...whole.frames.slice(0, 4));
    expect(await sendSession(whole, server)).toEqual({ outcome: "sent" });
    expect(server.frames).toEqual(whole.frames);
    const { length } = server.bodies;
    expect(await sendSession(whole, server)).toEqual({ outcome: "known" });
    expect(server.bodies).toHaveLength(length + 1);
  });

  it("never mixes with another session of its id", async () => {
    const server = fakeServer();
    await sendSession(one(records(30), "session-log"), server);
    const kept = server.frames.length;
    expect(await sendSession(one(records(90, "other"), "session-log"), server)).toEqual({ outcome: "taken" });
    expect(server.frames).toHaveLength(kept);
  });

  it("waits for a busy server, longer each time, and gives up in the end", async () => {
    const server = fakeServer([busy, busy, busy]);
    expect(await sendSession(one(records(5)), server)).toEqual({ outcome: "sent" });
    expect(server.waited).toEqual([250, 500, 1_000]);
    const dead = fakeServer(Array.from({ length: 50 }, () => busy));
    expect(await sendSession(one(records(5)), dead)).toMatchObject({ code: "server-busy" });
    expect(dead.bodies).toHaveLength(12);
    expect(dead.waited.slice(4)).toEqual([4_000, ...Array.from({ length: 6 }, () => 8_000)]);
  });

  it.each([
    [wrongKey, "token-invalid"],
    ["<html>", "server-unknown"],
    ["null", "server-unknown"],
    ["{}", "server-unknown"],
  ])("that is answered by %s is refused at once", async (answer, code) => {
    const server = fakeServer([answer]);
    expect(await sendSession(one(records(5)), server)).toMatchObject({ outcome: "refused", code });
    expect(server.waited).toEqual([]);
  });

  it("does not go on forever with a server that takes nothing", async () => {
    const server = fakeServer([null, "-1", "-1"]);
    expect(await sendSession(one(records(5)), server)).toMatchObject({ code: "server-unknown" });
  });
});

describe("ids and names", () => {
  it("come from the content: the same again, others otherwise; a session log keeps its own", () => {
    const id = (all: readonly SessionRecord[]): string => one(all).sessionId;
    expect(id(records(30))).toMatch(/^import-[0-9a-f]{32}$/);
    expect(id(records(30))).toBe(id(records(30)));
    const ids = new Set([id(records(30)), id(records(31)), id(records(30, "y"))]);
    expect(ids.size).toBe(3);
    expect(one(records(3), "session-log").sessionId).toBe("session-of-a-log");
  });

  it("participants share a call of their own, which no other recording of that name is in", () => {
    const calls = (text: string): unknown[] => {
      const sessions = ["a", "b"].map((peer) =>
        session(records(3, `${text} ${peer}`), { sessionId: peer, peer }),
      );
      return toImportSessions({ format: "getstats-lines", sessions }, "call.jsonl").map(
        ({ frames: [first] }) => {
          const result = createFrameDecoder().decode(first ?? new Uint8Array());
          const [record] = result.ok ? result.frame.records : [];
          return record?.kind === "context" ? [record.context.userId, record.context.callId] : null;
        },
      );
    };
    const [a, b] = calls("one");
    expect([a, b]).toEqual([
      ["a", expect.stringMatching(/^call\.jsonl [0-9a-f]{8}$/)],
      ["b", expect.stringMatching(/^call\.jsonl [0-9a-f]{8}$/)],
    ]);
    expect(JSON.stringify(calls("two")[0])).not.toBe(JSON.stringify(a));
  });
});
