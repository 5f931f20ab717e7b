/**
 * Does the mutations, watched by tools/fuzz.ts: what it is about to do is in shared memory before it does it, so that a hang or
 * an end of memory can be told too.
 */
import { isDeepStrictEqual } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import {
  applySdpDifference,
  createFrameDecoder,
  createSessionLogReader,
  encodeIngestPost,
  readFrameHeader,
  readSessionLog,
  splitIngestPost,
  wireVersion,
  type FrameDecoder,
  type FrameErrorCode,
  type HelloMessage,
  type JsonValue,
  type SessionLogErrorCode,
} from "@peerscope/schema";
import { parseClientMessage } from "../../packages/server/src/ingest/messages.ts";
import { withChecksum } from "../../packages/schema/src/wire/testing/frames.ts";
import { createRandom, mutate } from "../../packages/schema/src/wire/testing/random.ts";
import { createForeignSources, readForeign } from "./foreign.ts";
import { createSessions, logOf, type FuzzSession } from "./sessions.ts";
import type { FuzzFailure, FuzzJob, FuzzReport } from "./protocol.ts";
import { createCaseWriter } from "./shared-case.ts";

const { seed, mutations, deadline, memory } = workerData as FuzzJob;
const random = createRandom(seed);
const sessions = createSessions(seed);
const logs = sessions.map(logOf);
const foreignSources = createForeignSources();
const beginCase = createCaseWriter(memory);

const frameCodes: ReadonlySet<string> = new Set<FrameErrorCode>([
  "frame-too-short",
  "frame-not-peerscope",
  "frame-version-unsupported",
  "frame-too-large",
  "frame-corrupt",
  "frame-limit-exceeded",
  "frame-gap",
]);
const logCodes: ReadonlySet<string> = new Set<SessionLogErrorCode>([
  "log-not-peerscope",
  "log-version-unsupported",
  "log-header-corrupt",
  "log-entry-corrupt",
  "log-truncated",
]);

/** Ours: a frame of these sizes takes microseconds. */
const maxMs = 250;
/** Values of one frame, at most: the visited slots of docs/reference/wire.md and the records around them. */
const maxValues = 600_000;
/** Mutations of one frame before the next is taken. */
const mutationsPerFrame = 40;
/** One turn in so many leaves the checksum of a frame as it comes. */
const turnsPerUnsealed = 10;
/** A log, and a message of each kind, is mutated once in so many turns; a turn is some ten mutations of a frame. */
const turnsPerLog = 16;
const turnsPerMessage = 2;
/** A recording of another tool is a hundred kilobytes: it takes as long as a thousand frames. */
const turnsPerForeign = 40;

const outcomes = new Map<string, number>();
let slowestMs = 0;
let done = 0;

class Found extends Error {
  readonly failure: FuzzFailure;
  constructor(failure: FuzzFailure) {
    super(failure.problem);
    this.failure = failure;
  }
}

