import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { SampleRecord, StatsObject } from "../records.ts";
import { createFrameDecoder } from "./decoder.ts";
import { createFrameEncoder } from "./encoder.ts";

/** A line of captures/NAME/getstats.jsonl, as far as it is needed here. */
interface CaptureLine {
  readonly peer: string;
  readonly pageT: number;
  readonly pc: string;
  readonly ms: number;
  readonly stats: readonly StatsObject[];
}

const folder = new URL("../../../scenarios/captures/", import.meta.url);

const readSamples = (name: string): Map<string, SampleRecord[]> => {
  const file = new URL(`${name}/getstats.jsonl.gz`, folder);
  const peers = new Map<string, SampleRecord[]>();
  for (const line of gunzipSync(readFileSync(file)).toString().split("\n")) {
    if (line === "") continue;
    const { peer, pageT, pc, ms, stats } = JSON.parse(line) as CaptureLine;
    const samples = peers.get(peer) ?? [];
    samples.push({ kind: "sample", at: pageT, connectionId: pc, durationMs: ms, stats });
    peers.set(peer, samples);
  }
  return peers;
};

const names = existsSync(folder)
  ? readdirSync(folder).filter((name) => existsSync(new URL(`${name}/getstats.jsonl.gz`, folder)))
  : [];

describe("recorded calls", () => {
  it("are there", () => {
    expect(names).toContain("good-call");
  });

  it.each(names)("%s comes back exactly, one frame a report", (name) => {
    for (const samples of readSamples(name).values()) {
      const encoder = createFrameEncoder({ isExact: true });
      const decoder = createFrameDecoder();
      for (const [i, record] of samples.entries()) {
        const result = decoder.decode(encoder.encode([record]));
        expect(result).toEqual({ ok: true, frame: { sequence: i, keyframe: i === 0, records: [record] } });
      }
    }
  });

  it.each([
    ["good-call", 147],
    ["sfu-3p", 120],
    ["firefox-good", 95],
  ])("%s costs at most %i bytes a report after the first of its connection", (name, limit) => {
    const samples = readSamples(name).get("a") ?? [];
    const encoder = createFrameEncoder();
    const seen = new Set<string>();
    const sizes: number[] = [];
    for (const record of samples) {
      const { length } = encoder.encode([record]);
      if (seen.has(record.connectionId)) sizes.push(length);
      else expect(length).toBeLessThanOrEqual(3000);
      seen.add(record.connectionId);
    }
    expect(sizes.reduce((sum, size) => sum + size, 0) / sizes.length).toBeLessThan(limit);
  });
});
