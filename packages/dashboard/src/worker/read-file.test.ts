import { gzipSync } from "node:zlib";
import { writeRtcstatsDump, writeWebrtcInternals } from "@peerscope/interop";
import { readCapture, readCaptureGetStats } from "@peerscope/scenarios";
import { createFrameEncoder, encodeSessionLogEntry, encodeSessionLogHeader } from "@peerscope/schema";
import { describe, expect, it } from "vitest";
import type { FileCall, FileFacts, FromWorker } from "./messages.ts";
import { createKeptRecords } from "./kept-records.ts";
import { readFile } from "./read-file.ts";
import { createSampleFinder, type SampleFinder } from "./sample-finder.ts";

const [anna] = readCapture("loss-10").sessions;
if (anna === undefined) throw new Error("The capture has no session.");
const { records } = anna;
const lines = readCaptureGetStats("loss-10");
const rtcstats = [...writeRtcstatsDump(records)].join("\n");
const internals = [...writeWebrtcInternals(records)].join("");
const log = sessionLog();

function sessionLog(): Buffer {
  const encoder = createFrameEncoder({ isExact: true });
  const createdAt = records[0]?.at ?? 0;
  const parts = [encodeSessionLogHeader({ sessionId: "log-of-anna", projectId: "default", createdAt })];
  for (let index = 0; index < records.length; index += 20)
    parts.push(encodeSessionLogEntry(encoder.encode(records.slice(index, index + 20))));
  return Buffer.concat(parts);
}

interface Opened {
  readonly messages: readonly FromWorker[];
  readonly facts: FileFacts | null;
  readonly together: FileCall | null;
  /** Code of the failure. */
  readonly failed: string | null;
  readonly problems: readonly string[];
  readonly cause: string | null | undefined;
  readonly finder: SampleFinder;
}

async function opened(
  content: string | Uint8Array<ArrayBuffer> | Blob,
  choice: number | null = null,
): Promise<Opened> {
  const messages: FromWorker[] = [];
  const kept = createKeptRecords();
  const finder = createSampleFinder(kept);
  const file = new File([content], "call.bin");
  await readFile({ file, choice, kept, post: (message) => void messages.push(message) });
  const last = messages.findLast((message) => message.type === "update");
  return {
    messages,
    facts: messages.find((message) => message.type === "file")?.facts ?? null,
    together: messages.find((message) => message.type === "file-call")?.together ?? null,
    failed: messages.find((message) => message.type === "failed")?.code ?? null,
    problems: messages.flatMap((message) => (message.type === "problem" ? [message.problem.code] : [])),
    cause: last?.phase === "done" ? last.analysis?.verdict.statedCause : undefined,
    finder,
  };
}

const bytes = (content: string | Uint8Array): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(content));

describe("a file", () => {
  it.each([
    ["session-log", log],
    ["rtcstats", bytes(rtcstats)],
    ["webrtc-internals", bytes(internals)],
  ])("of %s is analysed, packed or not, with what it cannot show", async (format, content) => {
    const plain = await opened(bytes(content));
    expect(plain.failed).toBeNull();
    expect(plain.facts?.format).toBe(format);
    expect(plain.cause).toBe("uplink-loss");
    expect(plain.facts?.limits.length === 0).toBe(format === "session-log");
    const packed = await opened(bytes(gzipSync(content)));
    expect(packed.facts).toEqual(plain.facts);
    expect(packed.cause).toBe("uplink-loss");
    const at = records.findLast(({ kind }) => kind === "sample")?.at ?? 0;
    expect(plain.finder.find(at + 1_000)[0]?.stats.length).toBeGreaterThan(10);
  });

  it("with several sessions shows the longest, each that is chosen, and the call of all", async () => {
    const shorter = lines
      .split("\n")
      .filter((line, index) => index < 40 || !line.includes('"peer":"a"'))
      .join("\n");
    const first = await opened(shorter);
    expect(first.facts?.sessions.map(({ name }) => name).toSorted()).toEqual(["a", "b"]);
    const name = (facts: FileFacts | null): string | undefined => facts?.sessions[facts.chosen]?.name;
    expect(name(first.facts)).toBe("b");
    const other = 1 - (first.facts?.chosen ?? 0);
    const second = await opened(shorter, other);
    expect(name(second.facts)).toBe("a");
    expect(first.together?.sessions).toHaveLength(2);
    expect(first.together?.call.verdict.faultDomain).toBeDefined();
    expect(second.together).toEqual(first.together);
  });

  it("that is damaged shows the rest and says what is missing", async () => {
    const { facts, cause } = await opened(`${lines}nonsense\n{"pc":\n`);
    expect(facts?.skipped.kinds).toMatchObject([{ code: "unreadable", count: 2 }]);
    expect(facts?.skipped.examples[0]?.line).toBe(lines.split("\n").length);
    expect(cause).not.toBeUndefined();
    const packed = gzipSync(lines, { level: 0 });
    const cut = await opened(bytes(packed.subarray(0, packed.byteLength * 0.8)));
    expect(cut.problems).toContain("gzip-corrupt");
    expect(cut.facts?.sessions.length).toBeGreaterThan(0);
    const torn = await opened(bytes(log.subarray(0, log.byteLength * 0.7)));
    expect(torn.problems).toEqual(["log-truncated"]);
    expect(torn.cause).not.toBeUndefined();
  });

  it.each([
    ["text", "not a dump at all, whatever one does\n", "file-not-understood"],
    ["nothing", "", "file-not-understood"],
    ["broken gzip", bytes(Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8])), "file-unreadable"],
    ["an empty dump", '{"PeerConnections":{},"getUserMedia":[],"UserAgent":"x"}', "recording-empty"],
    ["the beginning of a log", bytes(log.subarray(0, 30)), "log-empty"],
  ])("of %s is refused with a code", async (_, content, code) => {
    expect((await opened(content)).failed).toBe(code);
  });

  it("that unpacks to more than a tab holds is given up, without unpacking all of it", async () => {
    const block = gzipSync(Buffer.alloc(64 << 20, "a"));
    const bomb = gzipSync(Buffer.alloc(450 << 20, "a"), { level: 1 });
    expect(bomb.byteLength).toBeLessThan(5_000_000);
    expect((await opened(bytes(bomb))).failed).toBe("file-too-large");
    expect((await opened(bytes(block))).failed).toBe("file-not-understood");
  });

  it("tells how far it is while it is read", async () => {
    const { messages } = await opened(lines.repeat(4));
    const phases = messages.map((message) => message.type);
    expect(phases.indexOf("file")).toBeLessThan(phases.indexOf("update"));
    for (const message of messages)
      if (message.type === "reading") expect(message.bytes).toBeLessThanOrEqual(message.totalBytes);
  });
});
