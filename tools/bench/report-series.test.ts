import { describe, expect, it } from "vitest";
import { readReports } from "./captures.ts";
import { type BenchmarkResult, isHeld, printFigures, quantile } from "./figures.ts";
import { createReportSeries } from "../../packages/scenarios/src/load/report-series.ts";

const recorded = readReports("good-call", "a")
  .slice(5)
  .map(({ stats }) => stats);

describe("reports of a benchmark", () => {
  it.each([28, 56, 424])(
    "have %i objects, each with an id of its own, and differ from step to step",
    (objects) => {
      const series = createReportSeries(recorded, objects);
      for (const step of [0, 1, 500]) {
        const report = series(step);
        expect(report).toHaveLength(objects);
        expect(new Set(report.map(({ id }) => id)).size).toBe(objects);
        expect(report).not.toEqual(series(step + 1));
        expect(report).toEqual(series(step));
      }
    },
  );

  it("go on where the recording ends: counters never fall", () => {
    const series = createReportSeries(recorded, 28);
    const sent = Array.from({ length: 200 }, (_, step) =>
      Number(
        series(step).find(({ type, kind }) => type === "outbound-rtp" && kind === "video")?.["bytesSent"],
      ),
    );
    expect(sent).toEqual(sent.toSorted((a, b) => a - b));
    expect(sent.at(-1)).toBeGreaterThan(4 * (sent[0] ?? 0));
  });
});

describe("figures", () => {
  const result: BenchmarkResult = {
    benchmark: "test",
    at: "2026-11-21T00:00:00Z",
    node: "v20",
    figures: [
      { subject: "one", candidate: "Peerscope", measure: "time", value: 0.3, unit: "ms", atMost: 0.25 },
      { subject: "two", candidate: "Peerscope", measure: "time", value: 30_000, unit: "ms", atLeast: 25_000 },
      { subject: "two", candidate: "other", measure: "time", value: 12.34, unit: "ms" },
    ],
  };

  it("are a table of candidates by subjects, with what holds", () => {
    expect(printFigures(result).replaceAll(/ +/g, " ").split("\n")).toEqual([
      "| time, ms | one | two |",
      expect.stringMatching(/^\| -+ \| -+ \| -+ \|$/),
      "| Peerscope | **0.300** (≤ 0.250: NOT HELD) | **30 000** (≥ 25 000: held) |",
      "| other | | 12.3 |",
    ]);
    expect(result.figures.map(isHeld)).toEqual([false, true, true]);
  });

  it("take quantiles of what was measured", () => {
    const values = [5, 1, 4, 2, 3];
    expect([quantile(values, 0), quantile(values, 0.5), quantile(values, 1)]).toEqual([1, 3, 5]);
  });
});
