import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes, ids } from "../../testing/call-builder.ts";
import { about } from "../../testing/ice-calls.ts";

const id = "impossible-stat-value";
const odd = (changes: Changes): CallBuilder => buildCall().run(20).run(1, changes).run(20);

test.each<[string, () => CallBuilder, string[]]>([
  [
    "a share of loss above 1",
    () => odd({ remoteInAudio: { fractionLost: 1.5 } }),
    ["info 21..41 session-end"],
  ],
  ["a round trip below 0", () => odd({ remoteInAudio: { roundTripTime: -1 } }), ["info 21..41 session-end"]],
  ["a level above 1", () => odd({ inAudio: { audioLevel: 32_767 } }), ["info 21..41 session-end"]],
  [
    "packetsLost far below 0",
    () => odd({ inAudio: { packetsLost: -3_000_000 } }),
    ["info 21..41 session-end"],
  ],
  ["a counter that falls", () => odd({ inAudio: { packetsReceived: -500 } }), ["info 21..41 session-end"]],
  [
    "every second: once for each member",
    () =>
      buildCall()
        .run(20)
        .run(20, { remoteInAudio: { fractionLost: 2 } }),
    ["info 21..40 session-end"],
  ],
  [
    "two members",
    () => odd({ remoteInAudio: { fractionLost: 2, roundTripTime: -1 } }),
    ["info 21..41 session-end", "info 21..41 session-end"],
  ],
  ["late packets lower packetsLost", () => odd({ inAudio: { packetsLost: -3 } }), []],
  [
    "G10: a counter begins anew with a new SSRC",
    () =>
      buildCall()
        .run(20)
        .reset("inAudio")
        .run(20, { inAudio: { ssrc: 7 } }),
    [],
  ],
  ["a healthy call", () => buildCall().run(60), []],
])("%s", (_name, build, expected) => {
  const analysis = build().analyse();
  expect(about(analysis, id)).toEqual(expected);
  expect(ids(analysis)).toEqual([]);
});

test("what is impossible is not counted as loss", () => {
  const shares = buildCall()
    .run(20)
    .run(30, { remoteInAudio: { fractionLost: 80, packetsLost: 0 } });
  expect(ids(shares.analyse())).toEqual([]);
});
