import type { SessionRecord, StatsObject } from "@peerscope/schema";
import { expect, test } from "vitest";
import {
  analyseRecords,
  buildCall,
  type CallBuilder,
  type Changes,
  ids,
  summary,
} from "../../testing/call-builder.ts";

const frozen: Changes = { inVideo: { framesDecoded: 0 } };
const booked = (seconds: number): Changes => ({ inVideo: { freezeCount: 1, totalFreezesDuration: seconds } });

test.each<[string, number, string[]]>([
  ["half a second", 0.5, []],
  ["0.9 s, 3 % of half a minute", 0.9, ["video-freeze minor 21..23"]],
])("one freeze of %s", (_name, seconds, expected) => {
  expect(summary(buildCall().run(21).run(1, booked(seconds)).run(60).analyse())).toEqual(expected);
});

test("a freeze that still runs is seen, and not counted twice when it is booked", () => {
  const call = buildCall().run(21).run(4, frozen);
  expect(summary(call.analyse())).toEqual(["video-freeze major 21..25"]);
  const [freeze] = call
    .run(1, { inVideo: { pauseCount: 1, totalPausesDuration: 4.2 } })
    .run(60)
    .analyse().observations;
  expect(Number(freeze?.peak?.value)).toBeGreaterThan(13);
  expect(Number(freeze?.peak?.value)).toBeLessThan(15);
});

test("two short freezes in half a minute are a rate", () => {
  expect(
    summary(buildCall().run(21).run(1, booked(0.2)).run(9).run(1, booked(0.2)).run(60).analyse()),
  ).toEqual(["video-freeze minor 21..33"]);
});

test.each<[string, ReturnType<typeof buildCall>]>([
  [
    "the tab is hidden",
    buildCall().run(21).event("page-visibility-changed", { visible: false }).run(20, frozen),
  ],
  [
    "a screen share stands still",
    buildCall()
      .run(20, { inVideo: { contentType: "screenshare" } })
      .run(20, { inVideo: { contentType: "screenshare", framesDecoded: 0 } }),
  ],
  [
    "nothing arrives and nobody says that it is sent",
    buildCall()
      .run(21)
      .run(20, { inVideo: { framesDecoded: 0, packetsReceived: 0 }, remoteOutVideo: null }),
  ],
  ["the first frame takes its time", buildCall().run(4, frozen).run(21)],
])("%s: expected", (_name, call) => {
  expect(ids(call.analyse())).toEqual([]);
});

test("without decoded frames in the statistics it is not computable", () => {
  const { verdict } = buildCall()
    .run(20, { inVideo: { framesDecoded: null } })
    .analyse();
  expect(verdict.missing.map(({ what }) => what)).toContain("video-freeze");
});

/**
 * A received picture by the times of its frames (s), sampled each second as a browser counts it: a freeze is a gap of three average
 * gaps of the last 30 frames, and of 150 ms more than one (w3c webrtc-stats).
 */
function runFrames(call: CallBuilder, frames: readonly number[], seconds: number, lost = 0): CallBuilder {
  const gaps: number[] = [];
  let last: number | null = null;
  let next = 0;
  for (let second = 1; second <= seconds; second += 1) {
    const sums = { frames: 0, delay: 0, squared: 0, freezes: 0, frozen: 0 };
    for (; (frames[next] ?? Number.POSITIVE_INFINITY) < second; next += 1) {
      const at = frames[next] ?? 0;
      sums.frames += 1;
      if (last !== null) {
        const gap = at - last;
        const recent = gaps.slice(-30);
        const average = recent.reduce((sum, one) => sum + one, 0) / Math.max(1, recent.length);
        if (recent.length > 0 && gap >= Math.max(3 * average, average + 0.15)) {
          sums.freezes += 1;
          sums.frozen += gap;
        }
        gaps.push(gap);
        sums.delay += gap;
        sums.squared += gap * gap;
      }
      last = at;
    }
    call.run(1, {
      inVideo: {
        framesReceived: sums.frames,
        framesDecoded: sums.frames,
        framesPerSecond: sums.frames,
        packetsLost: sums.freezes > 0 ? lost : 0,
        freezeCount: sums.freezes,
        totalFreezesDuration: sums.frozen,
        totalInterFrameDelay: sums.delay,
        totalSquaredInterFrameDelay: sums.squared,
      },
    });
  }
  return call;
}

