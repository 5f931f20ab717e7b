import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Change } from "../../testing/call-builder.ts";
import { about, addStats, evidenceOf, notComputable } from "../../testing/ice-calls.ts";

const id = "relay-detour";
const relay = {
  id: "L",
  type: "local-candidate",
  candidateType: "relay",
  relayProtocol: "udp",
  url: "turn:far.example:3478?transport=udp",
};
/** A pair that needs no relay, and answers in this time. */
const direct = (seconds: number): Parameters<typeof addStats>[2] => [
  { id: "L2", type: "local-candidate", candidateType: "host", protocol: "udp" },
  {
    id: "CP2",
    type: "candidate-pair",
    localCandidateId: "L2",
    remoteCandidateId: "R",
    state: "succeeded",
    currentRoundTripTime: seconds,
  },
];
const relayed = (
  call: CallBuilder,
  seconds: number,
  roundTrip: number,
  { more = [], pair = {} }: { more?: Parameters<typeof addStats>[2]; pair?: Change } = {},
): CallBuilder =>
  addStats(call.run(seconds, { pair: { currentRoundTripTime: roundTrip, ...pair } }), seconds, [
    relay,
    ...more,
  ]);

test.each<[string, () => CallBuilder, string[]]>([
  ["290 ms", () => relayed(buildCall(), 30, 0.29), []],
  ["310 ms", () => relayed(buildCall(), 30, 0.31), ["minor 1..29 session-end"]],
  ["510 ms", () => relayed(buildCall(), 30, 0.51), ["major 1..29 session-end"]],
  ["400 ms without a relay", () => buildCall().run(30, { pair: { currentRoundTripTime: 0.4 } }), []],
  ["short again", () => relayed(relayed(buildCall(), 30, 0.4), 20, 0.2), ["minor 1..29 cleared"]],
  ["another path", () => relayed(buildCall(), 30, 0.4).run(10), ["minor 1..31 cleared"]],
  ["a queue: it was short before", () => relayed(relayed(buildCall(), 30, 0.05), 40, 0.6), []],
  ["a direct path is as slow", () => relayed(buildCall(), 30, 0.4, { more: direct(0.38) }), []],
  [
    "ICE restarts again and again",
    () => {
      const call = buildCall();
      for (let index = 0; index < 6; index += 1) {
        relayed(call, 5, 0.4, { pair: { id: `P${index}` } });
        for (const [place, record] of call.records.entries()) {
          if (record.kind !== "sample" || place < call.records.length - 5) continue;
          call.records[place] = {
            ...record,
            stats: record.stats.map((stats) =>
              stats.type === "transport" ? { ...stats, selectedCandidatePairId: `P${index}` } : stats,
            ),
          };
        }
      }
      return call;
    },
    [],
  ],
])("%s", (_name, call, expected) => {
  expect(about(call().analyse(), id)).toEqual(expected);
});

test("a faster direct path was measured: the relay is named, and the long round trip stands under it", () => {
  const analysis = relayed(buildCall(), 30, 0.4, { more: direct(0.05) }).analyse();
  expect(evidenceOf(analysis, id)).toMatchObject({
    "derived.directRoundTripTime": 50,
    "local-candidate.url": relay.url,
  });
  expect(analysis.verdict).toMatchObject({ statedCause: id, faultDomain: "turn" });
  const [found] = analysis.observations.filter((of) => of.id === id);
  expect(analysis.observations.find((of) => of.id === "high-rtt")?.parentId).toBe(found?.key);
});

test("without it the way may just be long: nobody is named", () => {
  const { verdict } = relayed(buildCall(), 30, 0.4).analyse();
  expect(verdict).toMatchObject({ statedCause: id, faultDomain: "unknown" });
  expect(verdict.missing.map(({ what }) => what)).toContain("the round trip of a direct path");
});

test("no round trip of the pair: not computable", () => {
  const call = buildCall().run(30, { pair: { currentRoundTripTime: null } });
  expect(notComputable(addStats(call, 30, [relay]).analyse())).toContain(id);
});
