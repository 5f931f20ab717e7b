import * as fc from "fast-check";
import type { JsonValue, SampleRecord } from "@peerscope/schema";
import { describe, expect, it } from "vitest";
import { feed, readWhole, type WholeSource } from "../testing/read-whole.ts";
import { createWebrtcInternalsReader } from "./reader.ts";

const start = Date.UTC(2026, 10, 21, 4, 9, 0);

const iso = (at: number): string => new Date(at).toISOString();

/** A series from the second `first` on. */
function series(type: string, values: readonly JsonValue[], first = 0): object {
  return {
    startTime: iso(start + first * 1_000),
    endTime: iso(start + (first + values.length - 1) * 1_000),
    statsType: type,
    values: JSON.stringify(values),
  };
}

const seconds = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => start + index * 1_000);

function dump(stats: object, updateLog: readonly object[] = [], change: object = {}): string {
  const connection = {
    pid: 1,
    rtcConfiguration: "",
    url: "https://example.org/room?token=secret",
    updateLog,
    stats,
  };
  return JSON.stringify({
    getUserMedia: [],
    UserAgent: "Chrome/156",
    PeerConnections: { "9-1": connection },
    ...change,
  });
}

const read = (text: string): WholeSource => readWhole("webrtc-internals", Buffer.from(text));
const samplesOf = ({ sessions }: WholeSource): SampleRecord[] =>
  sessions.flatMap(({ records }) => records.filter((record) => record.kind === "sample"));
const eventsOf = ({ sessions }: WholeSource): unknown[] =>
  sessions.flatMap(({ records }) =>
    records.flatMap((record) =>
      record.kind === "event" ? [[record.name, record.at - start, record.data]] : [],
    ),
  );

describe("series", () => {
  it("that came later, or went, are placed by their own times; holes are filled by what tells them", () => {
    const source = read(
      dump({
        "P-timestamp": series("peer-connection", seconds(5)),
        "I-timestamp": series("inbound-rtp", seconds(5)),
        "I-mid": series("inbound-rtp", [0, 0, 0, 0, 0]),
        "I-late": series("inbound-rtp", [1, 2], 3),
        "I-gone": series("inbound-rtp", [7, 8], 0),
        "I-framesDecoded": series("inbound-rtp", [10, 20, 20, 20, 30]),
        "I-framesPerSecond": { ...series("inbound-rtp", [1, 2, 3]), endTime: iso(start + 4_000) },
        "I-odd": { ...series("inbound-rtp", [1, 2, 3]), endTime: iso(start + 4_000) },
        "I-[framesDecoded/s]": series("inbound-rtp", [1, 1]),
      }),
    );
    expect(samplesOf(source).map(({ stats }) => stats.find(({ id }) => id === "I"))).toMatchObject([
      { mid: "0", gone: 7, framesPerSecond: 1 },
      { mid: "0", gone: 8, framesPerSecond: 2 },
      { mid: "0" },
      { mid: "0", late: 1 },
      { mid: "0", late: 2, framesPerSecond: 3 },
    ]);
    expect(samplesOf(source)[2]?.stats.find(({ id }) => id === "I")).not.toHaveProperty("framesPerSecond");
    expect(source.skipped.map(({ code, reason }) => [code, reason])).toEqual([
      ["time-unknown", "inbound-rtp.odd: values whose times are not known"],
    ]);
  });

  it("of the far end stay as long as they were polled, with the time at which they came", () => {
    const source = read(
      dump({
        "P-timestamp": series("peer-connection", seconds(5)),
        "R-timestamp": series("remote-inbound-rtp", [start + 900, start + 900, start + 2_900]),
        "R-jitter": series("remote-inbound-rtp", [1, 1, 3]),
      }),
    );
    const jitters = samplesOf(source).map(
      ({ stats }) => stats.find(({ id }) => id === "R")?.["jitter"] ?? null,
    );
    expect(jitters).toEqual([null, 1, 1, 3, null]);
  });

  it("without timestamps, as before Chrome 117, are a second apart, and old ids tell their type", () => {
    const source = read(
      dump({
        "RTCInboundRTPAudioStream_12-packetsReceived": { ...series("", [1, 2, 3]), statsType: undefined },
      }),
    );
    expect(
      samplesOf(source).map(({ at, stats }) => [at - start, stats[0]?.type, stats[0]?.["packetsReceived"]]),
    ).toEqual([
      [0, "inbound-rtp", 1],
      [1_000, "inbound-rtp", 2],
      [2_000, "inbound-rtp", 3],
    ]);
  });
});

