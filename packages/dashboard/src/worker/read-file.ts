import { readGetStatsLines } from "@peerscope/interop";
import { createSessionLogReader, type SessionRecord } from "@peerscope/schema";
import { createAnalysisRun } from "./analysis-run.ts";
import type { FromWorker } from "./messages.ts";
import { createLogDecoder } from "./read-log.ts";
import type { SampleFinder } from "./sample-finder.ts";

/** Largest file that is opened, unpacked. What does not fit the memory of a tab is better refused than half shown. */
const largestBytes = 400_000_000;
const batch = 200;
const shownSkippedLines = 50;

interface Options {
  readonly file: File;
  readonly peerIndex: number;
  readonly finder: SampleFinder;
  readonly post: (message: FromWorker, transfer?: Transferable[]) => void;
}

/** Opens a local file: a session log, or raw getStats lines; packed with gzip or not. Nothing leaves the browser. */
export async function readFile({ file, peerIndex, finder, post }: Options): Promise<void> {
  const bytes = await unpack(file);
  if (bytes === null) {
    post({ type: "failed", code: "file-too-large", message: "This file is larger than 400 MB unpacked" });
    return;
  }
  if (createSessionLogReader().push(bytes.subarray(0, 4096)).error?.code !== "log-not-peerscope") {
    await readSessionLog(bytes, finder, post);
    return;
  }
  const { sessions, skippedLines } = readGetStatsLines(new TextDecoder().decode(bytes));
  post({
    type: "file",
    peers: sessions.map((session) => ({ name: session.peer, records: session.records.length })),
    skippedLines: skippedLines.slice(0, shownSkippedLines),
    skippedTotal: skippedLines.length,
  });
  const chosen = sessions[peerIndex] ?? sessions[0];
  if (chosen === undefined) {
    post({
      type: "failed",
      code: "file-not-understood",
      message:
        "This is neither a Peerscope session log nor raw getStats lines (one JSON object a line with t, peer, pc and stats)",
    });
    return;
  }
  await analyse(chosen.records, file.name, chosen.peer, bytes.byteLength, finder, post);
}

async function readSessionLog(bytes: Uint8Array, finder: SampleFinder, post: Options["post"]): Promise<void> {
  const log = createLogDecoder(finder, (problem) => post({ type: "problem", problem }));
  const records = log.push(bytes);
  log.end();
  if (records.length === 0) {
    post({ type: "failed", code: "log-empty", message: "No record of this session log could be read" });
    return;
  }
  post({ type: "file", peers: [], skippedLines: [], skippedTotal: 0 });
  await analyse(records, log.header?.sessionId ?? "local file", null, bytes.byteLength, null, post);
}

async function analyse(
  records: readonly SessionRecord[],
  sessionId: string,
  peer: string | null,
  totalBytes: number,
  finder: SampleFinder | null,
  post: Options["post"],
): Promise<void> {
  const run = createAnalysisRun({ sessionId, peer, post: (message, transfer) => post(message, transfer) });
  finder?.addRecords(records);
  for (let start = 0; start < records.length; start += batch) {
    run.push(records.slice(start, start + batch));
    const bytes = Math.round((totalBytes * Math.min(start + batch, records.length)) / records.length);
    run.tell({ bytes, totalBytes, phase: "loading", connectionLost: false });
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  run.tell({ bytes: totalBytes, totalBytes, phase: "done", connectionLost: false }, true);
}

async function unpack(file: File): Promise<Uint8Array | null> {
  const magic = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const packed = magic[0] === 0x1f && magic[1] === 0x8b;
  const stream = packed ? file.stream().pipeThrough(new DecompressionStream("gzip")) : file.stream();
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > largestBytes) {
      await reader.cancel();
      return null;
    }
    parts.push(value);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}
