import { expect, test } from "vitest";
import { buildCall, type Changes, ids, summary } from "../../testing/call-builder.ts";

const concealed = (share: number): Changes => ({
  inAudio: { concealedSamples: 48_000 * share, concealmentEvents: 2 },
});

test.each<[string, number, string | null]>([
  ["2 %", 0.02, null],
  ["5 %", 0.05, "minor"],
  ["10 %", 0.1, "major"],
  ["30 %", 0.3, "critical"],
])("%s concealed", (_name, share, severity) => {
  const found = summary(buildCall().run(21).run(20, concealed(share)).run(40).analyse());
  expect(found).toEqual(severity === null ? [] : [`audio-concealment ${severity} 21..41`]);
});

test.each<[string, Changes]>([
  [
    "comfort noise of discontinuous transmission is silent concealment",
    { inAudio: { concealedSamples: 20_000, silentConcealedSamples: 20_000, packetsReceived: 5 } },
  ],
  ["a muted far end keeps sending", { inAudio: { totalAudioEnergy: 0 } }],
])("%s", (_name, changes) => {
  expect(ids(buildCall().run(21).run(30, changes).analyse())).toEqual([]);
});

test("silent concealment counts as far as packets are missing", () => {
  const burst: Changes = {
    inAudio: {
      concealedSamples: 13_514,
      silentConcealedSamples: 13_514,
      packetsLost: 15,
      packetsReceived: 35,
    },
  };
  const found = buildCall()
    .run(21)
    .run(20, burst)
    .analyse()
    .observations.find(({ id }) => id === "audio-concealment");
  expect(found?.severity).toBe("critical");
  expect(found?.parentId).toMatch(/^downlink-loss/);
});

test("a hiccup while buffers settle at the start is not audible trouble", () => {
  expect(ids(buildCall().run(4, concealed(0.2)).run(30).analyse())).toEqual([]);
});
