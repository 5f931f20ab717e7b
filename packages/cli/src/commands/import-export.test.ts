import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  createRecordingReader,
  createRecordRule,
  writeRtcstatsDump,
  writeWebrtcInternals,
} from "@peerscope/interop";
import { captureSessions, readCapture, readCaptureGetStats } from "@peerscope/scenarios";
import {
  createFrameEncoder,
  encodeSessionLogEntry,
  encodeSessionLogHeader,
  readSessionLog,
  type AnalysisReport,
  type SessionRecord,
} from "@peerscope/schema";
import { sessionListSchema, type SessionSummary } from "@peerscope/schema/api";
import { readServerConfig, startServer, type RunningServer } from "@peerscope/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand, type CommandRun } from "../testing/run-command.ts";

let folder = "";
let server: RunningServer;
const at = (name: string): string => join(folder, name);

function sessionLog(sessionId: string, records: readonly SessionRecord[]): Uint8Array {
  const encoder = createFrameEncoder({ isExact: true });
  const parts = [encodeSessionLogHeader({ sessionId, projectId: "default", createdAt: records[0]?.at ?? 0 })];
  for (let index = 0; index < records.length; index += 20)
    parts.push(encodeSessionLogEntry(encoder.encode(records.slice(index, index + 20))));
  return Buffer.concat(parts);
}

const [anna] = readCapture("loss-10").sessions;
if (anna === undefined) throw new Error("The capture has no session.");
const { records, samples } = anna;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-import-"));
  for (const { sessionId, records: all } of captureSessions("gum-denied"))
    writeFileSync(at(`${sessionId}.pslog`), sessionLog(sessionId, all));
  writeFileSync(at("lines.jsonl"), `${readCaptureGetStats("loss-10")}garbage\nrubbish\n`);
  writeFileSync(at("call.rtcstats.gz"), gzipSync([...writeRtcstatsDump(records)].join("\n")));
  writeFileSync(at("internals.json"), [...writeWebrtcInternals(records)].join(""));
  mkdirSync(at("many/deeper"), { recursive: true });
  writeFileSync(at("many/notes.md"), "buy milk");
  writeFileSync(at("many/deeper/call.txt"), [...writeRtcstatsDump(samples)].join("\n"));
  server = await startServer(
    readServerConfig({ PORT: "0", PEERSCOPE_DATA: at("data"), PEERSCOPE_LOG_LEVEL: "silent" }),
  );
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const bring = (...args: string[]): Promise<CommandRun> =>
  runCommand(["import", "--url", server.url, ...args]);

