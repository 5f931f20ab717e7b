import type { CallLeg, CallPairs } from "@peerscope/schema";
import { describe, expect, test } from "vitest";
import { cellKey, matrixOf, receivedOverTime, unknownSender } from "./matrix.ts";

const pairs: CallPairs = {
  from: 0,
  bucketMs: 10_000,
  pairs: [
    { senderId: "a", receiverId: "b", kind: "audio", mean: 80, scores: [90, 40, null] },
    { senderId: "a", receiverId: "b", kind: "video", mean: 70, scores: [null, null, 70] },
    { senderId: "b", receiverId: "a", kind: "audio", mean: 95, scores: [95, 95, 95] },
    { senderId: null, receiverId: "c", kind: "audio", mean: 20, scores: [null, null, null] },
  ],
};
const names = new Map([
  ["c", "Cem"],
  ["b", "Ben"],
  ["a", "Ana"],
]);
const leg = { sessionId: "a", direction: "outbound" } as CallLeg;

describe("the matrix of a call", () => {
  const matrix = matrixOf({ pairs, legs: [leg] }, names);

  test("has the worst of the whole call, sound and picture apart", () => {
    expect(matrix.cells.get(cellKey("a", "b"))).toEqual({
      audio: { worst: 40, class: "poor" },
      video: { worst: 70, class: "fair" },
    });
    expect(matrix.cells.get(cellKey("b", "a"))?.video).toBeNull();
  });

  test("has those with trouble first, and whose line it was", () => {
    expect(matrix.people.map(({ name, isTroubled }) => [name, isTroubled])).toEqual([
      ["Ana", true],
      ["Ben", true],
      ["Cem", false],
    ]);
    expect(matrix.people[0]?.asSender).toBe(leg);
    expect(matrix.people[0]?.asReceiver).toBeNull();
  });

  test("says that a sender is not known, and that nothing could be scored", () => {
    expect(matrix.hasUnknownSender).toBe(true);
    expect(matrix.cells.get(cellKey(unknownSender, "c"))?.audio).toEqual({
      worst: null,
      class: "not-measured",
    });
  });

  test("of a part of the call has only that part", () => {
    const first = matrixOf({ pairs, legs: [] }, names, { from: 0, to: 1 });
    expect(first.cells.get(cellKey("a", "b"))?.audio).toEqual({ worst: 90, class: "good" });
    expect(first.people.every(({ isTroubled }) => !isTroubled)).toBe(true);
  });
});

test("what a person received over time is the worst of all they received", () => {
  expect(receivedOverTime(pairs, "b")).toEqual([90, 40, 70]);
  expect(receivedOverTime(pairs, "nobody")).toEqual([]);
});
