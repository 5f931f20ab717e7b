import { describe, expect, test } from "vitest";
import {
  createFrameDecoder,
  createFrameEncoder,
  readFrameHeader,
  type EventRecord,
  type JsonValue,
  type SessionRecord,
} from "@peerscope/schema";
import { toImportSessions } from "@peerscope/interop";
import { captureNames, captureSessions, generateSession } from "@peerscope/scenarios";
import type { SessionEntry } from "../ingest/session-entry.ts";
import type { PrivacyRules } from "../settings/settings.ts";
import { createPrivacyGate, type PrivacyGate } from "./privacy-gate.ts";
import { defaultRules, privacyGateOf } from "./testing/default-privacy.ts";

const at = Date.UTC(2026, 5, 1);
const planted = ["203.0.113.77", "2001:db8:5:6:7:8:9:abcd", "fe80::1cc0:3e8c:119f:c2e1"];
const secrets = [
  "turn-secret-1",
  "1700000000:kim",
  "nVvAqd0sTS7YbKGZpzq5lf7n",
  "Jabra of Kim",
  "token=abc",
  "kim@",
];
const sdp = [
  "v=0",
  `o=- 4611 2 IN IP4 ${planted[0]}`,
  "e=kim@office.example",
  `c=IN IP6 ${planted[1]}`,
  `a=candidate:1 1 udp 2122194687 ${planted[0]} 50000 typ host generation 0 ufrag Ab+/`,
  `a=candidate:2 1 udp 1677729535 ${planted[1]} 50001 typ srflx raddr ${planted[2]} rport 50000`,
  "a=ice-pwd:nVvAqd0sTS7YbKGZpzq5lf7n",
  "a=fingerprint:sha-256 7F:3F:DC:F0:D1:6C:5B:F0:26:90:DA:93:AA:D9:88:AD",
].join("\r\n");

const event = (name: EventRecord["name"], data: EventRecord["data"], index = 0): EventRecord => ({
  kind: "event",
  at: at + index,
  name,
  ...(data === undefined ? {} : { data }),
});

/** What a client that redacts nothing may say. */
const indiscreet: readonly SessionRecord[] = [
  {
    kind: "context",
    at,
    context: {
      userId: "kim",
      userAgent: "Mozilla/5.0 Chrome/120.0.0.0",
      pageUrl: "https://app.example/room?token=abc#x",
      tags: { from: `seen at ${planted[0]}`, room: "blue" },
    },
  },
  event("connection-created", {
    configuration: {
      iceServers: [
        {
          urls: [`turn:${planted[0]}:3478?transport=tcp`, `turns:[${planted[1]}]:5349?token=abc`],
          username: "1700000000:kim",
          credential: "turn-secret-1",
        },
      ],
      certificates: [{}],
    },
  }),
  event("api-called", {
    callId: 1,
    method: "setLocalDescription",
    arguments: { description: { type: "offer", sdp } },
  }),
  event("api-called", {
    callId: 2,
    method: "setRemoteDescription",
    arguments: {
      description: {
        type: "answer",
        sdp: [1, 0, 2, "a=ice-pwd:nVvAqd0sTS7YbKGZpzq5lf7n", `c=IN IP4 ${planted[0]}`],
      },
    },
  }),
  event("api-called", { callId: 3, method: "createDataChannel", arguments: { label: "chat" } }),
  event("api-settled", {
    callId: 4,
    method: "getUserMedia",
    outcome: "fulfilled",
    durationMs: 3,
    result: { tracks: [{ trackId: "t", kind: "audio", label: "Jabra of Kim" }] },
  }),
  event("devices-listed", {
    audioInputs: 1,
    devices: [
      { kind: "audioinput", type: "headset", label: "Jabra of Kim", deviceId: "abc", device: "0123456789" },
    ],
  }),
  event("ice-candidate-gathered", { type: "host", protocol: "udp", address: planted[2] ?? "", port: 5 }),
  event("ice-candidate-failed", {
    errorCode: 701,
    errorText: `no answer from ${planted[0]}`,
    url: `stun:${planted[0]}:1`,
  }),
  event("app-event", { name: "joined", data: { peer: `${planted[1]}`, at: "12:34:56", version: "1.2.3" } }),
  {
    kind: "sample",
    at: at + 1_000,
    connectionId: "pc-1",
    stats: [
      {
        id: "L",
        type: "local-candidate",
        timestamp: at,
        address: planted[1] ?? "",
        ip: planted[1] ?? "",
        port: 9,
        url: `turn:${planted[0]}?token=abc`,
        relatedAddress: planted[0] ?? "",
      },
      {
        id: "CF7F:3F:DC:F0:D1:6C",
        type: "certificate",
        timestamp: at,
        fingerprint: "7F:3F",
        base64Certificate: "turn-secret-1",
      },
      { id: "D", type: "data-channel", timestamp: at, label: "chat", messagesSent: 5 },
    ],
  },
];