async function sessionsWith(tag: string, count = 1): Promise<readonly SessionSummary[]> {
  const query = new URLSearchParams({ tag: `imported:${tag}` });
  const deadline = Date.now() + 15_000;
  for (;;) {
    const answer = await fetch(`${server.url}/api/sessions?${query.toString()}`);
    const { sessions } = sessionListSchema.parse(await answer.json());
    const isAnalysed = sessions.every(({ startedAt, live }) => !live && startedAt < Date.now() - 1_000);
    if ((sessions.length >= count && isAnalysed) || Date.now() > deadline) return sessions;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe("peerscope import", () => {
  it("brings the participants of a recording as one call, at the time it was recorded, marked", async () => {
    const { code, out, err } = await bring(at("lines.jsonl"));
    expect(code).toBe(0);
    expect(out).toMatch(/2 sessions imported$/);
    expect(err).toContain("line-skipped");
    expect(err).toMatch(/2 lines unreadable, first at line \d+/);
    const sessions = await sessionsWith("getstats-lines", 2);
    expect(new Set(sessions.map(({ userId }) => userId))).toEqual(new Set(["a", "b"]));
    expect(new Set(sessions.map(({ callId }) => callId)).size).toBe(1);
    for (const { startedAt } of sessions)
      expect(Math.abs(startedAt - (samples[0]?.at ?? 0))).toBeLessThan(5_000);
  });

  it("makes the same session of the same content once, whatever the file is called", async () => {
    expect((await bring(at("call.rtcstats.gz"))).out).toMatch(/1 session imported$/);
    const [session] = await sessionsWith("rtcstats");
    const log = await fetch(`${server.url}/api/sessions/${session?.sessionId ?? ""}/log`);
    const kept = readSessionLog(new Uint8Array(await log.arrayBuffer())).records;
    // What the file holds, behind the mark.
    const reader = createRecordingReader("call.rtcstats.gz");
    reader.push(Buffer.from([...writeRtcstatsDump(records)].join("\n")));
    expect(kept.slice(1)).toEqual(reader.end().sessions[0]?.records.map(createRecordRule()));
    expect(JSON.stringify(kept)).not.toMatch(/"(ip|address)":"\d+\.\d+\.\d+\.[1-9]/);
    writeFileSync(at("other-name"), [...writeRtcstatsDump(records)].join("\n"));
    const again = await bring(at("other-name"));
    expect(again.out).toMatch(/0 sessions imported, 1 already there$/);
    expect(again.code).toBe(0);
  });

  it("keeps the id of a session log, and leaves another session of that id alone", async () => {
    const log = at("capture-gum-denied-a.pslog");
    expect((await bring(log)).out).toContain("session capture-gum-denied-a,");
    expect((await bring(log)).out).toMatch(/0 sessions imported, 1 already there$/);
    writeFileSync(at("impostor"), sessionLog("capture-gum-denied-a", records.slice(0, 30)));
    const { code, err } = await bring(at("impostor"));
    expect(code).toBe(1);
    expect(err).toContain("session-taken");
  });

  it("takes every recording of a folder and passes over the rest; a file that is named has to be one", async () => {
    const { code, out, err } = await bring(at("many"));
    expect(code).toBe(0);
    expect(out).toMatch(/1 session imported$/);
    expect(err).toContain("notes.md: passed over, no recording");
    const named = await bring(at("many/notes.md"), at("internals.json"));
    expect(named.code).toBe(1);
    expect(named.err).toContain("format-unknown");
    expect(named.out).toContain("a chrome://webrtc-internals dump, session import-");
  });

  it.each([
    [["--key", "pk_wrong"], "token-invalid"],
    [["--url", "http://127.0.0.1:9"], "server-unreachable"],
    [["--url", "ftp://here"], "usage-invalid"],
  ])("says what is wrong with %s", async (options, why) => {
    const { code, err } = await bring(...options, at("internals.json"));
    expect(code).toBe(why === "usage-invalid" ? 2 : 1);
    expect(err).toContain(why);
  });
});

describe("peerscope export", () => {
  const write = (...args: string[]): Promise<CommandRun> =>
    runCommand(["export", "--url", server.url, ...args]);

  it("writes an rtcstats dump that reads back as the same samples", async () => {
    const out = at("exported.rtcstats");
    const source = at("capture-loss.pslog");
    writeFileSync(source, sessionLog("capture-loss-a", records));
    expect(await write(source, "--format", "rtcstats", "--out", out)).toMatchObject({ code: 0, err: "" });
    const reader = createRecordingReader("exported");
    reader.push(readFileSync(out));
    const [session] = reader.end().sessions;
    expect(session?.records.filter(({ kind }) => kind === "sample")).toEqual(
      records.filter(({ kind }) => kind === "sample"),
    );
    expect((await write(source, "--format", "rtcstats", "--out", out)).err).toContain("file-exists");
  });

  it("writes lines to stdout, of the participant that is named", async () => {
    const several = await write(at("lines.jsonl"), "--format", "getstats-lines");
    expect(several.code).toBe(1);
    expect(several.err).toContain("session-not-chosen: lines.jsonl has a, b");
    const one = await write(at("lines.jsonl"), "--format", "getstats-lines", "--session", "a");
    expect(one.code).toBe(0);
    const lines = one.out.split("\n").map((line): { pc: string; stats: unknown } => JSON.parse(line));
    expect(lines.map(({ stats }) => stats)).toEqual(samples.map(({ stats }) => stats));
  });

  it("writes an internals dump of a session of the server, which analyses alike", async () => {
    await bring(at("capture-gum-denied-a.pslog"));
    const out = at("exported.json");
    expect((await write("capture-gum-denied-a", "--format", "webrtc-internals", "--out", out)).code).toBe(0);
    const report: AnalysisReport = JSON.parse((await runCommand(["analyze", "--json", out])).out);
    const found = report.sessions.flatMap(({ observations }) => observations.map(({ id }) => id));
    expect(found).toContain("media-permission-denied");
  });

  it("writes the score windows of the store as Parquet, and says what is needed for a file", async () => {
    await bring(at("call.rtcstats.gz"));
    const [session] = await sessionsWith("rtcstats");
    const out = at("windows.parquet");
    await until(async () => {
      rmSync(out, { force: true });
      const { code } = await write(session?.sessionId ?? "", "--format", "parquet-windows", "--out", out);
      return code === 0 && readFileSync(out).byteLength > 3_000;
    });
    const file = readFileSync(out);
    expect(file.subarray(0, 4).toString()).toBe("PAR1");
    expect(file.subarray(-4).toString()).toBe("PAR1");
    expect(file.toString("latin1")).toContain("lostMos");
    const local = await write(at("lines.jsonl"), "--format", "parquet-windows", "--out", at("x.parquet"));
    expect(local.code).toBe(1);
    expect(local.err).toContain("export-needs-server");
    expect(local.err).toContain("peerscope import");
  });

  it.each([
    [["no-such-session", "--format", "rtcstats"], "export-session-unknown", 1],
    [["no/such/file", "--format", "rtcstats"], "file-not-found", 1],
    [["x", "--format", "mp3"], "usage-invalid", 2],
    [["--format", "rtcstats"], "usage-invalid", 2],
  ])("refuses %s", async (args, why, exitCode) => {
    const { code, err } = await write(...args);
    expect(err).toContain(why);
    expect(code).toBe(exitCode);
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error("It did not come to hold within 15 s.");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
