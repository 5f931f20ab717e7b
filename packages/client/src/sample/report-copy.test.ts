import { describe, expect, it } from "vitest";
import { createPrivacyRule } from "../collect/privacy.ts";
import { copyReport } from "./report-copy.ts";

const rule = createPrivacyRule(false);
const reportOf = (...objects: readonly unknown[]): RTCStatsReport =>
  ({ forEach: (visit: (object: unknown) => void) => objects.forEach(visit) }) as unknown as RTCStatsReport;
const head = { id: "a", type: "codec", timestamp: 5 };

describe("copy of a report", () => {
  it("passes objects on as they are without a rule, and only what is statistics", () => {
    const object = { ...head, address: "192.0.2.77", more: { ip: "192.0.2.77" } };
    const [passed, ...more] = copyReport(reportOf(object, null, 7, {}, { id: "b" }));
    expect(passed).toBe(object);
    expect(more).toEqual([]);
  });

  it("copies what has members of its own", () => {
    const object = { ...head, qualityLimitationDurations: { cpu: 1 } };
    const [copy] = copyReport(reportOf(object), rule);
    expect(copy).toEqual(object);
    expect(copy?.["qualityLimitationDurations"]).not.toBe(object.qualityLimitationDurations);
  });

  it.each([
    ["an address", { address: "192.0.2.77" }, { address: "192.0.2.0" }],
    ["a secret", { username: "kim" }, {}],
    ["a query", { url: "turn:turn.example?x=1" }, { url: "turn:turn.example" }],
    ["an address deeper", { more: { ip: "192.0.2.77" } }, { more: { ip: "192.0.2.0" } }],
    ["an address in a list", { urls: ["stun:192.0.2.77"] }, { urls: ["stun:192.0.2.0"] }],
    ["what JSON has not", { a: undefined, b: () => 1, c: 10n, d: new Uint8Array(3) }, {}],
  ])("copies without %s, and leaves the original alone", (_, members, left) => {
    const object = { ...head, ...members };
    const before = { ...object };
    expect(copyReport(reportOf(object), rule)).toEqual([{ ...head, ...left }]);
    expect(object).toEqual(before);
  });

  it("leaves out members that throw, and objects that are no statistics", () => {
    const broken = Object.defineProperty({ ...head }, "bad", {
      enumerable: true,
      get: () => {
        throw new Error("getter");
      },
    });
    expect(copyReport(reportOf(null, 7, "x", {}, { id: "b" }, broken), rule)).toEqual([head]);
  });

  it("ends on cycles and on objects without end", () => {
    const cycle: Record<string, unknown> = { ...head };
    cycle["self"] = cycle;
    const long = { ...head, text: "x".repeat(3_000_000) };
    const [first, ...more] = copyReport(reportOf(cycle, long, head), rule);
    expect(JSON.stringify(first).length).toBeLessThan(10_000);
    expect(more).toEqual([]);
  });
});
