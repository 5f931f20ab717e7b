import { describe, expect, it } from "vitest";
import { parseTruthFile } from "../recorded/truth-file.ts";
import { matrix } from "./matrix.ts";

const entries = Object.entries(matrix);

describe("the matrix of calls", () => {
  it("has truths that a truth file may have, which eval then reads back as they are", () => {
    const captures = Object.fromEntries(entries.map(([name, { truth }]) => [name, truth]));
    const text = JSON.stringify({ format: "peerscope-truth", version: 1, captures });
    expect(Object.fromEntries(parseTruthFile(text))).toEqual(JSON.parse(JSON.stringify(captures)));
  });

  it.each(entries)("%s: the truth is about what the steps do, within the call", (_name, scenario) => {
    const { truth, steps, seconds } = scenario;
    expect(truth.seconds).toBe(seconds);
    for (const { at } of steps) expect(at).toBeLessThan(seconds);
    const harm = steps.filter((step) => "impair" in step || ("cpuShare" in step && step.cpuShare !== null));
    expect(harm.map(({ at }) => at)).toEqual(truth.impairments.map(({ from }) => from));
    // Whoever watches sees for more than 15 s whether it clears.
    for (const { to } of truth.impairments) expect(seconds - (to ?? seconds)).toBeGreaterThan(15);
    expect(truth.healthy).toBe(harm.length === 0);
    if (!truth.healthy)
      expect(Object.keys(truth.expect)).toEqual(scenario.over === "sfu" ? ["a", "b", "c"] : ["a", "b"]);
  });

  it("never asks for one end of a path between two people to be named", () => {
    const blamed = entries.flatMap(([name, { truth, over }]) =>
      over !== "sfu" &&
      [...Object.values(truth.expect), truth.expectCall].some((said) =>
        said?.domains.some((domain) => domain === "publisher-uplink" || domain === "receiver-downlink"),
      )
        ? [name]
        : [],
    );
    expect(blamed).toEqual([]);
  });

  it("has half an hour in which nothing is wrong, and every harm in both browsers", () => {
    const good = entries.filter(([, { truth }]) => truth.healthy);
    expect(good.reduce((sum, [, { seconds }]) => sum + seconds, 0)).toBeGreaterThan(1_500);
    const harms = (browser: string): string[] =>
      entries.flatMap(([name]) =>
        name.startsWith(`${browser}-`) && !/-(?:turn|sfu)-/.test(name) ? [name.slice(browser.length)] : [],
      );
    expect(harms("firefox")).toEqual(harms("chromium"));
  });
});
