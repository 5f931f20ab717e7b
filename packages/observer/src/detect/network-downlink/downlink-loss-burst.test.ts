import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes, ids, summary } from "../../testing/call-builder.ts";

const id = "downlink-loss-burst";
const burst = (percent: number): Changes => ({
  inAudio: { packetsLost: percent / 2, packetsReceived: 50 - percent / 2 },
});
const twice = (percent: number): CallBuilder =>
  buildCall().run(20).run(1, burst(percent)).run(10).run(1, burst(percent)).run(70);

test("two short dense losses in a minute, and none for a minute ends it", () => {
  const analysis = twice(40).analyse();
  expect(summary(analysis)).toEqual([`${id} minor 20..32`]);
  expect(analysis.observations[0]).toMatchObject({ endReason: "cleared" });
  expect(analysis.observations[0]?.evidence).toContainEqual(
    expect.objectContaining({ field: "burstLossPercent", value: 40 }),
  );
});

test.each<[string, () => CallBuilder, boolean]>([
  ["30 % is a burst", () => twice(30), true],
  ["28 % is none", () => twice(28), false],
  ["one burst is no pattern", () => buildCall().run(20).run(1, burst(40)).run(70), false],
  [
    "two bursts more than a minute apart are two single ones",
    () => buildCall().run(20).run(1, burst(40)).run(65).run(1, burst(40)).run(20),
    false,
  ],
])("%s", (_name, call, raised) => {
  expect(ids(call().analyse())).toEqual(raised ? [id] : []);
});

test("loss that is high on average is downlink-loss, however it is spread", () => {
  const call = buildCall().run(4);
  for (let round = 0; round < 12; round += 1) call.run(1, burst(60)).run(3);
  expect(ids(call.analyse())).not.toContain(id);
});

test("what a gap swallowed is counted when packets come back: an outage, no burst", () => {
  const gap: Changes = {
    inAudio: { packetsReceived: 0, bytesReceived: 0 },
    remoteOutAudio: { packetsSent: 0 },
  };
  const call = buildCall().run(20);
  for (let round = 0; round < 2; round += 1) {
    call
      .run(3, gap)
      .run(1, { inAudio: { packetsReceived: 50, packetsLost: 150 } })
      .run(10);
  }
  expect(ids(call.analyse())).not.toContain(id);
});

test("a picture that lost the packets of a large frame is not judged beside sound; alone it is", () => {
  const large: Changes = { inVideo: { packetsLost: 30, packetsReceived: 30 } };
  const quiet: Changes = { inAudio: null, remoteOutAudio: null };
  expect(ids(buildCall().run(20).run(1, large).run(10).run(1, large).run(20).analyse())).not.toContain(id);
  const alone = buildCall()
    .run(20, quiet)
    .run(1, { ...quiet, ...large })
    .run(10, quiet)
    .run(1, { ...quiet, ...large })
    .run(20, quiet);
  expect(ids(alone.analyse())).toContain(id);
});

test("a handover of the path, and an end that is intended", () => {
  const other = { id: "CP2" };
  const transport = { selectedCandidatePairId: "CP2" };
  const moved = buildCall()
    .run(20)
    .run(1, { ...burst(40), pair: other, transport })
    .run(1, { pair: other, transport })
    .run(1, { ...burst(40), pair: other, transport })
    .run(2, { pair: other, transport })
    .event("connection-closed", {}, true);
  expect(ids(moved.analyse())).toEqual([]);
  const ended = buildCall()
    .run(20)
    .run(1, burst(40))
    .run(2)
    .event("track-state-changed", {
      trackId: "far-mic",
      kind: "audio",
      direction: "remote",
      enabled: true,
      muted: false,
      readyState: "ended",
    })
    .run(1, burst(40))
    .run(5);
  expect(ids(ended.analyse())).toEqual([]);
});

test("samples two seconds apart do not show it", () => {
  const { verdict, observations } = buildCall(2)
    .run(20)
    .run(2, burst(60))
    .run(10)
    .run(2, burst(60))
    .analyse();
  expect(observations.map((found) => found.id)).not.toContain(id);
  expect(verdict.missing.map(({ what }) => what)).toContain(id);
});
