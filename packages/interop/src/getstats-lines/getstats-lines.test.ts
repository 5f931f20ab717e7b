import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { getStatsLinesLimits, isGetStatsLines, readGetStatsLines } from "./getstats-lines.ts";

const start = 1_795_234_138_000;

function reportLine(change: Record<string, unknown> = {}): string {
  const stats = [
    { id: "I", type: "inbound-rtp", timestamp: start + 0.25, packetsReceived: 7, notYetStandard: { a: [1] } },
    { id: "T", type: "transport", timestamp: start + 0.25, bytesReceived: 9_007_199_254_740_991 },
    { id: "R", type: "remote-inbound-rtp", timestamp: start - 900, jitter: 0.01 },
  ];
  return JSON.stringify({ t: start + 30, peer: "a", pageT: start + 3, pc: "a-b", ms: 2.5, stats, ...change });
}

describe("readGetStatsLines", () => {
  it("keeps a report whole, on the clock of its stats objects", () => {
    const { sessions, skippedLines } = readGetStatsLines(`${reportLine()}\r\n`);
    expect(skippedLines).toEqual([]);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]?.peer).toBe("a");
    expect(sessions[0]?.records).toEqual([
      {
        kind: "sample",
        at: start + 0.25,
        connectionId: "a-b",
        durationMs: 2.5,
        stats: JSON.parse(reportLine()).stats,
      },
    ]);
  });

  it("gives one session a participant, ordered by name, records ordered by time", () => {
    const at = (peer: string, time: number): string =>
      reportLine({ peer, pageT: time, stats: [{ id: "T", type: "transport", timestamp: time }] });
    const text = [at("b", start), at("a", start + 2000), at("a", start + 1000)].join("\n");
    const { sessions } = readGetStatsLines(text);
    expect(sessions.map(({ peer }) => peer)).toEqual(["a", "b"]);
    expect(sessions[0]?.records.map((record) => record.at)).toEqual([start + 1000, start + 2000]);
  });

  it("takes the page's clock when stats timestamps are not Unix times", () => {
    const relative = [{ id: "T", type: "transport", timestamp: 1234.5 }];
    const hours = [{ id: "T", type: "transport", timestamp: start + 90_000_000 }];
    const time = (change: Record<string, unknown>): number | undefined =>
      readGetStatsLines(reportLine(change)).sessions[0]?.records[0]?.at;
    expect(time({ stats: relative })).toBe(start + 3);
    expect(time({ stats: hours })).toBe(start + 3);
    expect(time({ stats: [], pageT: null })).toBe(start + 30);
    expect(time({ stats: [], pageT: null, t: "soon" })).toBeUndefined();
  });

  it.each([
    ["{", "not valid JSON"],
    ["[1]", "not a JSON object"],
    [reportLine({ pc: undefined }), "peer connection name"],
    [reportLine({ peer: 4 }), '"peer" is not a string'],
    [reportLine({ pc: "x".repeat(600) }), "a name longer than"],
    [reportLine({ stats: {} }), "list of stats objects"],
    [
      reportLine({ stats: Array.from({ length: getStatsLinesLimits.statsObjects + 1 }, () => 0) }),
      "more than",
    ],
    [`{"a":"${"x".repeat(getStatsLinesLimits.lineCharacters)}"}`, "longer than"],
    [`{"stats":${"[".repeat(100_000)}`, "nested deeper"],
    [reportLine({ stats: [], pageT: 3, t: 4 }), "no usable time"],
  ])("skips line %#, says why, and keeps the rest", (bad, reason) => {
    const { sessions, skippedLines } = readGetStatsLines(`${reportLine()}\n\n${bad}\n${reportLine()}`);
    expect(sessions[0]?.records).toHaveLength(2);
    expect(skippedLines).toHaveLength(1);
    expect(skippedLines[0]?.line).toBe(3);
    expect(skippedLines[0]?.reason).toContain(reason);
  });

  it("leaves out single stats objects that cannot be used", () => {
    const good = { id: "T", type: "transport", timestamp: start };
    const line = reportLine({ stats: [good, null, { id: "X", type: "codec" }, good, "s"] });
    const infinite = reportLine({ stats: [] }).replace(
      "[]",
      `[{"id":"X","type":"t","timestamp":${start},"n":{"m":1e999}}]`,
    );
    const { sessions, skippedLines } = readGetStatsLines(`${line}\n${infinite}`);
    expect(sessions[0]?.records.map((record) => record.stats)).toEqual([[good], []]);
    expect(skippedLines.map(({ line }) => line)).toEqual([1, 1, 1, 1, 2]);
    expect(skippedLines[2]?.reason).toContain("id of an earlier one");
  });

  it("bounds what it says about a file of nothing but garbage", () => {
    const { skippedLines } = readGetStatsLines("nonsense\n".repeat(5_000));
    expect(skippedLines).toHaveLength(getStatsLinesLimits.skippedLines);
    expect(skippedLines.at(-1)).toEqual({ line: 5_000, reason: "4001 more lines or parts of lines skipped" });
  });

  it("bounds the number of participants", () => {
    const lines = Array.from({ length: 1_002 }, (_, index) => reportLine({ peer: `p${index}`, stats: [] }));
    const { sessions, skippedLines } = readGetStatsLines(lines.join("\n"));
    expect(sessions).toHaveLength(1_000);
    expect(skippedLines.map(({ line }) => line)).toEqual([1_001, 1_002]);
  });

  it("never throws, whatever the text", () => {
    const fragment = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc.constant(reportLine()),
      fc.constantFrom('{"pc":"x","stats":[', '"', "\\", "\u0000", "﻿", "{}", "[[[[", "}"),
    );
    const text = fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join("\n"));
    fc.assert(
      fc.property(text, (content) => {
        const { sessions } = readGetStatsLines(content);
        isGetStatsLines(content);
        for (const { records } of sessions)
          for (const [index, record] of records.entries()) {
            expect(Number.isFinite(record.at)).toBe(true);
            expect(record.at).toBeGreaterThanOrEqual(records[index - 1]?.at ?? 0);
          }
      }),
    );
  });

  it("survives any damage to one line of a good file and keeps the others", () => {
    const middle = reportLine();
    fc.assert(
      fc.property(fc.nat(middle.length - 1), fc.string({ unit: "binary" }), (position, insert) => {
        const noNewline = insert.replaceAll(/[\n\r]/g, " ");
        const damaged = middle.slice(0, position) + noNewline + middle.slice(position + 3);
        const { sessions } = readGetStatsLines(`${reportLine()}\n${damaged}\n${reportLine()}`);
        const intact = sessions.find(({ peer }) => peer === "a")?.records ?? [];
        expect(intact.length).toBeGreaterThanOrEqual(2);
      }),
    );
  });
});

describe("isGetStatsLines", () => {
  it("finds a report among the first lines and nothing else", () => {
    expect(isGetStatsLines(reportLine())).toBe(true);
    expect(isGetStatsLines(`broken\n${reportLine()}`)).toBe(true);
    expect(isGetStatsLines("")).toBe(false);
    expect(isGetStatsLines('{"t":1,"event":"page"}\n'.repeat(30))).toBe(false);
    expect(isGetStatsLines(`${"x\n".repeat(20)}${reportLine()}`)).toBe(false);
  });
});
