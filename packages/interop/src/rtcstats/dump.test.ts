import type { EventRecord, SampleRecord, SessionRecord } from "@peerscope/schema";
import { describe, expect, test } from "vitest";
import { detectFormat } from "../detect-format.ts";
import { createForeignReader } from "../foreign-reader.ts";
import type { ForeignSession, ForeignSummary, Skipped } from "../reader.ts";
import { createRtcstatsFrames, type RtcstatsFrames } from "./frames.ts";
import { dumpOf, readRecordedSockets, readSocket } from "./testing/recorded-frames.ts";

interface Read {
  readonly sessions: ForeignSession[];
  readonly records: SessionRecord[];
  readonly skipped: Skipped[];
  readonly summary: ForeignSummary;
}

function readBytes(chunks: Iterable<Uint8Array>, name = "call.gz"): Read {
  const result = {
    sessions: [] as ForeignSession[],
    records: [] as SessionRecord[],
    skipped: [] as Skipped[],
  };
  const reader = createForeignReader(
    "rtcstats",
    {
      session: (session) => void result.sessions.push(session),
      record: (_, record) => void result.records.push(record),
      skipped: (what) => void result.skipped.push(what),
    },
    { name },
  );
  for (const chunk of chunks) reader.push(chunk);
  return { ...result, summary: reader.end() };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (...lines: string[]): Read => readBytes([bytes(lines.join("\n"))]);
const head =
  '{"url":"/room/1?rtcstats-token=obfuscated","origin":"https://app.example","userAgent":"Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36","startTime":1795234134633,"clientProtocol":"rtcstats#5.0","fileFormat":3}';
const eventsOf = ({ records }: Read): EventRecord[] => records.filter((record) => record.kind === "event");
const samplesOf = ({ records }: Read): SampleRecord[] => records.filter((record) => record.kind === "sample");
const t0 = 1_795_234_137_000;

describe("a dump of format version 3", () => {
  const sockets = readRecordedSockets("good-call");

  test.each([1, 7, 1_000, 1e9])("gives what its frames give, in pieces of %i bytes", (size) => {
    for (const socket of sockets) {
      const dump = bytes(dumpOf(socket));
      const pieces = Array.from({ length: Math.ceil(dump.length / size) }, (_, index) =>
        dump.subarray(index * size, (index + 1) * size),
      );
      const { records, skipped, summary, sessions } = readBytes(pieces);
      expect(detectFormat(dump.subarray(0, 65_536))).toBe("rtcstats");
      expect(skipped).toEqual([]);
      expect(records).toEqual(readSocket(socket).records);
      expect(summary).toMatchObject({ format: "rtcstats", records: records.length, skippedCount: 0 });
      expect(sessions).toEqual([{ sessionId: "call", peer: null, userId: null, callId: null }]);
    }
  });

  test("says who sent it and from where, without tokens", () => {
    const { records } = read("RTCStatsDump", head, `[39,null,{"hardwareConcurrency":8},${t0}]`);
    expect(records[0]).toMatchObject({
      kind: "context",
      at: t0,
      context: {
        browserName: "Chrome",
        osName: "Linux",
        pageUrl: "https://app.example",
        tags: { "rtcstats-path": "/room/1", "rtcstats-protocol": "rtcstats#5.0" },
      },
    });
    expect(records[1]).toMatchObject({ kind: "context", context: { hardwareConcurrency: 8 } });
    expect(JSON.stringify(records)).not.toContain("token");
  });

  test("loses only the lines that cannot be read, and says which they are", () => {
    const result = read(
      "RTCStatsDump",
      head,
      `[39,"PC_0",null,${t0}]`,
      `["g","PC_0",{"1":{"type":1,"14":7,"11":"audio"},"t":${t0 + 100}},100]`,
      '["g","PC_0",{"1":{"14":8},"t',
      "17",
      "",
      '{"an":"object"}',
      `["g","PC_0",{"1":{"14":9},"t":${t0 + 3_100}},1000]`,
      '[25,"PC_0","failed",10]',
      '["g","PC_0",{"1":{"14":1',
    );
    expect(result.skipped.map(({ code, line }) => [code, line])).toEqual([
      ["unreadable", 5],
      ["unreadable", 6],
      ["unreadable", 8],
      ["truncated", 11],
    ]);
    expect(samplesOf(result).map(({ stats }) => stats[0]?.["packetsReceived"])).toEqual([7, 9]);
    // The lost line took two seconds with it; the next report says what time it is.
    expect(samplesOf(result).map(({ at }) => at - t0)).toEqual([100, 3_100]);
    expect(eventsOf(result).at(-1)).toMatchObject({ name: "connection-state-changed", at: t0 + 3_110 });
    expect(result.summary.limits.at(-1)).toContain("how it ended");
  });

  test("that has lost its beginning keeps what can be known, with the right times", () => {
    const result = read(
      '[25,"PC_0","connected",500]',
      `["g","PC_0",{"1":{"14":7,"20":3},"2":{"152":0.1},"t":${t0}},1000]`,
      '[6,"PC_0",{"type":"offer","sdp":"v=\\r\\nm=\\r\\n"},"6-0",20]',
    );
    expect(result.skipped.map(({ code }) => code)).toEqual(["out-of-step", "out-of-step"]);
    expect(eventsOf(result)[0]).toMatchObject({ at: t0 - 1_000, data: { state: "connected" } });
    expect(samplesOf(result)[0]?.stats.map(({ type }) => type)).toEqual(["inbound-rtp", "candidate-pair"]);
    // A description that cannot be put together is not half a description.
    expect(eventsOf(result)[1]?.data).toMatchObject({ arguments: { description: { type: "offer" } } });
  });

  test("says what has no time", () => {
    const result = read('[25,"PC_0","connected",500]', '[25,"PC_0","failed",500]');
    expect(result.records).toEqual([]);
    expect(result.skipped.map(({ code, line }) => [code, line])).toEqual([
      ["time-unknown", 1],
      ["time-unknown", 2],
    ]);
  });

  test("ends the session where the page ended it, and not where the socket was lost", () => {
    const ended = (code: number): boolean =>
      eventsOf(read(`[39,null,{},${t0}]`, `["close",null,${code},204]`)).some(
        ({ name }) => name === "session-ended",
      );
    expect(ended(1005)).toBe(true);
    expect(ended(1006)).toBe(false);
  });
});

describe("events", () => {
  const of = (...frames: string[]): EventRecord[] =>
    eventsOf(read(`[39,"PC_0",null,${t0}]`, ...frames)).slice(1);

  test("calls are joined with their outcome, refused ones with the reason", () => {
    const [called, settled, asked, refused] = of(
      '[10,"PC_0",{"candidate":"candidate:1 1 udp 2 192.0.2.7 5000 typ host","sdpMid":"0"},{"rtcstatsLocation":{"country":"DE"}},"10-0",5]',
      '[11,"PC_0",null,"10-0",40]',
      '[60,null,{"audio":true},"60-0",5]',
      '[65,null,"NotAllowedError: Permission denied","60-0",700]',
    );
    expect(called).toMatchObject({ name: "api-called", data: { callId: 1, method: "addIceCandidate" } });
    expect(settled).toMatchObject({ data: { callId: 1, outcome: "fulfilled", durationMs: 40 } });
    expect(asked).toMatchObject({
      data: { callId: 2, method: "getUserMedia", arguments: { constraints: { audio: true } } },
    });
    expect(refused?.data).toEqual({
      callId: 2,
      method: "getUserMedia",
      outcome: "rejected",
      durationMs: 700,
      error: { name: "NotAllowedError", message: "Permission denied" },
    });
  });

  test("tracks of the page are followed by their state", () => {
    const states = of(
      '[61,null,[["audio","mic","Jabra of Anna","s"],["video","cam","C920","s"]],"60-0",5]',
      '[30,"PC_0",["audio","mic","Jabra of Anna","s"],1]',
      '[31,"PC_0",null,"remote-audio",1]',
      '["MediaStreamTrack.enabled",null,false,"mic",5]',
      '[70,null,[],"mic","60-0",5]',
      '[72,null,"unknown",null,5]',
    ).filter(({ name }) => name === "track-state-changed");
    expect(
      states.map(({ data }) => [data?.["enabled"], data?.["readyState"], data?.["stoppedByApp"]]),
    ).toEqual([
      [true, "live", undefined],
      [false, "live", undefined],
      [false, "ended", true],
    ]);
    expect(states[0]).toMatchObject({
      connectionId: "PC_0",
      data: { source: "microphone", direction: "local" },
    });
    expect(JSON.stringify(states)).not.toContain("Anna");
  });

  test("descriptions come whole again, also one that is repeated, and carry no passwords", () => {
    const offer =
      "v=0\\r\\no=- 1 2 IN IP4 127.0.0.1\\r\\nm=audio 9 UDP 111\\r\\na=mid:0\\r\\na=ice-pwd:secret\\r\\n";
    const records = of(
      `[8,"PC_0",{"type":"offer","sdp":"${offer}"},"8-0",1]`,
      '[9,"PC_0",null,"8-0",1]',
      '[8,"PC_0",{"type":"offer","sdp":"v=0\\r\\no=- 1 3 IN IP4 127.0.0.1\\r\\nm=\\r\\n"},"8-1",1]',
    );
    expect(JSON.stringify(records)).not.toContain("secret");
    const [first, , second] = records.map(({ data }) => data?.["arguments"]);
    expect(first).toMatchObject({ description: { type: "offer", sdp: expect.stringContaining("a=mid:0") } });
    expect(second).toEqual({
      description: { type: "offer", sdp: [1, 0, 1, "o=- 1 3 IN IP4 127.0.0.0\r", 2, 4] },
    });
  });

  test("an unknown method is said once, the app's own events are kept", () => {
    const result = read(
      `[39,"PC_0",null,${t0}]`,
      '[62,"PC_0",null,1]',
      '[62,"PC_0",null,1]',
      '["somethingNew","PC_0",null,1]',
      '[":joined",null,{"room":7},1]',
    );
    expect(result.skipped.map(({ code, reason }) => [code, reason])).toEqual([
      ["unknown-event", 'a method that has no counterpart: "method 62"'],
      ["unknown-event", 'a method that has no counterpart: "somethingNew"'],
    ]);
    expect(eventsOf(result).at(-1)).toMatchObject({
      name: "app-event",
      data: { name: "joined", data: { room: 7 } },
    });
  });

  test("the state of the processor is an event and no part of a report", () => {
    const result = read(
      `["g","PC_0",{"1":{"type":2,"79":1},"20":{"type":"compute-pressure","cpuState":1},"t":${t0}},${t0}]`,
      `["g","PC_0",{"1":{"79":2},"t":${t0 + 1_000}},1000]`,
    );
    expect(eventsOf(result)).toMatchObject([
      { name: "compute-pressure-changed", data: { state: "critical" } },
    ]);
    expect(samplesOf(result).map(({ stats }) => stats.length)).toEqual([1, 1]);
  });
});

describe("older files", () => {
  test("version 2: absolute times, names in clear, differences and whole reports", () => {
    const result = read(
      `{"path":"/room","origin":"https://app.example","url":"https://app.example/","userAgent":"x","time":${t0},"fileFormat":2}`,
      `["publicIP",null,["1.2.3.x"],${t0}]`,
      `["create","PC_0",{"iceServers":[{"urls":"turn:t.example","credential":"secret"}]},${t0 + 1}]`,
      `["onsignalingstatechange","PC_0","\\"stable\\"",${t0 + 2}]`,
      `["getstats","PC_0",{"A":{"type":"inbound-rtp","packetsReceived":1,"kind":"audio","timestamp":0},"timestamp":"${new Date(t0 + 3).toISOString()}"},${t0 + 4}]`,
      `["getstats","PC_0",{"A":{"packetsReceived":5,"timestamp":0},"timestamp":${t0 + 1_003}},${t0 + 1_004}]`,
      `["getStats","PC_0",{"B":{"type":"outbound-rtp","timestamp":${t0 + 2_003}}},${t0 + 2_004}]`,
      `["close",null,null,${t0 + 3_000}]`,
    );
    expect(result.skipped).toEqual([]);
    expect(JSON.stringify(result.records)).not.toContain("secret");
    expect(eventsOf(result).map(({ name, at }) => [name, at - t0])).toEqual([
      ["connection-created", 1],
      ["signaling-state-changed", 2],
    ]);
    expect(samplesOf(result).map(({ at, stats }) => [at - t0, ...stats])).toEqual([
      [4, { id: "A", type: "inbound-rtp", packetsReceived: 1, kind: "audio", timestamp: t0 + 3 }],
      [1_004, { id: "A", type: "inbound-rtp", packetsReceived: 5, kind: "audio", timestamp: t0 + 1_003 }],
      [2_004, { id: "B", type: "outbound-rtp", timestamp: t0 + 2_003 }],
    ]);
  });

  test("version 0: one document", () => {
    const state = { time: t0 + 5, type: "onconnectionstatechange", value: "connected" };
    const result = read(
      JSON.stringify({
        peerConnections: { a: [state], b: [{ ...state, time: new Date(t0).toISOString() }] },
      }),
    );
    expect(eventsOf(result).map(({ connectionId, at }) => [connectionId, at - t0])).toEqual([
      ["b", 0],
      ["a", 5],
    ]);
  });

  test("Jitsi's fork is another protocol", () => {
    const { skipped, records } = read(
      '{"statsSessionId":"1","type":"identity","data":{}}',
      '{"type":"close"}',
    );
    expect(skipped.map(({ code }) => code)).toEqual(["version-unsupported"]);
    expect(records).toEqual([]);
  });
});

describe("live frames", () => {
  const collect = (
    continues?: RtcstatsFrames,
  ): { frames: RtcstatsFrames; records: SessionRecord[]; skipped: Skipped[] } => {
    const [records, skipped]: [SessionRecord[], Skipped[]] = [[], []];
    const sink = {
      record: (_: string, record: SessionRecord) => void records.push(record),
      skipped: (what: Skipped) => void skipped.push(what),
    };
    return {
      frames: createRtcstatsFrames({ sessionId: "live", sink, ...(continues ? { continues } : {}) }),
      records,
      skipped,
    };
  };

  test("of a second socket go on where the first one was", () => {
    const first = collect();
    first.frames.push(`["g","PC_0",{"1":{"type":1,"11":"audio","14":7},"t":${t0}},"connected-0",${t0}]`);
    const second = collect(first.frames);
    second.frames.push(`["g","PC_0",{"1":{"14":9},"t":${t0 + 9_000}},${t0 + 9_000}]`);
    expect(second.skipped).toEqual([]);
    expect(second.records).toMatchObject([
      { stats: [{ type: "inbound-rtp", kind: "audio", packetsReceived: 9, timestamp: t0 + 9_000 }] },
    ]);
  });
});

describe("hostile input", () => {
  const first = `[39,"PC_0",null,${t0}]`;

  test("names of prototypes are names, or left out, and change nothing", () => {
    const result = read(
      first,
      `["g","PC_0",{"__proto__":{"type":1,"14":1},"constructor":{"type":2,"79":1,"__proto__":{"polluted":1},"toString":3},"t":${t0}},1]`,
      '[":x","__proto__",{"__proto__":{"polluted":1}},1]',
      '["__proto__","PC_0",null,1]',
    );
    expect(samplesOf(result)[0]?.stats.map(({ id }) => id)).toEqual(["__proto__", "constructor"]);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
    expect(result.skipped.map(({ code }) => code)).toEqual(["limit-exceeded", "unknown-event"]);
  });

  test("what is deep, long or out of range is left out, and the rest is read", () => {
    const deep = "[".repeat(200_000) + "]".repeat(200_000);
    const result = read(
      first,
      `[":deep",null,${deep},1]`,
      `[60,null,${deep},"60-0",1]`,
      `["g","PC_0",{"1":{"type":1,"14":1e999,"57":${deep},"mid":"${"m".repeat(100_000)}"},"t":${t0}},1]`,
      `[8,"PC_0",{"type":"offer","sdp":"v=0\\r\\n${"a=x\\r\\n".repeat(2_000_000)}"},"8-0",1]`,
      "[".repeat(1_000_000),
      '[25,"PC_0","connected",1]',
    );
    expect(result.skipped.map(({ code, line }) => [code, line])).toEqual([
      ["limit-exceeded", 2],
      ["limit-exceeded", 4],
      ["limit-exceeded", 5],
      ["unreadable", 6],
    ]);
    expect(samplesOf(result)[0]?.stats).toEqual([{ id: "1", type: "inbound-rtp", timestamp: t0 }]);
    expect(eventsOf(result).at(-1)).toMatchObject({ data: { state: "connected" } });
    expect(JSON.stringify(result.records).length).toBeLessThan(10_000);
  });

  test("a line of 64 MiB costs nothing but itself", () => {
    const piece = new Uint8Array(1_048_576).fill(0x5b);
    const pieces = [
      bytes(`${first}\n`),
      ...Array.from({ length: 64 }, () => piece),
      bytes('\n[25,"PC_0","connected",1]\n'),
    ];
    const result = readBytes(pieces);
    expect(result.skipped).toMatchObject([{ code: "limit-exceeded", line: 2, offset: first.length + 1 }]);
    expect(eventsOf(result)).toHaveLength(2);
  });

  test("bytes that are not UTF-8 cost the text they are in", () => {
    const line = bytes('[25,"PC_0","connected!",1]\n');
    line[20] = 0xff;
    const result = readBytes([bytes(`${first}\n`), line, bytes('[25,"PC_0","failed",1]\n')]);
    expect(result.skipped).toMatchObject([{ code: "unreadable", line: 2 }]);
    expect(eventsOf(result).at(-1)).toMatchObject({ data: { state: "failed" } });
  });

  test("short differences do not make long reports for ever", () => {
    const objects = Array.from({ length: 100 }, (_, index) => [
      index + 1,
      Object.fromEntries(Array.from({ length: 200 }, (_, member) => [`m${member}`, 1])),
    ]);
    const whole = JSON.stringify(["g", "PC_0", { ...Object.fromEntries(objects), t: t0 }, 1]);
    const result = read(first, whole, ...Array.from({ length: 5_000 }, () => '["g","PC_0",{},1]'));
    expect(samplesOf(result).length).toBeLessThan(400);
    expect(result.skipped.map(({ code }) => code)).toContain("limit-exceeded");
  });
});
