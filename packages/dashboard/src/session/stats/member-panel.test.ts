import type { JsonValue, SampleRecord } from "@peerscope/schema";
import { describe, expect, test } from "vitest";
import { collectMembers, memberKey, parseMemberKey } from "../../worker/member-history.ts";
import { memberPanel } from "./member-panel.ts";
import { pinsOf, togglePin } from "./pins.ts";

const member = { connectionId: "pc", statsId: "IT01,A|1", member: "bytesReceived" };
const sample = (at: number, value: JsonValue | undefined): SampleRecord => ({
  kind: "sample",
  at,
  connectionId: "pc",
  stats:
    value === undefined
      ? []
      : [{ id: member.statsId, type: "inbound-rtp", timestamp: at, bytesReceived: value }],
});

describe("a member over the session", () => {
  test("has a value for each report that has its object; what is no number is a gap", () => {
    const [columns] = collectMembers(
      [member],
      [sample(1000, 5), sample(2000, undefined), sample(3000, "x"), sample(4000, true)],
    );
    expect([...(columns?.times ?? [])]).toEqual([1000, 3000, 4000]);
    expect([...(columns?.values ?? [])]).toEqual([5, Number.NaN, 1]);
  });

  test("that only grows is drawn as what it grows by in a second, and breaks where it began anew", () => {
    const [columns] = collectMembers(
      [member],
      [0, 100, 300, 300].map((value, i) => sample(1000 * (i + 1), value)),
    );
    if (columns === undefined) throw new Error("it is there");
    expect(columns.isCounter).toBe(true);
    expect([...(memberPanel(member, columns, false).lines[0]?.series.values ?? [])]).toEqual([
      Number.NaN,
      100,
      200,
      0,
    ]);
    expect([...(memberPanel(member, columns, true).lines[0]?.series.values ?? [])]).toEqual([
      0, 100, 300, 300,
    ]);
  });

  test("that falls, or never changes, is drawn as it is", () => {
    for (const values of [
      [5, 3, 8],
      [4, 4, 4],
    ]) {
      const [columns] = collectMembers(
        [member],
        values.map((value, i) => sample(1000 * (i + 1), value)),
      );
      expect(columns?.isCounter).toBe(false);
    }
  });

  test("below zero has a scale that shows it", () => {
    const [columns] = collectMembers([member], [sample(1, -80), sample(2, -20)]);
    if (columns === undefined) throw new Error("it is there");
    expect(memberPanel(member, columns, false).panel.fixed).toEqual([-84, 0]);
  });
});

describe("what a link says is drawn", () => {
  test("comes back whatever the ids hold", () => {
    expect(parseMemberKey(memberKey(member))).toEqual(member);
    const pin = togglePin(undefined, member);
    expect(pinsOf(pin)).toEqual([member]);
    expect(togglePin(pin, member)).toBeUndefined();
  });

  test("is bounded, and what is not ours is dropped", () => {
    expect(pinsOf("a|b,%E0%A4%A|b|c,,")).toEqual([]);
    let pin: string | undefined;
    for (let i = 0; i < 20; i++) pin = togglePin(pin, { ...member, statsId: String(i) });
    expect(pinsOf(pin)).toHaveLength(12);
    expect(pinsOf(pin).at(-1)?.statsId).toBe("19");
  });
});
