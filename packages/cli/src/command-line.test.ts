import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { captureSessions, readCaptureGetStats } from "@peerscope/scenarios";
import {
  createFrameEncoder,
  encodeSessionLogEntry,
  encodeSessionLogHeader,
  type AnalysisReport,
  type SessionRecord,
} from "@peerscope/schema";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cliErrors } from "./errors.ts";
import { analyseFile } from "./index.ts";
import { runCommand } from "./testing/run-command.ts";

let folder = "";
const at = (name: string): string => join(folder, name);

function sessionLog(sessionId: string, records: readonly SessionRecord[]): Uint8Array {
  const encoder = createFrameEncoder({ isExact: true });
  const parts = [encodeSessionLogHeader({ sessionId, projectId: "default", createdAt: records[0]?.at ?? 0 })];
  for (let index = 0; index < records.length; index += 20)
    parts.push(encodeSessionLogEntry(encoder.encode(records.slice(index, index + 20))));
  return Buffer.concat(parts);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-cli-"));
  for (const name of ["loss-10", "gum-denied"] as const)
    for (const { sessionId, records } of captureSessions(name))
      writeFileSync(at(`${sessionId}.pslog`), sessionLog(sessionId, records));
  writeFileSync(at("lines.gz"), gzipSync(readCaptureGetStats("ice-failure-initial")));
  writeFileSync(at("notes.txt"), "buy milk\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("peerscope", () => {
  it("explains itself", async () => {
    const help = await runCommand(["--help"]);
    expect(help.code).toBe(0);
    for (const command of ["serve", "analyze", "decode", "doctor"]) {
      expect(help.out).toContain(`  ${command} `);
      const own = await runCommand([command, "--help"]);
      expect(own).toMatchObject({ code: 0, err: "" });
      expect(own.out).toContain(`usage: peerscope ${command}`);
    }
    expect((await runCommand([])).code).toBe(2);
    const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    expect(manifest).toMatchObject({ version: (await runCommand(["--version"])).out });
  });

  it.each([
    ["paint"],
    ["constructor"],
    ["analyze"],
    ["analyze", "--jason", "x"],
    ["decode"],
    ["decode", "x", "y"],
    ["serve", "extra"],
    ["serve", "--port"],
  ])("refuses a wrong command line: %s %s", async (...args) => {
    const run = await runCommand(args);
    expect(run.code).toBe(2);
    expect(run.err).toMatch(/^peerscope: usage-invalid: /);
    expect(run.err.split("\n")).toHaveLength(1);
  });

  it("refuses a setting that cannot be used, with the server's code", async () => {
    const run = await runCommand(["serve", "--port", "http"]);
    expect(run.code).toBe(1);
    expect(run.err).toMatch(/^peerscope: config-invalid: PORT/);
  });
});