/** Frames at each rate for its seconds; the rate changes `phase` s after a sample. */
function paced(phase: number, ...parts: readonly (readonly [rate: number, seconds: number])[]): number[] {
  const frames: number[] = [];
  let from = phase - 1;
  for (const [rate, seconds] of parts) {
    for (let frame = 0; frame < rate * seconds; frame += 1) frames.push(from + frame / rate);
    from += seconds;
  }
  return frames.filter((at) => at >= 0);
}

const phases = [0.01, 0.13, 0.29, 0.41, 0.57, 0.73, 0.89, 0.99];

test.each([2, 3, 5, 8])("a camera that goes down to %s frames a second does not freeze", (rate) => {
  for (const phase of phases) {
    const call = runFrames(buildCall(), paced(phase, [30, 25], [rate, 30], [30, 20]), 70);
    const booked = call.records.at(-1);
    const video =
      booked?.kind === "sample" ? booked.stats.find(({ id }) => id === "IV")?.["freezeCount"] : null;
    // The browser does call these gaps freezes; else this would prove nothing.
    if (rate <= 5) expect(Number(video)).toBeGreaterThan(0);
    expect(ids(call.analyse()), `phase ${phase}`).toEqual([]);
  }
});

/** 30 frames a second with a hole of `hole` s every `every` s. */
function holed(phase: number, every: number, hole: number): number[] {
  return paced(phase, [30, 70]).filter((at) => at < 25 || (at - phase) % every > hole);
}

test.each<[string, number, number, number]>([
  ["without loss", 5, 0.9, 0],
  ["with loss", 5, 0.9, 3],
  ["every second second", 2, 0.6, 0],
])("holes in a picture that else comes at 30 frames a second are freezes, %s", (_name, every, hole, lost) => {
  for (const phase of phases) {
    const analysis = runFrames(buildCall(), holed(phase, every, hole), 70, lost).analyse();
    expect(ids(analysis), `phase ${phase}`).toContain("video-freeze");
  }
});

test("a low frame rate on a way that loses packets may be the way's doing", () => {
  const call = runFrames(buildCall(), paced(0.3, [30, 25], [2, 30]), 55, 4);
  expect(ids(call.analyse())).toContain("video-freeze");
});

test("with both ends in one session, the sender's low frame rate is counter evidence", () => {
  const withSender = (framesPerSecond: number): SessionRecord[] =>
    buildCall()
      .run(21)
      .run(1, booked(0.9))
      .run(60)
      .records.flatMap((record): SessionRecord[] => {
        if (record.kind !== "sample") return [record];
        const sent: StatsObject = {
          id: "OV",
          type: "outbound-rtp",
          timestamp: record.at,
          kind: "video",
          ssrc: 1002,
          framesPerSecond,
        };
        return [{ ...record, connectionId: "far", stats: [sent] }, record];
      });
  const [slow] = analyseRecords(withSender(2)).observations;
  expect(slow).toMatchObject({
    id: "video-freeze",
    counter: [{ stat: "outbound-rtp", field: "framesPerSecond", value: 2, limit: 15 }],
  });
  expect(analyseRecords(withSender(30)).observations[0]).toMatchObject({ id: "video-freeze", counter: [] });
});

/** The sender has no picture for a while and says so; the browser books a pause when the next one is shown. */
function pausedBySender(reported: number, seconds = 15): CallBuilder {
  const none = { packetsReceived: 0, bytesReceived: 0, framesReceived: 0, framesDecoded: 0 };
  const call = buildCall().run(21);
  call.run(seconds, { inVideo: none, remoteOutVideo: { packetsSent: reported } });
  // No new report has come when the first frame is there.
  const old = { timestamp: call.now - 800, packetsSent: 0 };
  return call
    .run(1, { inVideo: { pauseCount: 1, totalPausesDuration: seconds }, remoteOutVideo: old })
    .run(40);
}

test("a sender that sent no picture for a while is no freeze, also before its next report", () => {
  expect(ids(pausedBySender(0).analyse())).toEqual([]);
  expect(ids(pausedBySender(60).analyse())).toContain("video-freeze");
  // One report in the gap does not tell whether anything was sent.
  expect(ids(pausedBySender(60, 2).analyse())).toContain("video-freeze");
});
