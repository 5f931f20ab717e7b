import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AnalysisReport } from "@peerscope/schema";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCommand } from "../testing/run-command.ts";

const capture = (name: string): string =>
  fileURLToPath(new URL(`../../../scenarios/captures/${name}/getstats.jsonl.gz`, import.meta.url));
const recorded = (name: string, file: string): string =>
  fileURLToPath(new URL(`../../../scenarios/captures/${name}/${file}`, import.meta.url));
const example = fileURLToPath(
  new URL("../../../../examples/custom-observation/extension.mjs", import.meta.url),
);

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "peerscope-analyze-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

it("explains a finding by the samples behind it: members, growth, limits, worst value", async () => {
  const { code, out } = await runCommand(["analyze", "--explain", "downlink-loss", capture("loss-10")]);
  expect(code).toBe(0);
  expect(out).toContain("critical: above 10 %, until below 5");
  expect(out).toMatch(/worst: \d+(\.\d+)? % at \d+\.\d s/);
  expect(out).toMatch(/^ +\d+\.\d s ! .*inbound-rtp\.packetsLost \d+ \(\+\d+\)/m);
  // Before it began, and so not marked.
  expect(out).toMatch(/^ +\d+\.\d s {3}.*inbound-rtp\.packetsLost 0/m);
});

it("says when there is no such finding, and why it could not be computed", async () => {
  const { out } = await runCommand(["analyze", "--explain", "downlink-loss", capture("good-call")]);
  expect(out).toContain("not found");
  const blind = await runCommand(["analyze", "--explain", "microphone-silent", capture("firefox-good")]);
  expect(blind.out).toContain("not computable here: the browser does not report");
});

it("names the nearest observation when the id is unknown", async () => {
  const { code, err } = await runCommand(["analyze", "--explain", "downlink-lose", capture("good-call")]);
  expect(code).toBe(1);
  expect(err).toContain('observation-unknown: downlink-lose: did you mean "downlink-loss"?');
});

it("judges by the thresholds of a project", async () => {
  const thresholds = written("thresholds.json", JSON.stringify({ "downlink-loss": { off: true } }));
  const { code, out } = await runCommand([
    "analyze",
    "--json",
    "--thresholds",
    thresholds,
    capture("loss-10"),
  ]);
  const report: AnalysisReport = JSON.parse(out);
  expect(code).toBe(0);
  expect(report.catalogVersion).toMatch(/\+project\./);
  expect(report.sessions.flatMap(({ observations }) => observations.map(({ id }) => id))).not.toContain(
    "downlink-loss",
  );
});

it.each([
  ["{", "thresholds-invalid"],
  [JSON.stringify({ "downlink-los": {} }), 'Did you mean "downlink-loss"?'],
])("refuses thresholds %s", async (text, message) => {
  const path = written("wrong.json", text);
  const { code, err } = await runCommand(["analyze", "--thresholds", path, capture("good-call")]);
  expect(code).toBe(1);
  expect(err).toContain("thresholds-invalid");
  expect(err).toContain(message);
});

it("runs the example of an observation of one's own", async () => {
  const { code, out } = await runCommand(["analyze", "--extension", example, capture("good-call")]);
  expect(code).toBe(0);
  expect(out).toContain("minor: Received picture smaller than promised [picture-below-promise]");
  const explained = await runCommand([
    "analyze",
    "--extension",
    example,
    "--explain",
    "picture-below-promise",
    capture("good-call"),
  ]);
  expect(explained.out).toContain("missing-height: 360 px");
});

it.each([
  ["export default 1;", "exports nothing that defineObservation() made"],
  ["throw new Error('broken');", "broken"],
])("refuses a module %s", async (text, message) => {
  const path = written(`extension-${message.length}.mjs`, text);
  const { code, err } = await runCommand(["analyze", "--extension", path, capture("good-call")]);
  expect(code).toBe(1);
  expect(err).toContain("extension-invalid");
  expect(err).toContain(message);
});

it.each([
  ["webrtc_internals_dump.gz", "a chrome://webrtc-internals dump"],
  ["observertc.jsonl.gz", "ObserveRTC samples"],
])("analyses %s as it was recorded, and says what it cannot show", async (file, words) => {
  const { code, out } = await runCommand(["analyze", recorded("loss-10", file)]);
  expect(code).toBe(0);
  expect(out).toContain("[uplink-loss]");
  expect(out).toMatch(new RegExp(`^${file} is ${words}.*, which cannot show everything:$`, "m"));
  const { sessions }: AnalysisReport = JSON.parse(
    (await runCommand(["analyze", "--json", recorded("loss-10", file)])).out,
  );
  expect(sessions.every(({ verdict }) => verdict.statedCause === "uplink-loss")).toBe(true);
});
