import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { captureNames } from "@peerscope/scenarios";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { evalCommand } from "./eval.ts";
import type { EvalReport } from "../report/eval-folder.ts";
import { runCommand, type CommandRun } from "../testing/run-command.ts";

const captures = fileURLToPath(new URL("../../../scenarios/captures", import.meta.url));

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-eval-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder with some of the recorded calls and a truth of its own. */
function withTruth(entries: Readonly<Record<string, object>>): string {
  const path = mkdtempSync(join(folder, "calls-"));
  for (const name of Object.keys(entries))
    if (captureNames.includes(name)) cpSync(join(captures, name), join(path, name), { recursive: true });
  writeFileSync(
    join(path, "truth.json"),
    JSON.stringify({ format: "peerscope-truth", version: 1, captures: entries }),
  );
  return path;
}

function reportOf({ out }: CommandRun): EvalReport {
  // The command's own output in the form of its own type.
  const report: EvalReport = JSON.parse(out);
  return report;
}

const outage = {
  peer: "a",
  action: "network-impaired",
  direction: "both",
  from: 12,
  to: 20,
  settings: { outage: true },
};

describe("eval of the recorded calls", () => {
  let report: EvalReport;
  beforeAll(async () => {
    report = reportOf(await runCommand(["eval", captures, "--json"]));
    // Every recorded call, twice, looked at each second.
  }, 60_000);

  it("finds every verdict right, on the right peer and side, in both forms", () => {
    const wrong = report.results.flatMap(({ capture, input, judgements }) =>
      judgements.flatMap(({ subject, wrong }) =>
        wrong.length === 0 ? [] : [`${capture}, ${input}, ${subject}: ${wrong.join(", ")}`],
      ),
    );
    expect(wrong).toEqual([]);
    const forms = report.results.filter(({ input }) => input !== "webrtc-internals");
    expect(forms).toHaveLength(2 * captureNames.length);
    for (const { precision, recall } of report.totals) expect([precision, recall]).toEqual([1, 1]);
  });

  it("raises nothing above info where nothing was done", () => {
    expect(report.results.flatMap(({ falseAlarms }) => falseAlarms)).toEqual([]);
    for (const { cleanSeconds } of report.totals.slice(0, 2)) expect(cleanSeconds).toBeGreaterThan(500);
  });

  it("leaves no recording out", () => {
    expect(report.notJudged).toEqual([]);
    const dumps = report.results.filter(({ input }) => input === "webrtc-internals");
    expect(dumps.map(({ capture }) => capture)).toEqual(["good-call", "loss-10", "cap-150kbps", "sfu-3p"]);
    for (const { judgements } of dumps) expect(judgements.map(({ subject }) => subject)).toEqual(["a"]);
  });
});

