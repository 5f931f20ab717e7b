import * as fc from "fast-check";
import { expect, test } from "vitest";
import { smallestFailureSet } from "./failure-set.ts";
import type { Matrix } from "./median-polish.ts";
import { type Pattern, readPatterns } from "./multi-party.ts";

const percent = (rows: (number | null)[][]): Matrix =>
  rows.map((row) => row.map((value) => (value === null ? null : value / 100)));

const kinds = (patterns: readonly Pattern[]): string[] =>
  patterns.map((pattern) => {
    if (pattern.kind === "pair") return `pair ${pattern.sender}-${pattern.receiver}`;
    if (pattern.kind === "most") return `most ${pattern.receivers.join("")}`;
    if (pattern.kind === "links") {
      const links = pattern.links.map(({ side, person }) => `${side} ${person}`).join(", ");
      return `${pattern.ambiguous ? "one of" : "links"} ${links}`;
    }
    return `${pattern.kind} ${pattern.person}`;
  });

const vector = percent([
  [null, 10, 11, 9],
  [1, null, 1.2, 1.1],
  [0.8, 1.2, null, 25],
  [1, 0.9, 1.3, null],
]);

test("the vector of the reference: sender 0's way, and the pair 2 to 3; receiver 3 and sender 2 are not blamed", () => {
  const patterns = readPatterns(vector);
  expect(kinds(patterns)).toEqual(["sender 0", "pair 2-3"]);
  expect(patterns[0]).toMatchObject({ badShare: 1, measured: false, alone: false });
  expect(patterns[1]).toMatchObject({ kind: "pair" });
  expect(patterns[1]?.kind === "pair" && patterns[1].residual).toBeCloseTo(0.2756, 3);
});

test.each<[string, (number | null)[][], (number | null)[], string[]]>([
  [
    "nothing bad",
    [
      [null, 4.9],
      [1, null],
    ],
    [],
    [],
  ],
  [
    "exactly the limit is bad",
    [
      [null, 5],
      [1, null],
    ],
    [],
    ["one of uplink 0, downlink 1"],
  ],
  [
    "two people: the ends of the way stay possible",
    [
      [null, 12],
      [0, null],
    ],
    [],
    ["one of uplink 0, downlink 1"],
  ],
  [
    "three people, one sender bad for both others",
    [
      [null, 12, 13],
      [0, null, 0],
      [0, 0, null],
    ],
    [],
    ["links uplink 0"],
  ],
  [
    "three people, one receiver",
    [
      [null, 0, 9],
      [0, null, 9],
      [0, 0, null],
    ],
    [],
    ["links downlink 2"],
  ],
  [
    "three people, one pair: both ends work for others",
    [
      [null, 0, 9],
      [0, null, 0],
      [0, 0, null],
    ],
    [],
    ["pair 0-2"],
  ],
  [
    "a receiver of four",
    [
      [null, 0, 0, 9],
      [0, null, 0, 8],
      [0, 0, null, 7],
      [0, 0, 0, null],
    ],
    [],
    ["receiver 3"],
  ],
  [
    "nearly everything",
    [
      [null, 9, 9, 9],
      [9, null, 9, 0],
      [9, 9, null, 9],
      [9, 0, 9, null],
    ],
    [],
    ["most 0123"],
  ],
  [
    "the server's own report explains a sender's row first",
    [
      [null, 9, 9, 9],
      [0, null, 0, 9],
      [0, 0, null, 0],
      [0, 0, 0, null],
    ],
    [0.08, 0, 0, 0],
    ["sender 0", "pair 1-3"],
  ],
  [
    "a report far below the loss explains nothing",
    [
      [null, 30, 30, 30],
      [0, null, 0, 0],
      [0, 0, null, 0],
      [0, 0, 0, null],
    ],
    [0.06, 0, 0, 0],
    ["sender 0"],
  ],
  ["one sender and many listeners: downlinks are told apart", [[null, 0, 9, 0]], [], ["links downlink 2"]],
])("%s", (_name, rows, uplinks, expected) => {
  expect(kinds(readPatterns(percent(rows), uplinks))).toEqual(expected);
});

