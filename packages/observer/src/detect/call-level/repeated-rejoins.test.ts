import type { SessionAnalysis } from "@peerscope/schema";
import { expect, test } from "vitest";
import { analyseCall } from "../../call-observer.ts";
import { buildCall } from "../../testing/call-builder.ts";
import { person, second } from "../../testing/call-people.ts";

/** Sessions of a minute at most, from these seconds on. */
const visits = (
  starts: readonly number[],
  change: (index: number) => Partial<SessionAnalysis> = () => ({}),
): SessionAnalysis[] =>
  starts.map((start, index) => ({
    ...person(`visit-${index}`, [], { share: { joinedAt: [second(start)] } }),
    userId: "anna",
    start: second(start),
    end: second(start + 50),
    ...change(index),
  }));

const found = (sessions: readonly SessionAnalysis[]): string[] =>
  analyseCall(sessions)
    .observations.filter(({ id }) => id === "repeated-rejoins")
    .map(
      ({ severity, peak, startedAt, clearedAt }) =>
        `${severity} ${JSON.stringify(peak?.value)} ${startedAt - second(0)}..${(clearedAt ?? 0) - second(0)}`,
    );

test.each<[string, SessionAnalysis[], string[]]>([
  ["three joins, ten minutes from the first to the last", visits([0, 300, 600]), ["minor 3 0..600000"]],
  ["five", visits([0, 100, 200, 300, 400]), ["major 5 0..400000"]],
  ["two", visits([0, 300]), []],
  ["three in more than ten minutes", visits([0, 300, 601]), []],
  ["two bursts", visits([0, 60, 120, 2000, 2060, 2120]), ["minor 3 0..120000", "minor 3 2000000..2120000"]],
  ["other people", visits([0, 100, 200], (index) => ({ userId: `person-${index}` })), []],
  ["people without a name", visits([0, 100, 200], () => ({ userId: null })), []],
  [
    "another device",
    visits([0, 100, 200], (index) => ({ context: { osName: index === 1 ? "Android" : "Linux" } })),
    [],
  ],
  ["the earlier session still runs", visits([0, 100, 200], () => ({ end: second(900) })), []],
])("%s", (_name, sessions, expected) => {
  expect(found(sessions)).toEqual(expected);
});

test("a page that is loaded again joins again", () => {
  const call = buildCall();
  for (let pages = 1; pages <= 3; pages += 1) {
    call.run(5);
    if (pages < 3)
      call
        .event("session-ended", { reason: "pagehide" })
        .skip(2)
        .event("session-resumed", { pages: pages + 1 });
  }
  expect(analyseCall([call.analyse()]).observations).toMatchObject([
    { id: "repeated-rejoins", severity: "minor", peak: { value: 3 } },
  ]);
});
