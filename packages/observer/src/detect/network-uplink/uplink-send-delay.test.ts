import { expect, test } from "vitest";
import { buildCall, type Changes, ids, summary } from "../../testing/call-builder.ts";

const waiting = (ms: number, more = {}): Changes => ({
  outVideo: { totalPacketSendDelay: (60 * ms) / 1000, ...more },
});

test.each<[string, Changes, RegExp[]]>([
  ["15 ms", waiting(15), []],
  ["40 ms", waiting(40), [/^uplink-send-delay minor/]],
  ["200 ms", waiting(200), [/^uplink-send-delay major/]],
  ["200 ms of a shared screen", waiting(200, { contentType: "screenshare" }), []],
  ["200 ms of a few packets", waiting(200, { packetsSent: 3, totalPacketSendDelay: 0.6 }), []],
])("packets wait %s", (_name, changes, expected) => {
  const found = summary(buildCall().run(21).run(20, changes).run(40).analyse());
  expect(found.filter((line) => line.startsWith("uplink-send"))).toEqual(
    expected.map((line) => expect.stringMatching(line)),
  );
});

test("one key frame in a burst is no finding", () => {
  expect(ids(buildCall().run(21).run(1, waiting(60)).run(30).analyse())).toEqual([]);
});

test("the ramp-up is not judged", () => {
  expect(ids(buildCall().run(10, waiting(60)).run(30).analyse())).toEqual([]);
});

test("it ends when packets no longer wait, and when the camera is switched off", () => {
  const ends = (changes: Changes): (number | null)[] =>
    buildCall()
      .run(21)
      .run(20, waiting(40))
      .run(60, changes)
      .analyse()
      .observations.filter(({ endReason }) => endReason === "cleared")
      .map(({ startedAt, clearedAt }) => Math.round(((clearedAt ?? 0) - startedAt) / 1000));
  for (const length of [
    ends({}),
    ends({ outVideo: { packetsSent: 0, bytesSent: 0, framesEncoded: 0 }, camSource: { frames: 0 } }),
  ]) {
    expect(length).toHaveLength(1);
    // Ten seconds and a little more: older packets count on for a while.
    expect(length[0]).toBeGreaterThan(15);
    expect(length[0]).toBeLessThan(40);
  }
});

test("a browser without the delay cannot say", () => {
  const { verdict } = buildCall()
    .run(40, { outVideo: { totalPacketSendDelay: null } })
    .analyse();
  expect(verdict.missing.map(({ what }) => what)).toContain("uplink-send-delay");
});

test("held back packets are a cause only when they wait long, and nobody noticed anything of the way", () => {
  const stated = (changes: Changes): string | null =>
    buildCall().run(21).run(20, changes).run(40).analyse().verdict.statedCause;
  expect(stated(waiting(40))).toBeNull();
  expect(stated(waiting(200))).toBe("uplink-send-delay");
  expect(stated({ ...waiting(200), remoteInAudio: { jitter: 0.016 } })).toBeNull();
});
