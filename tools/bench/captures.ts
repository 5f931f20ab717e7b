import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { SampleRecord, StatsObject } from "@peerscope/schema";

/** A line of `getstats.jsonl.gz`: see packages/scenarios/captures/README.md. */
interface CaptureLine {
  readonly peer: string;
  readonly pageT: number;
  readonly pc: string;
  readonly ms: number;
  readonly stats: readonly StatsObject[];
}

/** The recorded reports of one participant, in order. */
export function readReports(capture: string, peer: string): SampleRecord[] {
  const file = new URL(`../../packages/scenarios/captures/${capture}/getstats.jsonl.gz`, import.meta.url);
  return gunzipSync(readFileSync(file))
    .toString()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as CaptureLine)
    .filter((line) => line.peer === peer)
    .map(({ pageT, pc, ms, stats }) => ({
      kind: "sample",
      at: pageT,
      connectionId: pc,
      durationMs: ms,
      stats,
    }));
}