it("statistics of the time before the W3C are refused by their version", () => {
  const source = read(
    dump({
      "Conn-audio-1-0-bytesSent": { ...series("", [1]), statsType: undefined },
      "ssrc_1_send-googRtt": series("ssrc", [1]),
    }),
  );
  expect(samplesOf(source)).toEqual([]);
  expect(source.skipped.map(({ code }) => code)).toEqual(["version-unsupported"]);
});

describe("older logs", () => {
  const log = (time: string, type: string, value: string): object => ({ time, type, value });

  it("have clock texts, whose zone and order the statistics tell, and values for people", () => {
    const source = read(
      dump({ "P-timestamp": series("peer-connection", seconds(3)) }, [
        // Five hours behind UTC.
        log(
          "11/20/2026, 11:08:58 PM",
          "icecandidate",
          "sdpMid: 0, sdpMLineIndex: 0, candidate: candidate:1 1 udp 9 192.0.2.7 50000 typ relay raddr 0.0.0.0, url: turn:192.0.2.9?transport=udp, relayProtocol: udp",
        ),
        log(
          "11/20/2026, 11:08:58 PM",
          "setLocalDescription",
          "type: offer, sdp: v=0\r\na=ice-pwd:secret\r\na=mid:0\r\n",
        ),
        log(
          "11/20/2026, 11:08:59 PM",
          "setLocalDescriptionOnFailure",
          "InvalidStateError: type: wrong state",
        ),
        log(
          "11/20/2026, 11:08:59 PM",
          "transceiverModified",
          "Caused by: addTrack\n\ngetTransceivers()[0]:{\n  mid:'0',\n  kind:'audio',\n  sender:{\n    track:'s',\n    streams:['x'],\n  },\n  receiver:{\n    track:'r',\n    streams:[],\n  },\n  direction:'sendrecv',\n  currentDirection:null,\n}",
        ),
        log("11/20/2026, 11:09:00 PM", "connectionstatechange", "connected"),
        log("11/20/2026, 11:09:00 PM", "somethingNew", ""),
        log("noon", "stop", ""),
      ]),
    );
    expect(eventsOf(source)).toEqual([
      ["connection-created", -2_000, {}],
      [
        "ice-candidate-gathered",
        -2_000,
        {
          type: "relay",
          protocol: "udp",
          address: "192.0.2.0",
          port: 50_000,
          url: "turn:192.0.2.0?transport=udp",
          relayProtocol: "udp",
        },
      ],
      [
        "api-called",
        -2_000,
        {
          callId: 1,
          method: "setLocalDescription",
          arguments: { description: { type: "offer", sdp: "v=0\r\na=ice-pwd:\r\na=mid:0\r\n" } },
        },
      ],
      [
        "api-settled",
        -1_000,
        {
          callId: 1,
          method: "setLocalDescription",
          outcome: "rejected",
          durationMs: 1_000,
          error: { name: "InvalidStateError", message: "InvalidStateError: type: wrong state" },
        },
      ],
      [
        "transceiver-changed",
        -1_000,
        {
          mid: "0",
          kind: "audio",
          direction: "sendrecv",
          currentDirection: null,
          senderTrackId: "s",
          receiverTrackId: "r",
        },
      ],
      ["connection-state-changed", 0, { state: "connected" }],
    ]);
    expect(source.skipped.map(({ code }) => code).sort()).toEqual(["time-unknown", "unknown-event"]);
    expect(source.summary.limits).toContain("Times of events are exact to a second.");
  });
});

describe("pages", () => {
  it("are sessions of their own, also those that only asked for a camera", () => {
    const media = (timestamp: number, change: object): object => ({
      pid: 1,
      rid: 7,
      request_id: 0,
      timestamp,
      ...change,
    });
    const source = read(
      dump({ "P-timestamp": series("peer-connection", seconds(2)) }, [], {
        getUserMedia: [
          media(start, {
            origin: "https://other.org",
            url: "https://other.org/#a",
            audio: "",
            request_type: "getUserMedia",
          }),
          media(start + 300, { error: "NotAllowedError", error_message: "Permission denied" }),
        ],
      }),
    );
    expect(source.sessions.map(({ records }) => records[0])).toMatchObject([
      { context: { pageUrl: "https://example.org/room" } },
      { kind: "context" },
    ]);
    expect(source.sessions[1]?.records.slice(1)).toMatchObject([
      { name: "api-called", data: { method: "getUserMedia", arguments: { constraints: { audio: true } } } },
      {
        name: "api-settled",
        data: { outcome: "rejected", durationMs: 300, error: { name: "NotAllowedError" } },
      },
    ]);
  });
});

