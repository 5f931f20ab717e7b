import * as fc from "fast-check";
import type { JsonValue, SampleRecord, SessionRecord, StatsObject } from "@peerscope/schema";
import { captureNames, readCapture } from "@peerscope/scenarios";
import { describe, expect, test } from "vitest";
import { arbitraryRecord } from "../../../schema/src/wire/testing/arbitrary.ts";
import { createForeignReader } from "../foreign-reader.ts";
import type { Skipped } from "../reader.ts";
import { writeRtcstatsDump } from "./write-dump.ts";

function readBack(lines: Iterable<string>): {
  readonly records: SessionRecord[];
  readonly skipped: Skipped[];
} {
  const records: SessionRecord[] = [];
  const skipped: Skipped[] = [];
  const reader = createForeignReader("rtcstats", {
    session: () => {},
    record: (_, record) => void records.push(record),
    skipped: (what) => void skipped.push(what),
  });
  for (const line of lines) reader.push(new TextEncoder().encode(`${line}\n`));
  reader.end();
  return { records, skipped };
}

const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe("a session that is written as a dump and read back", () => {
  test.each(captureNames)("%s: is the same, record by record", (name) => {
    for (const { records } of readCapture(name).sessions) {
      const read = readBack(writeRtcstatsDump(records));
      expect(read.skipped).toEqual([]);
      expect(read.records).toEqual(records);
    }
  });

  test("takes a fifth of its JSON, and all samples are in it as other tools read them", () => {
    const [session] = readCapture("loss-10").sessions;
    const [records, samples] = [session?.records ?? [], session?.samples ?? []];
    const lines = [...writeRtcstatsDump(records)];
    expect(lines[0]).toBe("RTCStatsDump");
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({ fileFormat: 3, clientProtocol: "rtcstats#5.0" });
    expect(lines.filter((line) => line.startsWith('["g",'))).toHaveLength(samples.length);
    expect(lines.join("\n").length).toBeLessThan(JSON.stringify(records).length / 5);
  });

  test("is the same whatever the records are", () => {
    fc.assert(
      fc.property(fc.array(arbitraryRecord, { maxLength: 12 }), (given) => {
        // JSON has no NaN, and a report without a time is none.
        const records = plain(given).filter(isReadable);
        const read = readBack(writeRtcstatsDump(records));
        expect(plain(read.records)).toEqual(records);
      }),
      { numRuns: 400 },
    );
  });

  test("is the same when members and objects come, change, disappear and come again", () => {
    const member = fc.oneof(
      fc.integer({ min: 0, max: 3 }),
      fc.constantFrom<JsonValue>("a", null, true, [], [1], { none: 1 }, { none: 1, cpu: 2 }, { cpu: 2 }),
    );
    const name = fc.constantFrom(
      "framesPerSecond",
      "framesDecoded",
      "roundTripTime",
      "codecId",
      "x",
      "20",
      "t",
    );
    const object = fc
      .tuple(
        fc.constantFrom("OT01", "T", "7", "3", "t"),
        fc.constantFrom(
          "inbound-rtp",
          "outbound-rtp",
          "remote-outbound-rtp",
          "remote-inbound-rtp",
          "transport",
          "mine",
        ),
        fc.constantFrom(1_795_234_149_000, 1_795_234_150_000.25, 0),
        fc.dictionary(name, member, { maxKeys: 4, noNullPrototype: true }),
      )
      .map(([id, type, timestamp, members]): StatsObject => ({ ...members, id, type, timestamp }));
    const sample = fc.record({
      kind: fc.constant<"sample">("sample"),
      connectionId: fc.constantFrom("PC_0", "PC_1"),
      at: fc.constantFrom(1_795_234_149_001, 1_795_234_150_001.3, 1_795_234_148_000),
      stats: fc.uniqueArray(object, { maxLength: 4, selector: ({ id }) => id }),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 12 }), (samples: SampleRecord[]) => {
        const read = readBack(writeRtcstatsDump(samples));
        expect(read.skipped).toEqual([]);
        expect(read.records).toEqual(samples);
      }),
      { numRuns: 2_000 },
    );
  });
});

/** Can the record be one after JSON took what it has no word for? */
function isReadable(record: SessionRecord): boolean {
  if (typeof record.at !== "number") return false;
  if (record.kind !== "sample") return true;
  return (
    (record.durationMs === undefined || typeof record.durationMs === "number") &&
    record.stats.every(({ timestamp }) => typeof timestamp === "number")
  );
}
