import * as fc from "fast-check";
import type { SessionRecord } from "@peerscope/schema";
import { describe, expect, it } from "vitest";
import type { ForeignSession, Skipped } from "../reader.ts";
import { readWhole } from "../testing/read-whole.ts";
import { createObserverTcSession, type ObserverTcOptions } from "./session.ts";

const start = 1_795_234_138_000;

function collect(options?: ObserverTcOptions): {
  readonly session: ReturnType<typeof createObserverTcSession>;
  readonly records: SessionRecord[];
  readonly sessions: ForeignSession[];
  readonly skipped: Skipped[];
} {
  const records: SessionRecord[] = [];
  const sessions: ForeignSession[] = [];
  const skipped: Skipped[] = [];
  const session = createObserverTcSession(
    {
      session: (one) => sessions.push(one),
      record: (_, record) => records.push(record),
      skipped: (what) => skipped.push(what),
    },
    options,
  );
  return { session, records, sessions, skipped };
}

const transport = (at: number, change: object = {}): object => ({
  id: "T",
  timestamp: at,
  iceState: "connected",
  ...change,
});
const inbound = (at: number, change: object = {}): object => ({
  id: "I",
  ssrc: 7,
  kind: "audio",
  trackIdentifier: "t",
  timestamp: at,
  packetsReceived: 100,
  ...change,
});
const sample = (at: number, connection: object, change: object = {}): Record<string, unknown> => ({
  clientId: "client",
  callId: "call",
  timestamp: at,
  peerConnections: [{ peerConnectionId: "pc", ...connection }],
  ...change,
});
const text = (value: unknown): string => JSON.stringify(value);

describe("differences", () => {
  it("keep what they do not name, and lose entries that they leave out", () => {
    const { session, records } = collect();
    session.text(text(sample(start, { iceTransports: [transport(start)], inboundRtps: [inbound(start)] })));
    session.text(
      text({
        clientId: "client",
        timestamp: start + 4_000,
        peerConnections: [
          {
            peerConnectionId: "pc",
            inboundRtps: [{ ssrc: 7, timestamp: start + 4_000, packetsReceived: 200 }],
          },
        ],
      }),
    );
    const [, second] = records.filter((record) => record.kind === "sample");
    expect(second?.stats).toEqual([
      {
        id: "I",
        type: "inbound-rtp",
        ssrc: 7,
        kind: "audio",
        trackIdentifier: "t",
        timestamp: start + 4_000,
        packetsReceived: 200,
      },
    ]);
  });

  it("are told from whole samples, of which nothing sticks", () => {
    const { session, records } = collect();
    session.text(text(sample(start, { inboundRtps: [inbound(start, { framesPerSecond: 30 })] })));
    session.text(text(sample(start + 4_000, { inboundRtps: [inbound(start + 4_000)] })));
    const [, second] = records.filter((record) => record.kind === "sample");
    expect(second?.stats[0]).not.toHaveProperty("framesPerSecond");
  });

  it("without their beginning are said to be out of step, and right again once an entry is whole", () => {
    const { session, records, skipped } = collect({ format: "observertc-delta" });
    session.text(text(sample(start, { inboundRtps: [{ ssrc: 7, timestamp: start }] })));
    session.text(text(sample(start + 4_000, { inboundRtps: [inbound(start + 4_000)] })));
    expect(skipped.map(({ code }) => code)).toEqual(["out-of-step"]);
    expect(records.filter((record) => record.kind === "sample").map(({ at }) => at)).toEqual([start + 4_000]);
  });

  it("of a page that was loaded again begin anew", () => {
    const { session, records } = collect({ format: "observertc-delta" });
    const joined = { clientEvents: [{ type: "CLIENT_JOINED", timestamp: start }] };
    session.text(text(sample(start, { inboundRtps: [inbound(start, { jitter: 1 })] }, joined)));
    session.text(text(sample(start + 4_000, { inboundRtps: [inbound(start + 4_000)] }, joined)));
    const [, second] = records.filter((record) => record.kind === "sample");
    expect(second?.stats[0]).not.toHaveProperty("jitter");
  });
});

