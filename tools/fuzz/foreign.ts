import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { ClientSampleEncoder as ProtobufEncoder } from "@observertc/samples-encoder";
import { ClientSampleEncoder as DeltaEncoder, type ClientSample } from "@observertc/samples-json-codec";
import type { SessionRecord } from "@peerscope/schema";
import { createForeignReader } from "../../packages/interop/src/foreign-reader.ts";
import { detectFormat } from "../../packages/interop/src/detect-format.ts";
import type { ForeignFormat, SkipCode } from "../../packages/interop/src/reader.ts";
import { dumpOf, readRecordedSockets } from "../../packages/interop/src/rtcstats/testing/recorded-frames.ts";
import { writeWebrtcInternals } from "../../packages/interop/src/webrtc-internals/write-dump.ts";

/** A recording of another tool that is right. */
export interface ForeignSource {
  readonly name: string;
  readonly format: ForeignFormat;
  readonly bytes: Uint8Array;
}

/** Recorded calls that are short, or odd: what is short is read fast, and so changed more often. */
const rtcstatsCalls = ["gum-denied", "ice-failure-initial", "firefox-good", "sfu-3p"];
/** Frames that are taken of one: those of the beginning have descriptions and candidates. */
const maxFrames = 60;

function recording(capture: string, file: string): Buffer {
  return gunzipSync(
    readFileSync(new URL(`../../packages/scenarios/captures/${capture}/${file}`, import.meta.url)),
  );
}

/** What is changed at random. */
export function createForeignSources(): ForeignSource[] {
  const dumps = rtcstatsCalls.flatMap((capture) =>
    readRecordedSockets(capture).map((socket): ForeignSource => ({
      name: `${capture} ${socket.peer}`,
      format: "rtcstats",
      bytes: Buffer.from(dumpOf({ ...socket, frames: socket.frames.slice(0, maxFrames) })),
    })),
  );
  const raw = recording("firefox-good", "getstats.jsonl.gz").toString().split("\n").slice(0, 4).join("\n");
  return [
    ...dumps,
    { name: "firefox-good", format: "getstats-lines", bytes: Buffer.from(raw) },
    ...createObserverTcSources(),
    internalsSource(),
  ];
}

/** The first samples of a client: whole, as differences, and as lines of protobuf in base64. */
function createObserverTcSources(): ForeignSource[] {
  const name = "sfu-3p client-a";
  const samples = recording("sfu-3p", "observertc.jsonl.gz")
    .toString()
    .split("\n", 40)
    .map((line) => JSON.parse(line) as { readonly event: string; readonly data: ClientSample })
    .filter(({ event, data }) => event === "sample-created" && data.clientId === "client-a")
    .map(({ data }) => data)
    .slice(0, 5);
  const differences = new DeltaEncoder({ clientId: "client-a" });
  const protobuf = new ProtobufEncoder("client-a");
  const lines = (list: readonly string[]): Buffer => Buffer.from(list.join("\n"));
  return [
    { name, format: "observertc-json", bytes: lines(samples.map((sample) => JSON.stringify(sample))) },
    {
      name,
      format: "observertc-delta",
      bytes: lines(samples.map((sample) => differences.encodeToJson(sample))),
    },
    // A message on its own is binary; several of them are text.
    { name, format: "observertc-protobuf", bytes: protobuf.encodeToBytes(samples[0] as never) },
    {
      name,
      format: "observertc-protobuf",
      bytes: lines(
        samples.map((sample) => Buffer.from(protobuf.encodeToBytes(sample as never)).toString("base64")),
      ),
    },
  ];
}

/** A dump of a few seconds, as it is written again: those that were recorded are too long. */
function internalsSource(): ForeignSource {
  const records: SessionRecord[] = [];
  const reader = createForeignReader("webrtc-internals", {
    session: () => {},
    record: (_, record) => void records.push(record),
    skipped: () => {},
  });
  reader.push(recording("good-call", "webrtc_internals_dump.gz"));
  reader.end();
  const dump = [...writeWebrtcInternals(records.slice(0, 40))].join("");
  return { name: "good-call", format: "webrtc-internals", bytes: Buffer.from(dump) };
}

const codes: { readonly [Code in SkipCode]: true } = {
  unreadable: true,
  truncated: true,
  "limit-exceeded": true,
  "version-unsupported": true,
  "unknown-event": true,
  "invalid-entry": true,
  "time-unknown": true,
  "out-of-step": true,
};

/**
 * Reads what became of a source, in pieces; what must not be is thrown. Gives how it came out: with something skipped, or without. A
 * record that cannot be one is a fault: the codec and the analysis trust the readers.
 */
export function readForeign(format: ForeignFormat, bytes: Uint8Array, pieceBytes: number): string {
  detectFormat(bytes.subarray(0, 65_536));
  let records = 0;
  let skipped = 0;
  const sessions = new Set<string>();
  const reader = createForeignReader(format, {
    session: ({ sessionId }) => void sessions.add(sessionId),
    record: (sessionId, record) => {
      records += 1;
      if (!sessions.has(sessionId)) throw new Error("a record of a session that was not named");
      if (!Number.isFinite(record.at)) throw new Error("a record without a time");
      if (record.kind === "sample") {
        for (const { id, type, timestamp } of record.stats) {
          const isRight = typeof id === "string" && typeof type === "string" && Number.isFinite(timestamp);
          if (!isRight) throw new Error("a stats object without an id, type or time");
        }
      }
    },
    skipped: ({ code, reason }) => {
      skipped += 1;
      if (!Object.hasOwn(codes, code)) throw new Error(`code ${code}`);
      if (reason.length > 500) throw new Error("the reason is too long");
    },
  });
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.push(bytes.subarray(at, at + pieceBytes));
  const summary = reader.end();
  if (summary.records !== records) throw new Error(`${summary.records} records said, ${records} given`);
  if (summary.skippedCount !== skipped)
    throw new Error(`${summary.skippedCount} skipped said, ${skipped} given`);
  return skipped === 0 ? `${format} taken` : `${format} with parts skipped`;
}