/** Puts whole addresses where a recorded call has networks. */
function withWholeAddresses(value: JsonValue): JsonValue {
  if (typeof value === "string") {
    return value
      .replaceAll(/\b(\d{1,3}\.\d{1,3}\.\d{1,3})\.0\b/g, "$1.177")
      .replaceAll(/\b([\da-f]{1,4}:[\da-f]{1,4}:[\da-f]{1,4})::(?![\da-f])/gi, "$1:0:1:2:3:4177");
  }
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map(withWholeAddresses);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withWholeAddresses(member)]),
  );
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function entryOf(): SessionEntry {
  return {
    sessionId: "session-1",
    projectId: "default",
    createdAt: at,
    file: "default/2026-06-01/session-1.pslog",
    sample: false,
    country: null,
    finished: false,
    log: null,
    bytes: 0,
    lastSequence: -1,
    lastHeardAt: at,
    owner: null,
    summary: null,
    stored: false,
  };
}

function framesOf(records: readonly SessionRecord[], perFrame = 3, keyframes = 7): Uint8Array[] {
  const encoder = createFrameEncoder();
  const frames: Uint8Array[] = [];
  for (let from = 0; from < records.length; from += perFrame)
    frames.push(
      encoder.encode(records.slice(from, from + perFrame), { keyframe: frames.length % keyframes === 0 }),
    );
  return frames;
}

function decode(frames: readonly Uint8Array[]): SessionRecord[] {
  const decoder = createFrameDecoder();
  return frames.flatMap((frame) => {
    const decoded = decoder.decode(frame);
    if (!decoded.ok) throw new Error(decoded.error.code);
    return decoded.frame.records;
  });
}

function pass(gate: PrivacyGate, entry: SessionEntry, frame: Uint8Array): ReturnType<PrivacyGate["pass"]> {
  const read = readFrameHeader(frame);
  if (!read.ok) throw new Error(read.error.code);
  return gate.pass(entry, frame, read.header);
}

function passAll(gate: PrivacyGate, entry: SessionEntry, frames: readonly Uint8Array[]): Uint8Array[] {
  return frames.map((frame) => {
    const passed = pass(gate, entry, frame);
    if (!passed.ok) throw new Error(passed.code);
    return passed.frame;
  });
}

/** All that was planted and can still be read, as text or in the bytes themselves. */
function found(frames: readonly Uint8Array[], words: readonly string[]): string[] {
  const text = JSON.stringify(decode(frames)) + Buffer.concat(frames).toString("latin1");
  return words.filter((word) => text.includes(word));
}