describe("peerscope analyze", () => {
  it("prints one JSON document, the same as analyseFile, byte for byte the same again", async () => {
    const run = await runCommand(["analyze", at("lines.gz"), "--json"]);
    expect(run).toMatchObject({ code: 0, err: "" });
    const report: AnalysisReport = JSON.parse(run.out);
    expect(report).toEqual(JSON.parse(JSON.stringify(analyseFile(readFileSync(at("lines.gz")), "lines.gz"))));
    expect(Object.keys(report)).toEqual(["catalogVersion", "scoreVersion", "sessions", "call"]);
    expect(report.sessions.map(({ sessionId, peer }) => [sessionId, peer])).toEqual([
      ["lines.gz#a", "a"],
      ["lines.gz#b", "b"],
    ]);
    expect(report.call).not.toBeNull();
    expect((await runCommand(["analyze", "--json", at("lines.gz")])).out).toBe(run.out);
  });

  it("judges session logs of one call together, and of two calls apart", async () => {
    const loss = ["a", "b"].map((peer) => at(`capture-loss-10-${peer}.pslog`));
    const one: AnalysisReport = JSON.parse((await runCommand(["analyze", "--json", ...loss])).out);
    expect(one.call?.callId).toBe("loss-10");
    expect(one.sessions.map(({ userId }) => userId)).toEqual(["anna", "ben"]);
    const mixed = [loss[0] ?? "", at("capture-gum-denied-a.pslog")];
    const two: AnalysisReport = JSON.parse((await runCommand(["analyze", "--json", ...mixed])).out);
    expect(two.sessions).toHaveLength(2);
    expect(two.call).toBeNull();
  });

  it("writes for people: who, the score, the cause, its advice", async () => {
    const { out, code } = await runCommand(["analyze", at("capture-gum-denied-a.pslog")]);
    expect(code).toBe(0);
    expect(out).toContain("anna · session capture-gum-denied-a · call gum-denied");
    expect(out).toContain("[media-permission-denied]");
    expect(out).toMatch(/score \d+ \(/);
    expect(out).not.toMatch(/undefined|NaN|\[object/);
  });

  it("does not lose the good file to the bad ones, and says what is wrong with each", async () => {
    const files = [at("missing"), folder, at("notes.txt"), at("capture-loss-10-a.pslog")];
    const { code, out, err } = await runCommand(["analyze", "--json", ...files]);
    expect(code).toBe(1);
    const report: AnalysisReport = JSON.parse(out);
    expect(report.sessions.map(({ sessionId }) => sessionId)).toEqual(["capture-loss-10-a"]);
    const codes = err.split("\n").map((line) => /^peerscope: ([a-z-]+): /.exec(line)?.[1]);
    expect(codes).toEqual(["file-not-found", "file-unreadable", "format-unknown"]);
    expect(err).toContain(cliErrors["file-not-found"]);
    const nothing = await runCommand(["analyze", at("missing")]);
    expect(nothing).toMatchObject({ code: 1, out: "" });
  });

  it("analyses a truncated log as far as it is intact, with a warning", async () => {
    const whole = readFileSync(at("capture-loss-10-a.pslog"));
    writeFileSync(at("cut.pslog"), whole.subarray(0, whole.byteLength * 0.7));
    const { code, out, err } = await runCommand(["analyze", "--json", at("cut.pslog")]);
    expect(code).toBe(0);
    expect(err).toMatch(/^peerscope: warning log-truncated: .*at byte \d+/);
    const full: AnalysisReport = JSON.parse(
      (await runCommand(["analyze", "--json", at("capture-loss-10-a.pslog")])).out,
    );
    const cut: AnalysisReport = JSON.parse(out);
    expect(cut.sessions[0]?.start).toBe(full.sessions[0]?.start);
    expect(cut.sessions[0]?.end).toBeLessThan(full.sessions[0]?.end ?? 0);
  });

  it("counts lines that cannot be used, and says where the first is", async () => {
    const good = readCaptureGetStats("good-call");
    writeFileSync(at("damaged.jsonl"), `${good}${"garbage\n".repeat(300)}`);
    const { err } = await runCommand(["analyze", "--json", at("damaged.jsonl")]);
    expect(err.split("\n")).toHaveLength(1);
    expect(err).toContain(
      `300 lines unreadable, first at line ${good.split("\n").length} (not a JSON object)`,
    );
  });

  it("says what a source cannot show, below the findings", async () => {
    const { out } = await runCommand(["analyze", at("lines.gz")]);
    expect(out).toContain("lines.gz is raw getStats lines, which cannot show everything:");
    expect(out.split("\n").at(-1)).toMatch(/^  .*events/);
  });
});

describe("peerscope decode", () => {
  it("lists frames, or all records as lines", async () => {
    const path = at("capture-loss-10-a.pslog");
    const list = await runCommand(["decode", path]);
    expect(list).toMatchObject({ code: 0, err: "" });
    expect(list.out).toContain("session capture-loss-10-a · project default");
    const [records] = captureSessions("loss-10").map((session) => session.records);
    expect(list.out).toMatch(new RegExp(`frames, ${records?.length} records, \\d+ bytes$`));
    const lines = (await runCommand(["decode", "--json", path])).out.split("\n");
    expect(lines.map((line) => JSON.parse(line).at)).toEqual(records?.map((record) => record.at));
  });

  it("tells damage with code and place", async () => {
    const bytes = readFileSync(at("capture-loss-10-a.pslog"));
    writeFileSync(at("cut-log"), bytes.subarray(0, bytes.byteLength - 7));
    const { code, err, out } = await runCommand(["decode", at("cut-log")]);
    expect(code).toBe(1);
    expect(err).toMatch(/^peerscope: log-truncated: .*: at byte \d+: /);
    expect(out).toContain("frames,");
    const text = await runCommand(["decode", at("notes.txt")]);
    expect(text.code).toBe(1);
    expect(text.err).toContain("peerscope: log-not-peerscope:");
    expect(text.err).toContain("peerscope: format-unknown:");
  });
});
