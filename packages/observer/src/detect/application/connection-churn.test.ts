import type { EventName, SessionRecord } from "@peerscope/schema";
import { expect, test } from "vitest";
import { analyseRecords, callStart } from "../../testing/call-builder.ts";
import { about, evidenceOf } from "../../testing/ice-calls.ts";

const id = "connection-churn";

interface Life {
  readonly from: number;
  readonly to?: number;
}

/** Connections that live from and to these seconds. */
function session(
  lives: readonly Life[],
  seconds: number,
  reloadsAt: readonly number[] = [],
): SessionRecord[] {
  const records: SessionRecord[] = [];
  const event = (at: number, name: EventName, connectionId?: string, data = {}): void => {
    records.push({
      kind: "event",
      at: callStart + at * 1000,
      name,
      data,
      ...(connectionId === undefined ? {} : { connectionId }),
    });
  };
  event(0, "page-visibility-changed", undefined, { visible: true });
  for (const [index, { from, to }] of lives.entries()) {
    event(from, "connection-created", `pc-${index}`);
    if (to !== undefined) event(to, "connection-closed", `pc-${index}`);
  }
  for (const at of reloadsAt) {
    event(at - 0.01, "session-ended", undefined, { reason: "pagehide" });
    event(at, "session-resumed", undefined, { pages: 2 });
  }
  for (let at = 1; at < seconds; at += 1) event(at + 0.5, "network-information-changed");
  return records.sort((a, b) => a.at - b.at);
}

const every = (seconds: number, count: number, life: number | null): Life[] =>
  Array.from({ length: count }, (_, index) => ({
    from: 1 + index * seconds,
    ...(life === null ? {} : { to: 1 + index * seconds + life }),
  }));

test.each<[string, SessionRecord[], string[]]>([
  [
    "four in 30 s, each for 5 s",
    session([...every(10, 3, 5), { from: 31 }], 60),
    ["minor 1..60 session-end"],
  ],
  ["three", session(every(10, 3, 5), 60), []],
  ["four in 90 s", session(every(30, 4, 5), 120), []],
  ["each for 17 s", session(every(18, 4, 17), 100), []],
  ["several people join, and stay", session(every(2, 8, null), 100), []],
  [
    "several people join, one tries twice",
    session([...every(2, 5, null), { from: 12, to: 14 }, { from: 15 }], 60),
    [],
  ],
  ["the page is reloaded", session(every(10, 4, null), 60, [5, 15, 25]), []],
  ["none for 120 s", session([...every(10, 3, 5), { from: 31 }], 200), ["minor 1..31 cleared"]],
])("%s", (_name, records, expected) => {
  expect(about(analyseRecords(records), id)).toEqual(expected);
});

test("how many, and how long they lived", () => {
  const analysis = analyseRecords(session(every(10, 4, 5), 60));
  expect(evidenceOf(analysis, id)).toEqual({
    "derived.connectionsCreated": 4,
    "derived.connectionsEnded": 3,
    "derived.medianLifeSeconds": 5,
  });
  expect(analysis.verdict).toMatchObject({ statedCause: id, faultDomain: "application" });
});