describe("frames of a client that redacts less", () => {
  test("hold nothing that the rules forbid, and everything else", () => {
    const gate = privacyGateOf();
    const entry = entryOf();
    gate.greet(entry, "whole");
    const frames = framesOf(indiscreet);
    const written = passAll(gate, entry, frames);
    expect(found(frames, [...planted, ...secrets])).toEqual([...planted, ...secrets]);
    expect(found(written, [...planted, ...secrets])).toEqual([]);
    const records = decode(written);
    expect(records).toHaveLength(indiscreet.length);
    const text = JSON.stringify(records);
    for (const kept of [
      "203.0.113.0",
      "2001:db8:5::",
      "chat",
      "Chrome/120.0.0.0",
      "blue",
      "12:34:56",
      "1.2.3",
      "a=candidate",
      "0123456789",
    ])
      expect(text).toContain(kept);
    expect(text).toMatch(/"label":"anon_[\w-]{22}"/);
    // The first two lines of the description before, and those that are new.
    expect(text).toContain('[1,0,2,"a=ice-pwd:","c=IN IP4 203.0.113.0"]');
  });

  test("under stricter rules have no networks, no devices and no names of users", () => {
    const gate = privacyGateOf({ ipAddresses: "remove", deviceLabels: "remove", userIds: "hash" });
    const entry = entryOf();
    gate.greet(entry, "reduced");
    const written = passAll(gate, entry, framesOf(indiscreet));
    expect(found(written, [...planted, ...secrets, "203.0.113", "2001:db8", "0123456789", '"kim"'])).toEqual(
      [],
    );
    expect(JSON.stringify(decode(written))).toMatch(/"userId":"anon_[\w-]{22}"/);
  });

  test("are written as they are when the project keeps everything", () => {
    const gate = privacyGateOf({ ipAddresses: "keep", deviceLabels: "keep", userIds: "keep" });
    const entry = entryOf();
    gate.greet(entry, "whole");
    const frames = framesOf(indiscreet);
    expect(passAll(gate, entry, frames)).toEqual(frames);
  });

  test.each([...captureNames])("%s: whole addresses in a recorded call end at their networks", (name) => {
    for (const session of captureSessions(name)) {
      const records = [...session.records].slice(0, 2_000);
      const whole = records.map(
        (record) => withWholeAddresses(record as unknown as JsonValue) as unknown as SessionRecord,
      );
      const gate = privacyGateOf();
      const entry = entryOf();
      gate.greet(entry, "whole");
      const frames = framesOf(whole, 5, 40);
      const written = passAll(gate, entry, frames);
      expect(JSON.stringify(decode(written))).not.toMatch(/\d{1,3}\.\d{1,3}\.\d{1,3}\.177\b|:3:4177\b/);
      expect(Buffer.concat(written).toString("latin1")).not.toMatch(
        /\d{1,3}\.\d{1,3}\.\d{1,3}\.177\b|:3:4177\b/,
      );
      expect(written.map((frame) => readFrameHeader(frame))).toEqual(
        frames.map((frame) => readFrameHeader(frame)),
      );
      // Looked at again, nothing changes any more, to the last bit of each number.
      const again = privacyGateOf();
      again.greet(entry, "whole");
      expect(decode(passAll(again, entry, written))).toEqual(decode(written));
    }
  });
});

describe("a client that redacts as strictly as the rules", () => {
  test("is not looked into: the very bytes pass", () => {
    const gate = privacyGateOf();
    const entry = entryOf();
    gate.greet(entry, "reduced");
    const garbled = framesOf(indiscreet).map((frame) => frame.slice());
    for (const frame of garbled) {
      const passed = pass(gate, entry, frame);
      expect(passed.ok && passed.frame === frame).toBe(true);
    }
  });

  test("is not believed when it did not say so", () => {
    const gate = privacyGateOf();
    expect(found(passAll(gate, entryOf(), framesOf(indiscreet)), planted)).toEqual([]);
  });
});

