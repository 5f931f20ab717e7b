import {
  createRecordingReader,
  isSessionLog,
  type RecordedSession,
  type Recording,
  type SkippedTally,
} from "@peerscope/interop";
import { analyseCall, createSessionObserver, toSessionReport } from "@peerscope/observer";
import type { SessionAnalysis } from "@peerscope/schema";
import { createAnalysisRun, type AnalysisRun } from "./analysis-run.ts";
import { FileTooLarge, openFilePieces, type FilePieces } from "./file-pieces.ts";
import type { KeptRecords } from "./kept-records.ts";
import type { FromWorker } from "./messages.ts";
import { createLogDecoder } from "./read-log.ts";

/** Records analysed in one go. */
const batch = 200;
/** After so many milliseconds the worker looks for messages of the page. Ours. */
const pauseAfterMs = 50;
/** By so many bytes a session log is told from other files. */
const headBytes = 4_096;
/** Time between two words about how far reading is, in milliseconds. Ours. */
const progressMs = 100;
/** Sessions of one file that are looked at together. Ours: more than take part in any call that one file holds. */
const maxTogether = 50;

interface Options {
  readonly file: File;
  /** Which session of the file; null for the one with the most records. */
  readonly choice: number | null;
  readonly kept: KeptRecords;
  readonly post: (message: FromWorker, transfer?: Transferable[]) => void;
}

/** Opens a local file of any format that is known, packed with gzip or not. Nothing leaves the browser. */
export async function readFile(options: Options): Promise<void> {
  const { file, post } = options;
  try {
    if (await beginsLikeSessionLog(file)) await readLog(options);
    else await readForeign(options);
  } catch (error) {
    if (error instanceof FileTooLarge) fail(post, "file-too-large", error.message);
    else if (error instanceof FileUnreadable)
      fail(post, "file-unreadable", "The file could not be read, or is damaged from its beginning");
    else throw error;
  }
}

/** The file system, or gzip, fails. */
class FileUnreadable extends Error {
  override readonly name = "FileUnreadable";
}

function fail(post: Options["post"], code: string, message: string): void {
  post({ type: "failed", code, message });
}

async function* piecesOf(pieces: FilePieces): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
  } catch (error) {
    throw error instanceof FileTooLarge ? error : new FileUnreadable();
  }
}

async function beginsLikeSessionLog(file: File): Promise<boolean> {
  const head: number[] = [];
  for await (const piece of piecesOf(await openFilePieces(file))) {
    head.push(...piece.subarray(0, headBytes));
    if (head.length >= headBytes) break;
  }
  return isSessionLog(Uint8Array.from(head));
}

/** Frames are kept as they are, so that a session of eight hours has room. */
async function readLog({ file, kept, post }: Options): Promise<void> {
  const log = createLogDecoder(kept, (problem) => post({ type: "problem", problem }));
  const pieces = await openFilePieces(file);
  let run: AnalysisRun | null = null;
  let records = 0;
  for await (const piece of piecesOf(pieces)) {
    const more = log.push(piece);
    if (more.length === 0) continue;
    records += more.length;
    run ??= createAnalysisRun({
      sessionId: log.header?.sessionId ?? "local file",
      peer: null,
      post: (message, transfer) => post(message, transfer),
    });
    run.push(more);
    const { readBytes: bytes } = pieces;
    run.tell({ bytes, totalBytes: file.size, phase: "loading", connectionLost: false });
  }
  log.end();
  tellDamage(pieces, post);
  if (run === null) {
    fail(post, "log-empty", "No record of this session log could be read");
    return;
  }
  const sessions = [{ name: log.header?.sessionId ?? file.name, records }];
  post({
    type: "file",
    facts: { format: "session-log", sessions, chosen: 0, skipped: nothing, limits: [] },
  });
  run.tell({ bytes: file.size, totalBytes: file.size, phase: "done", connectionLost: false }, true);
}

const nothing: SkippedTally = { total: 0, kinds: [], examples: [] };

async function readForeign({ file, choice, kept, post }: Options): Promise<void> {
  const recording = await readRecording(file, post);
  const { format, sessions, skipped, limits } = recording;
  if (format === null) {
    fail(
      post,
      "file-not-understood",
      "This is neither a Peerscope session log nor a recording that is known here: rtcstats, webrtc-internals, ObserveRTC, raw getStats lines",
    );
    return;
  }
  const most = Math.max(...sessions.map(({ records }) => records.length));
  const chosen = choice ?? sessions.findIndex(({ records }) => records.length === most);
  const session = sessions[chosen];
  if (session === undefined) {
    const [why] = skipped.examples;
    fail(
      post,
      "recording-empty",
      `Nothing of this file could be read${why === undefined ? "" : `: ${why.reason}`}`,
    );
    return;
  }
  const names = sessions.map((one) => ({ name: nameOf(one), records: one.records.length }));
  post({ type: "file", facts: { format, sessions: names, chosen, skipped, limits } });
  await analyse(session, file.size, kept, post);
  const together = togetherOf(recording);
  if (together !== null) post({ type: "file-call", together });
}

async function readRecording(file: File, post: Options["post"]): Promise<Recording> {
  const reader = createRecordingReader(file.name);
  const pieces = await openFilePieces(file);
  let told = performance.now();
  for await (const piece of piecesOf(pieces)) {
    reader.push(piece);
    if (performance.now() - told < progressMs) continue;
    told = performance.now();
    post({ type: "reading", bytes: pieces.readBytes, totalBytes: file.size });
  }
  tellDamage(pieces, post);
  return reader.end();
}

function tellDamage({ damage }: FilePieces, post: Options["post"]): void {
  if (damage !== null)
    post({ type: "problem", problem: { code: "gzip-corrupt", message: damage, after: null } });
}

function nameOf({ peer, userId, sessionId }: RecordedSession): string {
  return [peer, userId, sessionId].find((name) => name !== null && name !== "") ?? "unnamed";
}

async function analyse(
  { sessionId, peer, records }: RecordedSession,
  totalBytes: number,
  kept: KeptRecords,
  post: Options["post"],
): Promise<void> {
  const run = createAnalysisRun({ sessionId, peer, post: (message, transfer) => post(message, transfer) });
  kept.addRecords(records);
  let pausedAt = performance.now();
  for (let start = 0; start < records.length; start += batch) {
    run.push(records.slice(start, start + batch));
    const bytes = Math.round((totalBytes * Math.min(start + batch, records.length)) / records.length);
    run.tell({ bytes, totalBytes, phase: "loading", connectionLost: false });
    if (performance.now() - pausedAt < pauseAfterMs) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    pausedAt = performance.now();
  }
  run.tell({ bytes: totalBytes, totalBytes, phase: "done", connectionLost: false }, true);
}

/** The call that the sessions of the file had; null when they had none together, or cannot be told to. */
function togetherOf({
  format,
  sessions,
}: Recording): Extract<FromWorker, { type: "file-call" }>["together"] | null {
  if (sessions.length < 2 || sessions.length > maxTogether) return null;
  const analyses = sessions.map((session): SessionAnalysis => {
    const observer = createSessionObserver({ sessionId: session.sessionId, peer: session.peer });
    for (const record of session.records) observer.push(record);
    return observer.finish();
  });
  const calls = new Set(analyses.map(({ callId }, index) => sessions[index]?.callId ?? callId));
  // A recording of getStats is of one call and names none.
  const isOneCall = calls.size === 1 && (!calls.has(null) || format === "getstats-lines");
  if (!isOneCall) return null;
  return { call: analyseCall(analyses), sessions: analyses.map((analysis) => toSessionReport(analysis)) };
}
