import type { SampleRecord } from "@peerscope/schema";
import { expect, test } from "vitest";
import { createRtcstatsFrames, type RtcstatsFrames } from "./frames.ts";

const start = 1_795_234_137_000;

function read(): {
  readonly frames: RtcstatsFrames;
  readonly samples: SampleRecord[];
  readonly skipped: string[];
} {
  const samples: SampleRecord[] = [];
  const skipped: string[] = [];
  const frames = createRtcstatsFrames({
    sessionId: "session",
    sink: {
      record: (_, record) => record.kind === "sample" && samples.push(record),
      skipped: ({ code }) => skipped.push(code),
    },
  });
  frames.push(JSON.stringify([39, null, {}, start]));
  return { frames, samples, skipped };
}

/** A report of an object with so many members, each of so many characters. */
const report = (connection: number, object: number, members: number, characters: number): string => {
  const entries = Array.from({ length: members }, (_, index) => [`m${index}`, "x".repeat(characters)]);
  const stats = { t: start + 1_000, [object]: { type: 1, ...(Object.fromEntries(entries) as object) } };
  return JSON.stringify(["g", `PC_${connection}`, stats, 1]);
};

test("a client that tells ever more does not make the reader hold all of it", () => {
  const { frames, skipped } = read();
  // 128 MB.
  for (let number = 0; number < 400; number += 1) frames.push(report(number, number, 20, 16_000));
  expect(frames.held.weight).toBeLessThanOrEqual(250_000);
  expect(new Set(skipped)).toEqual(new Set(["limit-exceeded"]));
});

test("a page that makes one call after the other is read to its end", () => {
  const { frames, samples, skipped } = read();
  for (let number = 0; number < 300; number += 1) {
    for (let object = 0; object < 40; object += 1) frames.push(report(number, object, 50, 4));
    frames.push(JSON.stringify([36, `PC_${number}`, null, 1]));
  }
  expect(skipped).toEqual([]);
  const last = samples.at(-1);
  expect(last?.connectionId).toBe("PC_299");
  expect(last?.stats.map((object) => Object.keys(object).length)).toEqual(
    Array.from({ length: 40 }, () => 53),
  );
});