describe("damage", () => {
  const whole = dump(
    {
      "P-timestamp": series("peer-connection", seconds(3)),
      "T-timestamp": series("transport", seconds(3)),
      "T-bytesSent": series("transport", [1, 2, 3]),
    },
    [{ timestamp: start, type: "onsignalingstatechange", value: '"stable"' }],
  );

  it("of a cut off file costs what is missing, and is said", () => {
    const cut = whole.slice(0, whole.indexOf('"T-bytesSent"') + 60);
    const source = read(cut);
    expect(samplesOf(source)).toHaveLength(3);
    expect(source.skipped.map(({ code }) => code)).toEqual(["truncated"]);
  });

  it("of one value costs that value", () => {
    const source = read(whole.replace('"[1,2,3]"', '"[1,2"'));
    expect(samplesOf(source).map(({ stats }) => stats.length)).toEqual([2, 2, 2]);
    expect(source.skipped.map(({ code }) => code)).toEqual(["invalid-entry"]);
  });

  it("between values costs no more than what is next to it", () => {
    const source = read(whole.replace('"T-timestamp"', '? "T-timestamp"'));
    expect(samplesOf(source)).toHaveLength(3);
    expect(source.skipped.map(({ code }) => code)).toContain("unreadable");
  });

  it("of hostile hands is refused: prototypes, depth, numbers beyond a double, a description of 10 MB", () => {
    const source = read(
      dump(
        {
          "P-timestamp": series("peer-connection", seconds(1)),
          "P-__proto__": series("peer-connection", [{ a: 1 }]),
          "P-constructor": series("peer-connection", [5]),
          "P-huge": { ...series("peer-connection", []), values: "[1e999]" },
          "P-deep": { ...series("peer-connection", []), values: `[${'{"a":'.repeat(90)}1${"}".repeat(90)}]` },
          __proto__x: 1,
        },
        [
          {
            timestamp: start,
            type: "setRemoteDescription",
            value: JSON.stringify({ type: "offer", sdp: "a".repeat(10_000_000) }),
          },
        ],
      ),
    );
    const [sample] = samplesOf(source);
    expect(sample?.stats).toEqual([{ id: "P", type: "peer-connection", timestamp: start, constructor: 5 }]);
    expect(Object.getPrototypeOf(sample?.stats[0] ?? null)).toBe(Object.prototype);
    expect(JSON.stringify(eventsOf(source)).length).toBeLessThan(70_000);
    const deep = read(`{"PeerConnections":${'{"a":'.repeat(100_000)}`);
    expect(deep.skipped.length).toBeGreaterThan(0);
  });

  it("has an error code of 0 where the file's is an object that no number can be made of", () => {
    const source = read(
      dump({ "P-timestamp": series("peer-connection", seconds(1)) }, [
        {
          timestamp: start,
          type: "icecandidateerror",
          value: JSON.stringify({ errorCode: { toString: false }, errorText: "no answer" }),
        },
      ]),
    );
    expect(eventsOf(source)).toContainEqual([
      "ice-candidate-failed",
      0,
      expect.objectContaining({ errorCode: 0, errorText: "no answer" }),
    ]);
  });

  it("never makes it throw, and pieces of any size say the same", () => {
    const bytes = Buffer.from(whole);
    fc.assert(
      fc.property(
        fc.nat(bytes.length),
        fc.nat(40),
        fc.uint8Array({ maxLength: 20 }),
        fc.integer({ min: 1, max: 300 }),
        (at, cut, insert, pieceBytes) => {
          const broken = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + cut)]);
          const once = readWhole("webrtc-internals", broken, broken.length + 1);
          const pieces = readWhole("webrtc-internals", broken, pieceBytes);
          expect(pieces).toEqual(once);
          for (const sample of samplesOf(once))
            for (const { timestamp } of sample.stats) expect(Number.isFinite(timestamp)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

it("gives records in portions, so that whoever stops asking has cancelled", () => {
  const text = dump({ "P-timestamp": series("peer-connection", seconds(50)) });
  let left = Number.POSITIVE_INFINITY;
  const source = feed(
    (sink) => {
      const reader = createWebrtcInternalsReader(sink);
      return {
        push: (chunk) => reader.push(chunk),
        end() {
          for (let rounds = 0; left > 0; rounds += 1) {
            const before = left;
            left = reader.give(20);
            expect(left).toBeLessThan(before);
            expect(rounds).toBeLessThan(4);
          }
          return reader.end();
        },
      };
    },
    Buffer.from(text),
    100,
  );
  expect(samplesOf(source)).toHaveLength(50);
});