describe("events", () => {
  it("are Peerscope's own where there is one, and else the app's", () => {
    const { session, records } = collect();
    const event = (type: string, payload: unknown): object => ({ type, payload, timestamp: start + 1 });
    const clientEvents = [
      event("PEER_CONNECTION_STATE_CHANGED", text({ peerConnectionId: "pc", connectionState: "connected" })),
      // As a protobuf encoder leaves it: a text of a text.
      event(
        "ICE_CONNECTION_STATE_CHANGED",
        text(text({ peerConnectionId: "pc", iceConnectionState: "checking" })),
      ),
      event("ICE_CANDIDATE", { peerConnectionId: "pc" }),
      event("MEDIA_TRACK_MUTED", {
        trackId: "t",
        kind: "audio",
        muted: true,
        enabled: true,
        readyState: "live",
      }),
      event("CAPTURE_TRACK_ENDED", { trackId: "x", deviceLabel: "My camera", label: "My camera" }),
    ];
    const clientIssues = [{ type: "audio-desync", timestamp: start + 2, payload: { a: 1 } }];
    session.text(text(sample(start + 9, { inboundRtps: [inbound(start)] }, { clientEvents, clientIssues })));
    const events = records.flatMap((record) => (record.kind === "event" ? [[record.name, record.data]] : []));
    expect(events).toEqual([
      ["connection-created", {}],
      ["connection-state-changed", { state: "connected" }],
      ["ice-connection-state-changed", { state: "checking" }],
      [
        "track-state-changed",
        { trackId: "t", kind: "audio", direction: "remote", enabled: true, muted: true, readyState: "live" },
      ],
      ["app-event", { name: "CAPTURE_TRACK_ENDED", data: { trackId: "x" } }],
      ["app-event", { name: "issue audio-desync", data: { a: 1 } }],
    ]);
  });

  it("close a connection that two samples do not have, and end the session when the client left", () => {
    const { session, records } = collect();
    session.text(text(sample(start, { iceTransports: [transport(start)] })));
    session.text(text(sample(start + 1_000, {}, { peerConnections: [] })));
    session.text(text(sample(start + 2_000, {}, { peerConnections: [] })));
    const left = [{ type: "CLIENT_LEFT", timestamp: start + 3_000 }];
    session.text(text(sample(start + 3_000, {}, { peerConnections: [], clientEvents: left })));
    expect(records.flatMap((record) => (record.kind === "event" ? [[record.name, record.at]] : []))).toEqual([
      ["connection-created", start],
      ["connection-closed", start + 2_000],
      ["session-ended", start + 3_000],
    ]);
  });
});

describe("who it is", () => {
  it("comes from the sample, from what the app attached, and else from the endpoint", () => {
    const { session, sessions } = collect({ callId: "room", clientId: "socket" });
    session.text(
      text([sample(start, {}), sample(start, {}, { clientId: "b", attachments: { userId: "ben" } })]),
    );
    session.text(text({ timestamp: start, peerConnections: [] }));
    session.text(text({ sample: sample(start, {}, { clientId: "d", callId: "other" }) }));
    expect(sessions.map(({ peer, userId, callId }) => [peer, userId, callId])).toEqual([
      ["client", "client", "call"],
      ["b", "ben", "call"],
      ["socket", "socket", "room"],
      ["d", "d", "other"],
    ]);
    expect(new Set(sessions.map(({ sessionId }) => sessionId)).size).toBe(4);
    for (const { sessionId } of sessions) expect(sessionId).toMatch(/^[\w-]{8,64}$/);
  });

  it("has session ids that differ, also where names look like numbered ones", () => {
    const { session, sessions } = collect();
    for (const clientId of ["c", "c-2", "c!2", "c?", "c?!", "c-"])
      session.text(text(sample(start, {}, { clientId })));
    for (const callId of ["call!", "call?", "call-", "call!"])
      session.text(text(sample(start, {}, { clientId: "c", callId })));
    expect(sessions).toHaveLength(10);
    expect(new Set(sessions.map(({ sessionId }) => sessionId)).size).toBe(10);
  });
});