test("the only sender, bad for all: not told from the server", () => {
  expect(readPatterns(percent([[null, 9, 9, 9]]))).toMatchObject([
    { kind: "sender", alone: true, measured: false },
  ]);
  expect(readPatterns(percent([[null, 9, 9, 9]]), [0.09])).toMatchObject([
    { kind: "sender", alone: false, measured: true },
  ]);
});

test("two bad senders whose receivers also hear others well are both named", () => {
  const set = smallestFailureSet(
    [
      { sender: 0, receiver: 2 },
      { sender: 1, receiver: 2 },
      { sender: 0, receiver: 3 },
      { sender: 1, receiver: 3 },
    ],
    [
      { sender: 4, receiver: 2 },
      { sender: 4, receiver: 3 },
    ],
  );
  expect(set.ambiguous).toBe(false);
  expect(set.links.map(({ side, person }) => `${side} ${person}`)).toEqual(["uplink 0", "uplink 1"]);
});

test("as many senders as receivers, all bad: a tie, none is named alone", () => {
  const set = smallestFailureSet(
    [
      { sender: 0, receiver: 2 },
      { sender: 1, receiver: 2 },
      { sender: 0, receiver: 3 },
      { sender: 1, receiver: 3 },
    ],
    [],
  );
  expect(set.ambiguous).toBe(true);
  expect(set.candidates).toHaveLength(4);
});

const person = fc.integer({ min: 0, max: 4 });
const cells = fc.uniqueArray(fc.record({ sender: person, receiver: person }), {
  maxLength: 20,
  selector: ({ sender, receiver }) => `${sender} ${receiver}`,
});

test("the set explains every bad cell, never contradicts a good one, and none of its links is idle", () => {
  fc.assert(
    fc.property(cells, fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }), (all, isBad) => {
      const bad = all.filter((_, index) => isBad[index] ?? false);
      const good = all.filter((_, index) => !(isBad[index] ?? false));
      const { links, pairs } = smallestFailureSet(bad, good);
      const covers = (sender: number, receiver: number): boolean =>
        links.some((link) => link.person === (link.side === "uplink" ? sender : receiver));
      for (const { sender, receiver } of bad) {
        const isPair = pairs.some((pair) => pair.sender === sender && pair.receiver === receiver);
        expect(isPair || covers(sender, receiver)).toBe(true);
      }
      for (const { sender, receiver } of good) expect(covers(sender, receiver)).toBe(false);
      expect(links.length).toBeLessThanOrEqual(bad.length);
    }),
    { seed: 20_260_104, numRuns: 500 },
  );
});

test("the order of people does not matter", () => {
  const matrix = fc.integer({ min: 2, max: 5 }).chain((size) =>
    fc.tuple(
      fc.array(fc.array(fc.constantFrom(null, 0, 0.01, 0.06, 0.2), { minLength: size, maxLength: size }), {
        minLength: size,
        maxLength: size,
      }),
      fc.shuffledSubarray([...Array(size).keys()], { minLength: size, maxLength: size }),
    ),
  );
  fc.assert(
    fc.property(matrix, ([loss, order]) => {
      const shuffled = order.map((sender) => order.map((receiver) => loss[sender]?.[receiver] ?? null));
      const back = (index: number): number => order[index] ?? -1;
      const named = (patterns: readonly Pattern[], name: (index: number) => number): string[] =>
        patterns
          .map((pattern) => {
            if (pattern.kind === "pair")
              return `pair ${name(pattern.sender)} ${name(pattern.receiver)} ${pattern.residual.toFixed(6)}`;
            if (pattern.kind === "most")
              return `most ${pattern.receivers
                .map(name)
                .toSorted((a, b) => a - b)
                .join()}`;
            if (pattern.kind === "links")
              return `${pattern.ambiguous} ${pattern.links
                .map((link) => `${link.side} ${name(link.person)}`)
                .toSorted()
                .join()}`;
            return `${pattern.kind} ${name(pattern.person)} ${pattern.badShare}`;
          })
          .toSorted();
      expect(named(readPatterns(shuffled), back)).toEqual(named(readPatterns(loss), (index) => index));
    }),
    { seed: 20_260_105, numRuns: 500 },
  );
});
