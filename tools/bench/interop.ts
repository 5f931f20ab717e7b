/** `npm run bench -- interop`: how fast recordings of other tools are read, each of 100 MB that repeat a recorded call. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { createForeignReader } from "../../packages/interop/src/foreign-reader.ts";
import type { ForeignFormat } from "../../packages/interop/src/reader.ts";
import { readRecordedSockets } from "../../packages/interop/src/rtcstats/testing/recorded-frames.ts";
import type { BenchmarkResult, Figure } from "./figures.ts";

const megabyte = 1_000_000;
const sourceBytes = 100 * megabyte;
/** What a server, or a worker of a page, reads of a file at once. */
const pieceBytes = 262_144;
/** The machine has other work: the best of so many says what the reader needs. */
const rounds = 3;
const capture = "good-call";

/** A source: a head, and what is repeated behind it. */
interface Source {
  readonly format: ForeignFormat;
  readonly head: string;
  readonly body: string;
  readonly atLeast?: number;
}

function recording(file: string): string[] {
  const path = new URL(`../../packages/scenarios/captures/${capture}/${file}`, import.meta.url);
  return gunzipSync(readFileSync(path)).toString().trim().split("\n");
}

function sources(): Source[] {
  const [socket] = readRecordedSockets(capture);
  const [first = "", ...frames] = socket?.frames ?? [];
  const samples = recording("observertc.jsonl.gz").flatMap((line) => {
    const { event, data } = JSON.parse(line) as { readonly event: string; readonly data?: unknown };
    return event === "sample-created" ? [JSON.stringify(data)] : [];
  });
  return [
    {
      format: "rtcstats",
      head: `RTCStatsDump\n{"fileFormat":3}\n${first}\n`,
      body: `${frames.join("\n")}\n`,
      // Of the issue this reader is written for.
      atLeast: 30,
    },
    { format: "getstats-lines", head: "", body: `${recording("getstats.jsonl.gz").join("\n")}\n` },
    { format: "observertc-json", head: "", body: `${samples.join("\n")}\n` },
  ];
}

/** Seconds that one core needs, and the records that came of it. */
function readOnce({ format, head, body }: Source): { readonly seconds: number; readonly records: number } {
  const reader = createForeignReader(format, { session: () => {}, record: () => {}, skipped: () => {} });
  const repeated = Buffer.from(body);
  const before = process.cpuUsage();
  reader.push(Buffer.from(head));
  for (let done = 0; done < sourceBytes; done += repeated.length) {
    for (let at = 0; at < repeated.length; at += pieceBytes)
      reader.push(repeated.subarray(at, at + pieceBytes));
  }
  const { records } = reader.end();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, records };
}

/** MB a second of each format. */
export function benchInterop(): Promise<BenchmarkResult> {
  const figures = sources().flatMap((source): Figure[] => {
    const runs = Array.from({ length: rounds }, () => readOnce(source));
    const seconds = Math.min(...runs.map((run) => run.seconds));
    const { atLeast } = source;
    const own = { subject: source.format, candidate: "Peerscope" };
    return [
      {
        ...own,
        measure: "read by one core",
        value: sourceBytes / megabyte / seconds,
        unit: "MB/s",
        ...(atLeast === undefined ? {} : { atLeast }),
      },
      { ...own, measure: "records of 100 MB", value: runs[0]?.records ?? 0, unit: "" },
    ];
  });
  return Promise.resolve({
    benchmark: "interop",
    at: new Date().toISOString(),
    node: process.version,
    figures,
  });
}
