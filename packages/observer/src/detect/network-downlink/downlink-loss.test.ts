import { expect, test } from "vitest";
import { buildCall, type Changes, ids, summary } from "../../testing/call-builder.ts";

const loss = (percent: number): Changes => ({
  inAudio: { packetsLost: percent / 2, packetsReceived: 50 - percent / 2 },
});

test.each<[string, number, string | null]>([
  ["1 %", 1, null],
  ["3 %", 3, "minor"],
  ["8 %", 8, "major"],
  ["20 %", 20, "critical"],
])("%s of the audio lost on the way in", (_name, percent, severity) => {
  const found = summary(buildCall().run(21).run(20, loss(percent)).run(21).analyse());
  expect(found).toEqual(severity === null ? [] : [`downlink-loss ${severity} 21..41`]);
});

test("packets that come late after all are no loss", () => {
  const call = buildCall().run(10);
  for (let round = 0; round < 20; round += 1)
    call.run(1, { inAudio: { packetsLost: 4 } }).run(1, { inAudio: { packetsLost: -4 } });
  // The first four stay counted until they arrive; three of five steps are needed.
  expect(ids(call.analyse())).not.toContain("downlink-loss");
});

test("too few packets say nothing", () => {
  const few: Changes = { inAudio: { packetsReceived: 15, packetsLost: 5, bytesReceived: 500 } };
  expect(ids(buildCall().run(21).run(30, few).analyse())).not.toContain("downlink-loss");
});

test("a new SSRC with its own counters starts anew", () => {
  const call = buildCall()
    .run(10, loss(20))
    .reset("inAudio")
    .run(20, { inAudio: { ssrc: 7 } });
  const found = call.analyse().observations.filter(({ id }) => id === "downlink-loss");
  expect(found.map(({ endReason }) => endReason)).toEqual(["subject-removed"]);
});

test("packets that come late are no loss from the first one on; what stays lost beside them is, a little later", () => {
  const uneven = 0.035;
  const late = buildCall().run(21);
  for (let count = 0; count < 10; count += 1) {
    late
      .run(1, { inAudio: { jitter: uneven, packetsLost: 6 }, inVideo: { packetsLost: 4 } })
      .run(1, { inAudio: { jitter: uneven, packetsLost: -6 }, inVideo: { packetsLost: -4 } });
  }
  expect(ids(late.run(20).analyse())).toEqual(["downlink-jitter"]);
  const lost = buildCall()
    .run(21)
    .run(20, { inAudio: { jitter: uneven, packetsLost: 3 } })
    .run(20);
  expect(summary(lost.analyse())).toContainEqual(expect.stringMatching(/^downlink-loss major 2[123]/));
});
