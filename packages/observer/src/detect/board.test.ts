import { expect, test } from "vitest";
import { Board } from "./board.ts";
import type { ObservationDefinition, OnRule } from "./definition.ts";

const subject = { key: "pc/in/audio/IA", scope: { pcId: "pc" } };

function definition(on: OnRule, clearSeconds = 10): ObservationDefinition {
  return {
    id: "test",
    category: "network-downlink",
    tier: "A",
    title: "",
    meaning: "",
    domainHint: "unknown",
    effect: false,
    severities: ["minor", "major"],
    unit: "%",
    levels: [
      { severity: "minor", on: 1, clear: 0.5 },
      { severity: "major", on: 5, clear: 2 },
    ],
    on,
    clearSeconds,
    onText: "",
    clearText: "",
    evidence: [],
    exceptions: [],
    blindIn: "",
    thresholds: {},
  };
}

/** Two-second steps of the values; null is a step that a guard excludes. */
function run(board: Board, of: ObservationDefinition, values: (number | null)[], from = 0): string[] {
  const changes: string[] = [];
  for (const [index, value] of values.entries()) {
    const start = from + index * 2000;
    const change = board.vote(of, subject, start, start + 2000, value);
    if (change !== null) changes.push(`${index}:${change.kind}`);
  }
  return changes;
}

const share = definition({ rule: "share", need: 3, of: 5 });
const lasting = definition({ rule: "for", seconds: 10 });

test.each<[string, (number | null)[], string[]]>([
  ["two of five", [3, 0, 3, 0, 0], []],
  ["three of five", [3, 0, 3, 0, 3], ["4:opened"]],
  ["exactly the limit", [1, 1, 1, 1, 1], []],
  ["excluded steps count neither way", [3, null, 3, null, 3], ["4:opened"]],
  ["more than half excluded: not judged", [3, null, null, null, 3, 3], []],
])("share: %s", (_name, values, expected) => {
  expect(run(new Board(), share, values)).toEqual(expected);
});

test("a report about five seconds counts as two steps, and what it says goes back to the one before", () => {
  const board = new Board();
  const vote = (from: number, to: number, value: number): string | undefined =>
    board.vote(share, subject, from, to, value)?.kind;
  expect([vote(0, 5000, 3), vote(5000, 10_000, 3)]).toEqual([undefined, "opened"]);
  // Votes of a moment, five seconds apart: ten quiet seconds are two of them.
  expect([vote(14_000, 15_000, 0), vote(19_000, 20_000, 0)]).toEqual([undefined, "closed"]);
});

test("a report about a long silence proves one step, however bad it is", () => {
  const strong = definition({ rule: "share", need: 3, of: 5, strong: 2 });
  const board = new Board();
  expect(board.vote(strong, subject, 0, 9000, 50)).toBeNull();
  expect(board.vote(strong, subject, 9000, 11_000, 50)?.kind).toBe("opened");
});

test("what is far beyond a level needs two steps instead of three, for that level alone", () => {
  const strong = definition({ rule: "share", need: 3, of: 5, strong: 2 });
  expect(run(new Board(), strong, [3, 3])).toEqual(["1:opened"]);
  expect(run(new Board(), strong, [2, 2, 2])).toEqual(["2:opened"]);
  expect(run(new Board(), strong, [3, 0, 0, 0, 0, 3])).toEqual([]);
  const board = new Board();
  run(board, strong, [6, 6]);
  expect(board.records[0]?.severity).toBe("minor");
  run(board, strong, [11, 11], 4000);
  expect(board.records[0]?.severity).toBe("major");
});

test.each<[string, (number | null)[], string[]]>([
  ["eight seconds", [3, 3, 3, 3], []],
  ["ten seconds", [3, 3, 3, 3, 3], ["4:opened"]],
  ["interrupted", [3, 3, 3, 0, 3, 3], []],
])("for 10 s: %s", (_name, values, expected) => {
  expect(run(new Board(), lasting, values)).toEqual(expected);
});

test("one record while it is open: worse levels and peaks update it", () => {
  const board = new Board();
  expect(run(board, share, [3, 3, 3, 8, 8, 8, 9])).toEqual(["2:opened", "3:peak", "5:worse", "6:peak"]);
  expect(board.records).toHaveLength(1);
  expect(board.records[0]).toMatchObject({
    severity: "major",
    startedAt: 0,
    peak: { value: 9, unit: "%", limit: 1 },
  });
});

test("it clears below the lower value for ten seconds, and ended when the trouble did", () => {
  const board = new Board();
  const quiet = [0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7];
  run(board, share, [3, 3, 3, ...quiet]);
  expect(board.records[0]?.clearedAt).toBeNull();
  expect(run(board, share, [0, 0, 0, 0, 0], 20_000)).toEqual(["4:closed"]);
  expect(board.records[0]).toMatchObject({ clearedAt: 20_000, endReason: "cleared" });
});

test("excluded steps hold an open record", () => {
  const board = new Board();
  run(board, share, [3, 3, 3, null, null, null, null, null, null, null]);
  expect(board.records[0]?.clearedAt).toBeNull();
});

test("a subject that is removed closes its records and forgets its windows", () => {
  const board = new Board();
  run(board, share, [3, 3, 3]);
  board.removeSubject("pc", 7000);
  expect(board.records[0]).toMatchObject({ endReason: "subject-removed", clearedAt: 6000 });
  expect(run(board, share, [3, 3], 8000)).toEqual([]);
});

test("inputs that vanish end it as not computable, and what never had any is listed", () => {
  const board = new Board();
  run(board, share, [3, 3, 3]);
  for (let at = 6000; at < 18_000; at += 2000) board.unknown(share, subject, at, at + 2000);
  expect(board.records[0]).toMatchObject({ endReason: "not-computable", clearedAt: 6000 });
  const other = { ...share, id: "other" };
  board.absent(other, "inbound-rtp.jitter");
  board.absent(share, "inbound-rtp.jitter");
  expect(board.notComputable()).toEqual([{ id: "other", inputs: ["inbound-rtp.jitter"] }]);
});

test("the session's end closes everything", () => {
  const board = new Board();
  run(board, share, [3, 3, 3, 0]);
  board.endSession(60_000);
  expect(board.records[0]).toMatchObject({ endReason: "session-end", clearedAt: 6000 });
});

test("records of one subject and start keep different keys", () => {
  const board = new Board();
  const now = definition({ rule: "now" }, 0);
  for (let round = 0; round < 2; round += 1) {
    board.vote(now, subject, 1000, 2000, 3);
    board.clear(now, subject, 2000);
  }
  expect(board.records.map(({ ordinal }) => ordinal)).toEqual([0, 1]);
});
