import { expect, test } from "vitest";
import { buildCall, ids, outage, summary } from "../../testing/call-builder.ts";

const cut = { ...outage, transport: { bytesReceived: 0, iceState: "disconnected" } };

test.each<[string, number, string[]]>([
  ["4 s: it recovered in time", 4, []],
  ["8 s", 8, ["ice-disconnected major 21..29"]],
])("disconnected for %s", (_name, seconds, expected) => {
  const analysis = buildCall().run(20).run(seconds, cut).run(20).analyse();
  expect(summary(analysis).filter((line) => line.startsWith("ice-"))).toEqual(expected);
});

test("a suspended machine is not a lost path", () => {
  const call = buildCall().run(20).run(2, cut).skip(600).run(1, cut).run(20);
  expect(ids(call.analyse())).not.toContain("ice-disconnected");
});

test("outage and its effects stand under it", () => {
  const analysis = buildCall().run(20).run(10, cut).run(20).analyse();
  const parentOf = (key: string | null | undefined): string | null | undefined =>
    analysis.observations.find((of) => of.key === key)?.parentId;
  const top = analysis.observations.find(({ id }) => id === "ice-disconnected")?.key;
  const outages = analysis.observations.filter(({ id }) => id === "downlink-outage");
  expect(outages).toHaveLength(2);
  // Nothing came back from the first second on; that it was the path itself was known 5 s later.
  for (const { parentId } of outages) {
    expect(parentId).toMatch(/^transport-stalled/);
    expect(parentOf(parentId)).toBe(top);
  }
  expect(analysis.verdict.statedCause).toBe("ice-disconnected");
});
