import { gunzipSync } from "node:zlib";
import { readCapture } from "@peerscope/scenarios";
import { createFrameDecoder, createFrameEncoder, type SessionRecord } from "@peerscope/schema";
import { describe, expect, it } from "vitest";
import { createKeptRecords, type KeptRecords } from "./kept-records.ts";
import { packRecords } from "./record-file.ts";
import { createRecordReader } from "./record-reader.ts";
import { rowsOf, wholeRecord } from "./record-rows.ts";
import { countRecords, searchRecords, type RecordFilter } from "./record-search.ts";

const [anna] = readCapture("loss-10").sessions;
if (anna === undefined) throw new Error("The capture has no session.");
const { records } = anna;

/** As a session log has them: few records a frame, few keyframes. */
function keptAsFrames(all: readonly SessionRecord[], framesPerKeyframe = 5): KeptRecords {
  const encoder = createFrameEncoder({ isExact: true });
  const decoder = createFrameDecoder();
  const kept = createKeptRecords();
  for (let start = 0; start < all.length; start += 4) {
    const keyframe = (start / 4) % framesPerKeyframe === 0;
    const bytes = encoder.encode(all.slice(start, start + 4), { keyframe });
    const result = decoder.decode(bytes);
    if (!result.ok) throw new Error(result.error.message);
    kept.addFrame(bytes, keyframe, result.frame.records);
  }
  return kept;
}

function keptPlain(all: readonly SessionRecord[]): KeptRecords {
  const kept = createKeptRecords();
  kept.addRecords(all);
  return kept;
}

const nothingAsked: RecordFilter = { kind: null, type: null, text: "" };

async function found(kept: KeptRecords, filter: Partial<RecordFilter>, from = 0): Promise<number[]> {
  const places: number[] = [];
  const reader = createRecordReader(kept, { keptFrames: 1 });
  await searchRecords(
    { kept, reader, filter: { ...nothingAsked, ...filter }, from },
    (piece) => places.push(...piece.places),
    () => true,
  );
  return places;
}

const sample = (at: number, bytesSent: number): SessionRecord => ({
  kind: "sample",
  at,
  connectionId: "pc-1",
  stats: [{ id: "O1", type: "outbound-rtp", timestamp: at, bytesSent }],
});

describe.each([
  ["of a session log", keptAsFrames(records)],
  ["of a foreign file", keptPlain(records)],
])("the records %s", (_, kept) => {
  const places = Array.from({ length: kept.length }, (__, place) => place);

  it("are all there, in their order, as they came", () => {
    const reader = createRecordReader(kept, { keptFrames: 1 });
    expect(places.flatMap((place) => reader.read(place) ?? [])).toEqual(records);
  });

  it("are read in any order with little kept", () => {
    const reader = createRecordReader(kept, { keptFrames: 3 });
    const forward = createRecordReader(kept, { keptFrames: 1 });
    const expected = places.map((place) => forward.read(place));
    for (const place of places.toReversed().filter((one) => one % 3 === 0))
      expect(reader.read(place)).toEqual(expected[place]);
    for (const place of [5, 60, 3, 61, 5, 40]) expect(reader.read(place)).toEqual(expected[place]);
  });

  it("are found by kind, type and words", async () => {
    const reader = createRecordReader(kept, { keptFrames: 1 });
    const read = (some: readonly number[]): SessionRecord[] => some.flatMap((one) => reader.read(one) ?? []);
    const ofKind = (kind: string): SessionRecord[] => records.filter((record) => record.kind === kind);
    expect(read(await found(kept, { kind: "event" }))).toEqual(ofKind("event"));
    expect(read(await found(kept, { type: "inbound-rtp" }))).toEqual(
      records.filter((one) => one.kind === "sample" && one.stats.some(({ type }) => type === "inbound-rtp")),
    );
    const calls = records.filter((one) => JSON.stringify(one).includes("getUserMedia"));
    expect(calls.length).toBeGreaterThan(0);
    expect(read(await found(kept, { text: " GETUSERMEDIA  api-called" }))).toEqual(
      calls.filter((one) => one.kind === "event" && one.name === "api-called"),
    );
    expect(await found(kept, { text: "no such word" })).toEqual([]);
  });

  it("are counted without being read", () => {
    const counts = countRecords(kept);
    expect(counts.total).toBe(kept.length);
    expect(counts.kinds.sample).toBe(records.filter(({ kind }) => kind === "sample").length);
    expect(counts.types.find(({ type }) => type === "outbound-rtp")?.count).toBe(counts.kinds.sample);
  });

  it("are one line each in the file", async () => {
    const reader = createRecordReader(kept, { keptFrames: 1 });
    const file = await packRecords(places, kept, reader);
    const lines = gunzipSync(Buffer.from(await file.arrayBuffer()))
      .toString()
      .trimEnd()
      .split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(records);
  });

  it("know the sample before them of the same peer connection", () => {
    const reader = createRecordReader(kept, { keptFrames: 10 });
    const samples = places.filter((place) => kept.labelOf(place).kind === "sample");
    const [first = 0, second = 0] = samples;
    expect(wholeRecord(first, kept, reader).before).toBeNull();
    expect(wholeRecord(second, kept, reader).before).toEqual(reader.read(first));
  });
});

describe("gaps", () => {
  it("stand where nothing was recorded for longer than samples are apart", () => {
    const kept = keptPlain([sample(0, 1), sample(1000, 2), sample(9000, 3), sample(10_000, 4)]);
    expect(countRecords(kept).kinds).toEqual({ sample: 4, event: 0, context: 0, gap: 1 });
    expect(kept.gapOf(2)).toEqual({ from: 1000, until: 9000, reason: null });
    expect(kept.recordNumberOf(3)).toBe(2);
  });

  it("are none where samples are rare", () => {
    const kept = keptPlain([sample(0, 1), sample(4_900, 2), sample(14_600, 3), sample(30_000, 4)]);
    expect(countRecords(kept).kinds.gap).toBe(0);
  });

  it("say what could not be read, and are found by it", async () => {
    const kept = keptAsFrames(records.slice(0, 40));
    const at = kept.atOf(kept.length - 1);
    kept.addProblem({ code: "frame-corrupt", message: "The checksum is wrong", after: at });
    expect(await found(kept, { text: "checksum" })).toEqual([kept.length - 1]);
    const [row] = rowsOf([kept.length - 1], kept, createRecordReader(kept, { keptFrames: 1 }));
    expect(row).toMatchObject({ kind: "gap", at, detail: "The checksum is wrong (frame-corrupt)" });
  });
});

it("a search that nobody waits for any more ends", async () => {
  const kept = keptPlain(Array.from({ length: 500 }, (_, second) => sample(second * 1000, second)));
  let asked = 0;
  let pieces = 0;
  await searchRecords(
    // Reading takes its time: one piece does not reach the end.
    {
      kept,
      reader: {
        read: (place) => {
          const until = performance.now() + 1;
          while (performance.now() < until);
          return sample(place, 1);
        },
      },
      filter: { ...nothingAsked, text: "x" },
      from: 0,
    },
    ({ isOver }) => {
      pieces += 1;
      expect(isOver).toBe(false);
    },
    () => {
      asked += 1;
      return false;
    },
  );
  expect([asked, pieces]).toEqual([1, 1]);
});