/** Runs one case; whatever it throws is a finding. */
function run<T>(target: string, context: string, bytes: Uint8Array, work: () => T): T {
  beginCase(target, context, bytes);
  const fail = (problem: string): never => {
    throw new Found({ problem, target, context, mutation: done, bytes: Buffer.from(bytes).toString("hex") });
  };
  const startedAt = performance.now();
  let result: T;
  try {
    result = work();
  } catch (error) {
    return fail(`threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  const tookMs = performance.now() - startedAt;
  slowestMs = Math.max(slowestMs, tookMs);
  // Again, in time of the processor: other work on the machine, or a collection of garbage, is not this case's.
  if (tookMs > maxMs && cpuMsOf(work) > maxMs && cpuMsOf(work) > maxMs) return fail(`took ${tookMs} ms`);
  return result;
}

function cpuMsOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function count(outcome: string): void {
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

function expectThat(
  isTrue: boolean,
  problem: string,
  target: string,
  context: string,
  bytes: Uint8Array,
): void {
  if (!isTrue) {
    throw new Found({ problem, target, context, mutation: done, bytes: Buffer.from(bytes).toString("hex") });
  }
}

function sizeOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  let size = 1;
  for (const member of Object.values(value)) size += sizeOf(member);
  return size;
}

function mutated(original: Uint8Array): Uint8Array {
  let bytes = mutate(random, original);
  while (random.below(3) === 0 && bytes.length > 0) bytes = mutate(random, bytes);
  return bytes;
}

const pick = <T>(from: readonly T[]): T => from[random.below(from.length)] as T;

/** Where reading can start, before this frame. */
function keyframeBefore({ frames }: FuzzSession, target: number): number {
  for (let index = target; index > 0; index--) {
    const peek = readFrameHeader(frames[index] ?? new Uint8Array());
    if (peek.ok && peek.header.keyframe) return index;
  }
  return 0;
}

function decoderAt(session: FuzzSession, from: number, to: number): FrameDecoder {
  const decoder = createFrameDecoder();
  for (const frame of session.frames.slice(from, to)) decoder.decode(frame);
  return decoder;
}

/** Changed frames at one place of a session, until one is taken for a frame. */
function fuzzFrames(): void {
  const session = pick(sessions);
  const target = random.below(session.frames.length);
  const from = keyframeBefore(session, target);
  const original = session.frames[target] ?? new Uint8Array();
  const context = `${session.name}, after its frames ${from} to ${target - 1}`;
  // The checksum would refuse nearly all of them before anything else looks.
  const isSealed = random.below(turnsPerUnsealed) > 0;
  let decoder = decoderAt(session, from, target);
  for (let index = 0; index < mutationsPerFrame; index++) {
    done++;
    const changed = mutated(original);
    const sealed = withChecksum(changed, session.hashes[target - 1] ?? 0);
    const bytes = isSealed ? sealed : changed;
    // One in 65,536 fits by chance.
    const doesFit = isDeepStrictEqual(sealed, bytes);
    const result = run("frame", context, bytes, () => decoder.decode(bytes));
    run("frame header", context, bytes, () => readFrameHeader(bytes));
    if (result.ok) {
      count("frame taken");
      expectThat(sizeOf(result.frame) < maxValues, "the frame is too large", "frame", context, bytes);
      return;
    }
    count(result.error.code);
    expectThat(frameCodes.has(result.error.code), `code ${result.error.code}`, "frame", context, bytes);
    expectThat(result.error.message.length < 200, "the message is too long", "frame", context, bytes);
    // A frame with the right checksum that is wrong further in costs the state; a keyframe needs none.
    if (doesFit && target > from) decoder = decoderAt(session, from, target);
  }
  // Reading goes on: where the checksum was wrong as if nothing had been, elsewhere at a keyframe.
  const next = isSealed ? (session.frames[from] ?? new Uint8Array()) : original;
  const untouched = decoderAt(session, from, isSealed ? from : target).decode(next);
  const isSame = isDeepStrictEqual(decoder.decode(next), untouched);
  expectThat(isSame, "refused frames changed what comes after", "frame", context, next);
}

function fuzzLog(): void {
  const place = random.below(logs.length);
  const bytes = mutated(logs[place] ?? new Uint8Array());
  const context = sessions[place]?.name ?? "";
  const content = run("log", context, bytes, () => readSessionLog(bytes));
  count(content.errors.length > 0 ? "log with errors" : "log taken");
  for (const { code } of content.errors) {
    expectThat(logCodes.has(code) || frameCodes.has(code), `code ${code}`, "log", context, bytes);
  }
  const pieces = run("log in pieces", context, bytes, () => {
    const reader = createSessionLogReader();
    let frames = 0;
    for (let at = 0; at < bytes.length;) {
      const end = at + 1 + random.below(bytes.length);
      const chunk = reader.push(bytes.subarray(at, end));
      frames += chunk.frames.length;
      if (chunk.error && !logCodes.has(chunk.error.code)) throw new Error(`code ${chunk.error.code}`);
      if (reader.pendingBytes > bytes.length) throw new Error("more bytes wait than there are");
      at = end;
    }
    return frames;
  });
  expectThat(pieces <= bytes.length / 9, "more frames than fit", "log in pieces", context, bytes);
}

const hello: HelloMessage = { type: "hello", wireVersion, sessionId: "fuzz-session", token: "pk_fuzz" };
const messages = [hello, { type: "bye" }, 12].map((message) => Buffer.from(JSON.stringify(message)));
const posts = sessions.map(({ frames }) => encodeIngestPost(messages[0] ?? Buffer.alloc(0), frames, true));
const description = "v=0\r\no=- 1 2 IN IP4 192.0.2.0\r\nm=audio 9 UDP 111\r\na=mid:0\r\n".repeat(3);
const difference = Buffer.from(JSON.stringify([1, 0, 4, "a=new", 8, 2, 0, 12]));

/** Values in text, with what JSON.parse makes of it, or null. */
function parsed(bytes: Uint8Array): JsonValue {
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as JsonValue;
  } catch {
    return null;
  }
}

function fuzzMessage(): void {
  const text = mutated(pick(messages));
  const message = run("message", "", text, () => parseClientMessage(Buffer.from(text).toString()));
  count(message.ok ? "message taken" : message.code);
  const body = mutated(pick(posts));
  const parts = run("post", "", body, () => splitIngestPost(body));
  const bytes = (parts ?? []).reduce((sum, part) => sum + part.length, 0);
  expectThat(bytes <= body.length, "parts are more than the whole", "post", "", body);
  const change = mutated(difference);
  const applied = run("description", "", change, () => applySdpDifference(description, parsed(change)));
  expectThat((applied?.length ?? 0) <= 1_000_000, "the description is too long", "description", "", change);
}

function fuzzForeign(): void {
  const { name, format, bytes } = pick(foreignSources);
  let changed = mutated(bytes);
  // One change in a hundred kilobytes is soon passed over.
  for (let more = random.below(20); more > 0 && changed.length > 0; more--) changed = mutated(changed);
  const pieceBytes = 1 + random.below(changed.length + 1);
  count(run(format, name, changed, () => readForeign(format, changed, pieceBytes)));
}

function work(): FuzzFailure | undefined {
  try {
    for (let turn = 0, told = 0; done < mutations && Date.now() < deadline; turn++) {
      fuzzFrames();
      if (turn % turnsPerLog === 0) fuzzLog();
      if (turn % turnsPerMessage === 0) fuzzMessage();
      if (turn % turnsPerForeign === 0) fuzzForeign();
      if (done - told >= 100_000) {
        told = done;
        parentPort?.postMessage({ done } satisfies FuzzReport);
      }
    }
  } catch (error) {
    if (error instanceof Found) return error.failure;
    throw error;
  }
  return undefined;
}

const failure = work();
parentPort?.postMessage({
  done,
  end: { outcomes: Object.fromEntries(outcomes), slowestMs, ...(failure ? { failure } : {}) },
} satisfies FuzzReport);
