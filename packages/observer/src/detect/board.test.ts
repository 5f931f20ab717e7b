import { describe, expect, test } from "vitest";
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

test("a step counts twice when the detector knows that it is far beyond the level", () => {
  const board = new Board();
  const vote = (from: number): string | undefined =>
    board.vote(share, subject, from, from + 2000, 3, { isStrong: true })?.kind;
  expect([vote(0), vote(2000)]).toEqual([undefined, "opened"]);
});

describe("shares of what is counted, by all streams of a way", () => {
  const joint = definition({ rule: "share", need: 3, of: 5, strong: 2, joint: true });
  const stream = (id: string): { key: string; scope: { pcId: string; direction: "inbound" } } => ({
    key: `pc/in/${id}`,
    scope: { pcId: "pc", direction: "inbound" },
  });
  const [sound, picture] = [stream("audio"), stream("video")];

  /** Steps of two seconds: of how many packets how many were lost, in each stream that has any. */
  function opened(
    steps: readonly (readonly [sound: readonly [number, number], picture?: readonly [number, number]])[],
  ): number {
    const board = new Board();
    for (const [index, streams] of steps.entries()) {
      for (const [which, counts] of streams.entries()) {
        const [lost, counted] = counts ?? [0, 0];
        const of = which === 0 ? sound : picture;
        const from = index * 2000;
        if (counted > 0) board.vote(joint, of, from, from + 2000, (100 * lost) / counted, { counted });
      }
      if (board.records.length > 0) return index;
    }
    return -1;
  }

  test.each<readonly [string, Parameters<typeof opened>[0], number]>([
    ["one lost of few again and again is chance", [0, 1, 2, 3, 4].map(() => [[1, 60]] as const), -1],
    ["some of a hundred, twice", [[[4, 100]], [[4, 100]]], 1],
    [
      "two streams that lose little confirm one another",
      [
        [
          [2, 100],
          [2, 60],
        ],
        [
          [2, 100],
          [1, 60],
        ],
      ],
      1,
    ],
    ["either of them alone", [[[2, 100]], [[2, 100]], [[0, 100]]], -1],
    [
      "a burst in both at once",
      [
        [
          [30, 100],
          [20, 60],
        ],
        [
          [0, 100],
          [0, 60],
        ],
        [
          [0, 100],
          [0, 60],
        ],
      ],
      -1,
    ],
    [
      "a burst in one, and then one in the other",
      [
        [
          [30, 100],
          [0, 60],
        ],
        [
          [0, 100],
          [20, 60],
        ],
      ],
      1,
    ],
    [
      "the same, too far apart",
      [
        [[30, 100]],
        ...[0, 1, 2, 3].map(() => [[0, 100]] as const),
        [
          [0, 100],
          [20, 60],
        ],
      ],
      -1,
    ],
  ])("%s", (_name, steps, expected) => {
    expect(opened(steps)).toBe(expected);
  });

  test("another way, and the other direction, confirm nothing", () => {
    const elsewhere = { key: "pc2/in/audio", scope: { pcId: "pc2", direction: "inbound" as const } };
    const out = { key: "pc/out/audio", scope: { pcId: "pc", direction: "outbound" as const } };
    const board = new Board();
    for (const [index, of] of [elsewhere, out, sound].entries())
      board.vote(joint, of, index * 2000, index * 2000 + 2000, 30, { counted: 100 });
    expect(board.records).toEqual([]);
  });
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