describe("peerscope eval", () => {
  it("calls another cause, another domain and the other way wrong", async () => {
    const impairment = {
      peer: "a",
      action: "network-impaired",
      direction: "uplink",
      from: 12,
      to: 44,
      settings: {},
    };
    const run = await runCommand([
      "eval",
      withTruth({
        "cap-150kbps": {
          seconds: 55,
          impairments: [impairment],
          expect: {
            a: { causes: ["uplink-loss"], domains: ["unknown"] },
            b: { causes: [null], domains: ["receiver-device"] },
          },
          expectCall: {
            causes: ["uplink-bandwidth-limited"],
            domains: ["unknown"],
            path: { sender: "b", receiver: "a" },
          },
        },
      }),
      "--json",
    ]);
    expect(run.code).toBe(1);
    const { results, totals } = reportOf(run);
    const [statistics, withEvents] = results;
    // What b is told of its own accord is not of interest here.
    const wrong = statistics?.judgements.map(({ subject, wrong }) => [
      subject,
      ...wrong.map((text) => (subject === "b" ? text.replace(/^cause .*/, "cause") : text)),
    ]);
    expect(wrong).toEqual([
      ["a", "cause uplink-bandwidth-limited"],
      ["b", "cause", "domain unknown"],
      ["call", "sender a instead of b", "receiver b instead of a"],
    ]);
    // With events, people have names; the truth goes on speaking of participants.
    expect(withEvents?.judgements[2]?.wrong).toEqual([
      "sender anna instead of b",
      "receiver ben instead of a",
    ]);
    expect(totals[0]).toMatchObject({
      judgements: 3,
      right: 0,
      precision: 1 / 3,
      recall: 1 / 2,
      confusion: { unknown: { path: 2 } },
    });
  });

  it("counts what is raised in a call in which nothing was done", async () => {
    const path = withTruth({ "outage-8s": { seconds: 40, healthy: true } });
    const run = await runCommand(["eval", path]);
    expect(run.code).toBe(1);
    expect(run.out).toContain("Raised where nothing was done:");
    expect(run.out).toMatch(/outage-8s, statistics: [a-z]+ [a-z-]+ on a, \d+ s after the start/);
    expect(run.out).toMatch(/outage-8s +statistics +call +nothing +[a-z-]+ \([a-z-]+\) +WRONG: cause/);
    const [totals] = reportOf(await runCommand(["eval", path, "--json"])).totals;
    expect(totals?.falseAlarms).toBeGreaterThan(3);
    expect(totals?.cleanSeconds).toBeGreaterThan(70);
  });

  it("measures what somebody sees who watches: onset to the first showing, recovery to the end", async () => {
    const expected = { causes: ["downlink-outage"], domains: ["unknown"] };
    const entry = { seconds: 40, impairments: [outage], expect: { a: expected, b: expected } };
    const { results, totals } = reportOf(
      await runCommand(["eval", withTruth({ "outage-8s": entry }), "--json"]),
    );
    for (const { delays } of results) {
      expect(delays.map(({ peer }) => peer)).toEqual(["a", "b"]);
      for (const { detectionMs, clearingMs, isOpenAtEnd } of delays) {
        // A second without a packet has to pass, and samples come each second: sooner would be from hindsight.
        expect(detectionMs).toBeGreaterThan(1000);
        expect(detectionMs).toBeLessThan(4000);
        expect(clearingMs).toBeGreaterThan(0);
        expect(clearingMs).toBeLessThan(3000);
        expect(isOpenAtEnd).toBe(false);
      }
    }
    expect(totals[0]?.detection).toMatchObject({ cases: 2, max: totals[0]?.detection.p95 });
  });

  it("does not call what ends with the recording recovered", async () => {
    const expected = { causes: ["uplink-loss", "downlink-loss"], domains: ["unknown"] };
    const impairment = { ...outage, from: 8, to: 38, settings: { lossRatio: 0.1 } };
    const entry = { seconds: 45, impairments: [impairment], expect: { a: expected } };
    const [result] = reportOf(await runCommand(["eval", withTruth({ "loss-10": entry }), "--json"])).results;
    const [delay] = result?.delays ?? [];
    expect(delay?.isOpenAtEnd).toBe(true);
    expect(delay?.clearingMs).toBeGreaterThan(6000);
    expect(delay?.clearingMs).toBeLessThan(9000);
  });

  it("judges what needs events only with them", async () => {
    const denied = {
      causes: ["media-permission-denied"],
      domains: ["publisher-device"],
      needsEvents: true,
    };
    const path = withTruth({ "gum-denied": { seconds: 25, expect: { a: denied }, expectCall: denied } });
    const { results } = reportOf(await runCommand(["eval", path, "--json"]));
    expect(results.map(({ input, judgements }) => [input, judgements.length])).toEqual([
      ["statistics", 0],
      ["with events", 2],
    ]);
  });

  it("names what it did not judge; a recording that does not fit its truth is a failure", async () => {
    const healthy = { seconds: 45, healthy: true };
    const path = withTruth({ "good-call": healthy, elsewhere: healthy });
    mkdirSync(join(path, "unknown-call"));
    const fine = await runCommand(["eval", path]);
    expect(fine.code).toBe(0);
    expect(fine.out).toContain("elsewhere: stands in the truth file and is not in the folder");
    expect(fine.out).toContain("unknown-call: has no entry in the truth file");
    writeFileSync(join(path, "good-call", "webrtc_internals_dump.gz"), "no dump");
    const broken = await runCommand(["eval", path]);
    expect(broken.code).toBe(1);
    expect(broken.out).toMatch(/good-call\/webrtc_internals_dump\.gz: format-unknown/);

    const misfit = await runCommand([
      "eval",
      withTruth({
        "good-call": healthy,
        "muted-mic": { ...healthy, impairments: [{ ...outage, from: 11 }] },
      }),
    ]);
    expect(misfit.code).toBe(1);
    expect(misfit.out).toContain("muted-mic: muted-mic: events.jsonl does not say when 11 was");
  });

  it("takes the truth from elsewhere with --truth", async () => {
    const path = withTruth({ "good-call": { seconds: 45, healthy: true } });
    const truth = readFileSync(join(path, "truth.json"), "utf8");
    const other = join(folder, "other.json");
    writeFileSync(other, truth);
    rmSync(join(path, "truth.json"));
    expect((await runCommand(["eval", path, "--truth", other])).code).toBe(0);
    const without = await runCommand(["eval", path]);
    expect(without).toMatchObject({ code: 1, out: "" });
    expect(without.err).toMatch(/^peerscope: file-not-found: .*truth\.json/);
  });

  it.each([
    ["{", /truth-invalid: .*no JSON/],
    ["{}", /truth-invalid: .*format/],
    [
      '{"format":"peerscope-truth","version":1,"captures":{"x":{"seconds":1,"expect":{"a":{"causes":["x"],"domains":["weather"]}}}}}',
      /truth-invalid: .*captures\.x\.expect\.a\.domains\.0/,
    ],
  ])("refuses a truth file that is none: %s", async (text, message) => {
    const path = join(folder, "broken.json");
    writeFileSync(path, text);
    const run = await runCommand(["eval", captures, "--truth", path]);
    expect(run.code).toBe(1);
    expect(run.err).toMatch(message);
  });

  it("says what is wrong with its command line", async () => {
    expect((await runCommand(["eval"])).code).toBe(2);
    expect((await runCommand(["eval", "a", "b"])).code).toBe(2);
    expect((await runCommand(["eval", join(folder, "none")])).err).toContain("folder-not-found");
    expect(evalCommand.help.join("\n")).toContain("--truth");
  });
});
