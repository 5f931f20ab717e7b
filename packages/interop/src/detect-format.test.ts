import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { createRandom, mutate } from "../../schema/src/wire/testing/random.ts";
import { detectFormat } from "./detect-format.ts";
import { createForeignReader } from "./foreign-reader.ts";
import { dumpOf, readRecordedSockets } from "./rtcstats/testing/recorded-frames.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const head = (content: Uint8Array): Uint8Array => content.subarray(0, 65_536);
const recording = (file: string): Buffer =>
  gunzipSync(readFileSync(new URL(`../../scenarios/captures/good-call/${file}`, import.meta.url)));

test("recordings are told apart by their content", () => {
  const [socket] = readRecordedSockets("good-call");
  expect(detectFormat(head(recording("getstats.jsonl.gz")))).toBe("getstats-lines");
  expect(detectFormat(head(recording("webrtc_internals_dump.gz")))).toBe("webrtc-internals");
  expect(detectFormat(bytes(socket?.frames.slice(0, 20).join("\n") ?? ""))).toBe("rtcstats");
  expect(
    detectFormat(bytes('{"path":"/","time":1795234137000,"fileFormat":2}\n["create","PC_0",{},1]')),
  ).toBe("rtcstats");
  expect(detectFormat(bytes('{"peerConnections":{"1":[]},"getUserMedia":[]}'))).toBe("rtcstats");
  for (const text of ["", " ", "{}", "[]", "[1,2,3]", "hello", '{"a":1}\n{"a":2}', "<html></html>"]) {
    expect(detectFormat(bytes(text)), text).toBeNull();
  }
});

test("nothing that a dump can become makes its reader throw, and no record of it is without a time", () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = createRandom(seed);
  const dumps = readRecordedSockets("gum-denied").map((socket) =>
    bytes(dumpOf({ ...socket, frames: socket.frames.slice(0, 50) })),
  );
  for (let round = 0; round < 150; round += 1) {
    let dump = dumps[round % dumps.length] ?? new Uint8Array();
    for (let changes = 1 + random.below(20); changes > 0 && dump.length > 0; changes -= 1)
      dump = mutate(random, dump);
    let records = 0;
    const reader = createForeignReader("rtcstats", {
      session: () => {},
      record: (_, { at }) => {
        records += 1;
        expect(Number.isFinite(at), `seed ${seed}, round ${round}`).toBe(true);
      },
      skipped: ({ reason }) => expect(reason.length).toBeLessThan(500),
    });
    reader.push(dump);
    expect(reader.end().records, `seed ${seed}, round ${round}`).toBe(records);
  }
});