describe("the stream of a session that is looked into", () => {
  const frames = framesOf(indiscreet, 1, 100);

  test("goes on when frames are sent again because the disk failed", () => {
    const gate = privacyGateOf();
    const entry = entryOf();
    gate.greet(entry, "whole");
    const first = passAll(gate, entry, frames.slice(0, 6));
    entry.lastSequence = 2;
    const again = passAll(gate, entry, frames.slice(3));
    expect(again.slice(0, 3)).toEqual(first.slice(3));
    expect(decode([...first.slice(0, 3), ...again])).toHaveLength(frames.length);
  });

  test("needs a new session after a restart, and goes on from a keyframe", () => {
    const restarted = privacyGateOf();
    const entry = entryOf();
    entry.lastSequence = 3;
    restarted.greet(entry, "whole");
    expect(pass(restarted, entry, frames[4] ?? new Uint8Array())).toEqual({
      ok: false,
      code: "session-unreadable",
    });
    const encoder = createFrameEncoder({ firstSequence: 4 });
    const next = indiscreet.map((record) => encoder.encode([record]));
    expect(found(passAll(restarted, entry, next), [...planted, ...secrets])).toEqual([]);
  });

  test("is bounded in what is kept of it", () => {
    const gate = privacyGateOf();
    const entry = entryOf();
    gate.greet(entry, "whole");
    passAll(gate, entry, frames.slice(0, 6));
    gate.forget(entry);
    gate.greet(entry, "whole");
    expect(pass(gate, entry, frames[6] ?? new Uint8Array())).toEqual({
      ok: false,
      code: "session-unreadable",
    });
  });

  test("says what looking took: little bytes may say much", () => {
    const gate = privacyGateOf();
    const entry = entryOf();
    gate.greet(entry, "whole");
    const long: SessionRecord = { kind: "context", at, context: { tags: { long: "a".repeat(1_000_000) } } };
    const [frame = new Uint8Array()] = framesOf([long]);
    expect(frame.byteLength).toBeLessThan(10_000);
    const passed = pass(gate, entry, frame);
    expect(passed.ok && passed.work).toBeGreaterThan(480_000);
    // Sent again, it is there already; and nobody looks into those of a client that is as strict.
    expect(pass(gate, entry, frame)).toMatchObject({ ok: true, work: 0 });
    const strict = entryOf();
    gate.greet(strict, "reduced");
    expect(pass(gate, strict, frame)).toMatchObject({ ok: true, work: 0 });
  });

  test("of an hour that is imported take less than a session may send at once", () => {
    const gate = privacyGateOf();
    const entry = entryOf();
    gate.greet(entry, "whole");
    const session = generateSession({ seed: 5, durationSeconds: 3_600, kind: "loss", startAt: at });
    const sessions = [
      { sessionId: "session-1", peer: null, userId: null, callId: null, records: session.records },
    ];
    const [imported] = toImportSessions({ format: "session-log", sessions }, "hour");
    let work = 0;
    for (const frame of imported?.frames ?? []) {
      const passed = pass(gate, entry, frame);
      work += passed.ok ? Math.max(passed.work, frame.byteLength) : expect.fail(passed.code);
    }
    expect(work).toBeGreaterThan(500_000);
    expect(work).toBeLessThan(4_000_000);
  });

  test("does not look through the same long text again and again", () => {
    const gate = privacyGateOf();
    const entry = entryOf();
    gate.greet(entry, "whole");
    const text = "a1.".repeat(333_333);
    const records = Array.from({ length: 4_000 }, (_, index) => event("app-event", { text }, index));
    const frame = createFrameEncoder().encode(records);
    expect(frame.byteLength).toBeLessThan(1_000);
    expect(pass(gate, entry, frame)).toMatchObject({ ok: false, code: "frame-limit-exceeded" });
    // As much as twenty descriptions of a large call is looked through.
    const next = entryOf();
    gate.greet(next, "whole");
    const descriptions = Array.from({ length: 20 }, (_, index) =>
      event("app-event", { sdp: `${index} ${"a=ssrc:1 cname:x\r\n".repeat(10_000)}` }, index),
    );
    expect(pass(gate, next, createFrameEncoder().encode(descriptions))).toMatchObject({ ok: true });
  });

  test("refuses what is no frame, and says why", () => {
    const gate = privacyGateOf();
    const entry = entryOf();
    gate.greet(entry, "whole");
    const broken = (frames[0] ?? new Uint8Array()).slice();
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 0xff;
    expect(pass(gate, entry, broken)).toMatchObject({ ok: false, code: "frame-corrupt" });
  });
});

test("stricter rules hold for sessions that are open: from a keyframe, or in a new session", () => {
  let privacy: PrivacyRules = defaultRules;
  const gate = createPrivacyGate({ project: () => ({ privacy, salt: "c2FsdA" }) });
  const frames = framesOf(indiscreet, 1, 4);
  const entry = entryOf();
  gate.greet(entry, "reduced");
  passAll(gate, entry, frames.slice(0, 2));
  privacy = { ipAddresses: "remove", deviceLabels: "hash", userIds: "hash" };
  expect(pass(gate, entry, frames[2] ?? new Uint8Array())).toEqual({ ok: false, code: "session-unreadable" });
  expect(found(passAll(gate, entry, frames.slice(4)), [...planted, ...secrets])).toEqual([]);
});

test("records in the clear follow the rules of their project as they change", () => {
  let privacy: PrivacyRules = defaultRules;
  const rule = createPrivacyGate({ project: () => ({ privacy, salt: "c2FsdA" }) }).recordRule("default");
  const context: SessionRecord = { kind: "context", at, context: { userId: "kim" } };
  expect(rule(context)).toEqual(context);
  privacy = { ...privacy, userIds: "hash" };
  const hashed = rule(context);
  expect(JSON.stringify(hashed)).not.toContain("kim");
  expect(rule(hashed)).toEqual(hashed);
});