/** A field of a protobuf message; text and bytes have a length, a number is a double. */
function field(number: number, value: string | number | bigint | Uint8Array): Uint8Array {
  if (typeof value === "bigint") return Buffer.concat([varint(number * 8), varint(value)]);
  if (typeof value === "number") {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    return Buffer.concat([varint(number * 8 + 1), bytes]);
  }
  const content = Buffer.from(value);
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const more = rest > 127n;
    bytes.push(Number(rest & 127n) | (more ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

describe("protobuf", () => {
  const candidatePair = Buffer.concat([field(1, "P"), field(2, start), field(23, 3n)]);

  it("of schema 3.5 is told by where the timestamp is", () => {
    const { session, records } = collect();
    const rtp = Buffer.concat([
      field(1, "I"),
      field(2, "audio"),
      field(3, 7n),
      field(4, start),
      field(41, -3n),
      field(67, 48_000n),
    ]);
    const connection = Buffer.concat([field(4, candidatePair), field(7, rtp), field(17, "pc")]);
    session.binary(
      Buffer.concat([field(5, connection), field(7, start), field(9, "k"), field(10, "client-a")]),
    );
    expect(records.find((record) => record.kind === "sample")?.stats).toEqual([
      {
        id: "I",
        type: "inbound-rtp",
        kind: "audio",
        ssrc: 7,
        timestamp: start,
        packetsLost: -3,
        totalSamplesReceived: 48_000,
      },
      { id: "P", type: "candidate-pair", timestamp: start, state: "waiting" },
    ]);
  });

  it("of schema 3.0 has other numbers, also for states", () => {
    const { session, records } = collect();
    const rtp = Buffer.concat([
      field(1, "I"),
      field(2, "audio"),
      field(3, 7n),
      field(4, start),
      field(63, 48_000n),
      field(66, "T"),
    ]);
    const connection = Buffer.concat([field(4, candidatePair), field(7, rtp), field(16, "pc")]);
    session.binary(
      Buffer.concat([field(5, connection), field(6, start), field(8, "k"), field(9, "client-a")]),
    );
    expect(records.find((record) => record.kind === "sample")?.stats).toMatchObject([
      { totalSamplesReceived: 48_000, transportId: "T" },
      { state: "failed" },
    ]);
  });

  it("of the first 3.3 does not say which numbers its states have, so they are left out", () => {
    const { session, records } = collect();
    const rtp = Buffer.concat([
      field(1, "I"),
      field(2, "audio"),
      field(3, 7n),
      field(4, start),
      field(66, 1.5),
      field(70, "T"),
    ]);
    const connection = Buffer.concat([field(4, candidatePair), field(7, rtp), field(16, "pc")]);
    session.binary(
      Buffer.concat([field(5, connection), field(6, start), field(8, "k"), field(9, "client-a")]),
    );
    expect(records.find((record) => record.kind === "sample")?.stats).toEqual([
      {
        id: "I",
        type: "inbound-rtp",
        kind: "audio",
        ssrc: 7,
        timestamp: start,
        totalSamplesDuration: 1.5,
        transportId: "T",
      },
      { id: "P", type: "candidate-pair", timestamp: start },
    ]);
  });

  it("with numbers of no known schema is refused with a reason", () => {
    const { session, records, skipped } = collect();
    session.binary(Buffer.concat([field(1, start), field(19, "x")]));
    expect(records).toEqual([]);
    expect(skipped.map(({ code }) => code)).toEqual(["version-unsupported"]);
  });

  it("takes sixteen bytes that are no text for a UUID", () => {
    const { session, sessions } = collect();
    const uuid = Uint8Array.from({ length: 16 }, (_, index) => 0xa0 + index);
    session.binary(Buffer.concat([field(7, start), field(9, uuid), field(10, "sixteen-letters-")]));
    expect(sessions[0]).toMatchObject({
      callId: "a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf",
      peer: "sixteen-letters-",
    });
  });
});

describe("hostile input", () => {
  it.each<[string, string, string]>([
    [
      "nested deeper than anything",
      `{"clientId":"c","timestamp":${start},"peerConnections":${'[{"peerConnections":'.repeat(100_000)}`,
      "unreadable",
    ],
    [
      "deep and whole",
      `{"clientId":"c","timestamp":${start},"x":${"[".repeat(50_000)}${"]".repeat(50_000)},"peerConnections":[{}]}`,
      "invalid-entry",
    ],
    [
      "an older model",
      text({ clientId: "c", timestamp: start, inboundAudioTracks: [] }),
      "version-unsupported",
    ],
    ["no sample", "[1,null,{}]", "invalid-entry"],
    ["no time", text({ clientId: "c", timestamp: 5, peerConnections: [] }), "time-unknown"],
    ["no JSON", "{]", "unreadable"],
  ])("%s is skipped with a code", (_, message, code) => {
    const { session, skipped } = collect();
    session.text(message);
    session.text(text(sample(start, { iceTransports: [transport(start)] })));
    expect(skipped.map((what) => what.code)).toContain(code);
    expect(session.end().records).toBeGreaterThanOrEqual(3);
  });

  it("a client that names another call each time begins no sessions without end", () => {
    const { session, sessions, skipped } = collect();
    const samples = Array.from({ length: 3_000 }, (_, number) =>
      sample(start + number, {}, { callId: number % 2 === 0 ? "!" : "?" }),
    );
    session.text(text(samples));
    expect(sessions).toHaveLength(1_000);
    expect(skipped.map(({ code, reason }) => [code, reason])).toEqual([
      ["limit-exceeded", "more than 1000 clients and calls"],
    ]);
  });

  it("a message with more samples than a source may have in one is not read", () => {
    const { session, sessions, skipped } = collect({ maxSamplesPerMessage: 2 });
    const samples = ["a", "b", "c"].map((clientId) => sample(start, {}, { clientId }));
    session.text(text(samples));
    session.binary(Buffer.from(text(samples)));
    expect(skipped.map(({ code, reason }) => [code, reason])).toEqual([
      ["limit-exceeded", "a message of more than 2 samples"],
      ["limit-exceeded", "a message of more than 2 samples"],
    ]);
    session.text(text(samples.slice(1)));
    expect(sessions.map(({ peer }) => peer)).toEqual(["b", "c"]);
  });

  it("no member becomes a prototype", () => {
    const { session, records } = collect({ format: "observertc-delta" });
    session.text(
      `{"__proto__":{"a":1},"clientId":"c","timestamp":${start},"peerConnections":[{"__proto__":{"b":1},"peerConnectionId":"pc",` +
        `"iceTransports":[{"id":"T","timestamp":${start},"__proto__":{"c":1},"constructor":1}]}]}`,
    );
    expect(records.find((record) => record.kind === "sample")?.stats).toEqual([
      { id: "T", type: "transport", timestamp: start, constructor: 1 },
    ]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it("never throws, whatever the bytes, and says the same for the same", () => {
    const whole = text(sample(start, { iceTransports: [transport(start)], inboundRtps: [inbound(start)] }));
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((json) => Buffer.from(json)),
      fc
        .tuple(fc.nat(whole.length), fc.string())
        .map(([at, insert]) => Buffer.from(whole.slice(0, at) + insert + whole.slice(at + 2))),
    );
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 6 }), (messages) => {
        const { session } = collect();
        for (const message of messages) session.binary(message);
        const { records, skippedCount } = session.end();
        expect(records + skippedCount).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("files", () => {
  const first = sample(start, { iceTransports: [transport(start)] });
  const second = sample(start + 4_000, { iceTransports: [transport(start + 4_000)] });

  it.each([
    ["lines", `${text(first)}\n${text(second)}\n`],
    [
      "lines in an envelope",
      [first, second].map((data) => text({ t: 1, event: "sample", data })).join("\r\n"),
    ],
    ["an array", JSON.stringify([first, second])],
    ["an array over several lines", `\uFEFF${JSON.stringify([first, second], null, 2)}`],
    ["a line that is an array", `${text([first])}\n${text([second])}`],
  ])("of %s have the same records", (_, content) => {
    for (const pieceBytes of [1, 13, 100_000]) {
      const { sessions, skipped } = readWhole("observertc-json", Buffer.from(content), pieceBytes);
      expect(skipped).toEqual([]);
      expect(sessions.flatMap(({ records }) => records.filter(({ kind }) => kind === "sample"))).toHaveLength(
        2,
      );
    }
  });

  it("that are cut off keep what is whole, and say where they end", () => {
    const content = `${text(first)}\n${text(second).slice(0, 90)}`;
    const { sessions, skipped } = readWhole("observertc-json", Buffer.from(content));
    expect(sessions[0]?.records.filter(({ kind }) => kind === "sample")).toHaveLength(1);
    expect(skipped).toMatchObject([{ code: "truncated", line: 2 }]);
  });
});
