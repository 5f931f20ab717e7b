import type { SessionRecord } from "@peerscope/schema";
import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes } from "../../testing/call-builder.ts";
import { about, addStats, evidenceOf, notComputable } from "../../testing/ice-calls.ts";

const id = "playout-glitches";

/** A call whose loudspeaker makes up a share of what it plays, second by second. */
function played(shares: readonly number[], changes: Changes = {}): CallBuilder {
  return play(buildCall(), shares, { played: 0, filled: 0 }, changes);
}

function play(
  call: CallBuilder,
  shares: readonly number[],
  total: { played: number; filled: number },
  changes: Changes = {},
): CallBuilder {
  for (const share of shares) {
    total.played += 1;
    total.filled += share;
    addStats(call.run(1, changes), 1, [
      {
        id: "AP",
        type: "media-playout",
        kind: "audio",
        synthesizedSamplesDuration: total.filled,
        synthesizedSamplesEvents: Math.ceil(total.filled * 10),
        totalSamplesDuration: total.played,
        totalSamplesCount: total.played * 48_000,
        totalPlayoutDelay: total.played * 48_000 * 0.02,
      },
    ]);
  }
  return call;
}

const seconds = (count: number, share = 0): number[] => Array.from({ length: count }, () => share);

test.each<[string, () => CallBuilder, string[]]>([
  [
    "2 % for 20 s",
    () => played([...seconds(21), ...seconds(20, 0.02), ...seconds(30)]),
    ["minor 21..41 cleared"],
  ],
  [
    "10 % for 20 s",
    () => played([...seconds(21), ...seconds(20, 0.1), ...seconds(30)]),
    ["major 21..41 cleared"],
  ],
  ["0.9 %", () => played([...seconds(21), ...seconds(40, 0.009)]), []],
  ["one hiccup of 80 ms", () => played([...seconds(21), 0.08, ...seconds(30)]), []],
  ["less than 7 s were played", () => played(seconds(6, 0.2)), []],
  [
    "the page is hidden",
    () => {
      const total = { played: 0, filled: 0 };
      const call = play(buildCall(), seconds(21), total).event("page-visibility-changed", { visible: false });
      return play(call, seconds(30, 0.1), total);
    },
    [],
  ],
  [
    "the sound goes to another device",
    () => {
      const total = { played: 0, filled: 0 };
      const call = play(buildCall(), seconds(21), total).event("api-settled", {
        callId: 1,
        method: "setSinkId",
        outcome: "fulfilled",
        durationMs: 20,
      });
      return play(play(call, seconds(4, 0.2), total), seconds(20), total);
    },
    [],
  ],
  [
    "the machine slept",
    () => {
      const total = { played: 0, filled: 0 };
      const call = play(buildCall(), seconds(21), total).skip(600);
      total.filled += 100;
      total.played += 100;
      return play(call, seconds(20), total);
    },
    [],
  ],
])("%s", (_name, build, expected) => {
  expect(about(build().analyse(), id)).toEqual(expected);
});

test("it is this person's device: what arrived was complete", () => {
  const analysis = played([...seconds(21), ...seconds(30, 0.1)]).analyse();
  expect(Number(evidenceOf(analysis, id)["media-playout.synthesizedSamplesDuration"])).toBeGreaterThan(1);
  expect(analysis.verdict).toMatchObject({ statedCause: id, faultDomain: "receiver-device" });
});

test("beside loss on the way in, the stutter alone does not name the device", () => {
  const analysis = played(seconds(60, 0.1), { inAudio: { packetsLost: 6 } }).analyse();
  expect(analysis.verdict.faultDomain).not.toBe("receiver-device");
});

test("two connections report the same loudspeaker: it is found once", () => {
  const call = played(seconds(60, 0.1));
  const second = call.records.flatMap((record): SessionRecord[] =>
    record.kind === "sample" ? [record, { ...record, connectionId: "pc-2" }] : [record],
  );
  call.records.splice(0, call.records.length, ...second);
  expect(about(call.analyse(), id)).toHaveLength(1);
});

test("a browser without media-playout cannot tell", () => {
  expect(notComputable(buildCall().run(30).analyse())).toContain(id);
});
