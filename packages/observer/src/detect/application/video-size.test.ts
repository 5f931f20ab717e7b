import type { EventData } from "@peerscope/schema";
import { describe, expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes, ids, summary } from "../../testing/call-builder.ts";

const larger = "video-larger-than-shown";
const smaller = "video-smaller-than-shown";

/** The element that shows the received picture, at a size in device pixels. */
const element = (
  displayWidth: number,
  displayHeight: number,
  change: Partial<EventData["media-element-changed"]> = {},
): EventData["media-element-changed"] => ({
  elementId: "el-1",
  tagName: "video",
  trackIds: ["far-mic", "far-cam"],
  paused: false,
  muted: false,
  volume: 1,
  videoWidth: 640,
  videoHeight: 360,
  displayWidth,
  displayHeight,
  ...change,
});

/** A call whose picture of 640 x 360 is shown at a size. */
const shownAt = (width: number, height: number): CallBuilder =>
  buildCall().event("media-element-changed", element(width, height));

const mine = (call: CallBuilder): string[] =>
  ids(call.analyse()).filter((found) => found === larger || found === smaller);

describe("larger than shown", () => {
  test.each<[string, number, number, boolean]>([
    ["a sixth of the pixels", 256, 144, true],
    ["a quarter of the pixels is the limit", 320, 180, false],
    ["all of them", 640, 360, false],
  ])("%s", (_name, width, height, raised) => {
    expect(mine(shownAt(width, height).run(60))).toEqual(raised ? [larger] : []);
  });

  test("it takes half a minute, and ends half a minute after the element grew", () => {
    const call = shownAt(160, 90).run(40);
    expect(mine(call)).toEqual([]);
    expect(mine(call.run(15))).toEqual([larger]);
    const { observations } = call.event("media-element-changed", element(640, 360)).run(60).analyse();
    const [found] = observations.filter(({ id }) => id === larger);
    expect(found).toMatchObject({ severity: "minor", endReason: "cleared", domainHint: "application" });
    const wasted = found?.evidence.find(({ field }) => field === "wastedBitrate");
    expect(wasted).toMatchObject({ unit: "bit/s", value: 450_000 });
  });

  test("the app is named: what arrives and what is shown are both known here", () => {
    expect(shownAt(160, 90).run(60).analyse().verdict).toMatchObject({
      faultDomain: "application",
      statedCause: larger,
    });
  });

  test.each<[string, () => CallBuilder]>([
    ["no element shows it", () => shownAt(0, 0).run(60)],
    ["it costs next to nothing", () => shownAt(160, 90).run(60, { inVideo: { bytesReceived: 12_000 } })],
    [
      "the page is hidden",
      () => shownAt(160, 90).event("page-visibility-changed", { visible: false }).run(60),
    ],
    [
      "a larger element shows it too",
      () =>
        shownAt(160, 90)
          .event("media-element-changed", element(640, 360, { elementId: "el-2" }))
          .run(60),
    ],
    [
      "it goes from full screen to tile and back",
      () => {
        const call = buildCall();
        for (let round = 0; round < 12; round += 1) {
          const [width, height] = round % 2 === 0 ? [160, 90] : [1280, 720];
          call.event("media-element-changed", element(width ?? 0, height ?? 0)).run(5);
        }
        return call;
      },
    ],
    ["the stream has just begun", () => shownAt(160, 90).run(40)],
    [
      "a layer is being switched",
      () => {
        const call = shownAt(160, 90).run(16);
        for (let round = 0; round < 15; round += 1) {
          call.run(4, { inVideo: { frameHeight: round % 2 === 0 ? 720 : 360 } });
        }
        return call;
      },
    ],
  ])("%s: expected", (_name, call) => {
    expect(mine(call())).toEqual([]);
  });
});

describe("smaller than shown", () => {
  const small: Changes = { inVideo: { frameWidth: 320, frameHeight: 180 } };

  test.each<[string, number, number, Changes, boolean]>([
    ["nine times the pixels", 960, 540, small, true],
    ["four times is the limit", 640, 360, small, false],
    [
      "a common camera on a very large screen",
      3840,
      2160,
      { inVideo: { frameWidth: 1280, frameHeight: 720 } },
      false,
    ],
    [
      "a portrait picture in a wide element is shown whole",
      1280,
      360,
      { inVideo: { frameWidth: 180, frameHeight: 320 } },
      false,
    ],
  ])("%s", (_name, width, height, changes, raised) => {
    expect(mine(shownAt(width, height).run(50, changes))).toEqual(raised ? [smaller] : []);
  });

  test("it ends 20 s after a larger layer came, and names nobody", () => {
    const { observations, verdict } = shownAt(1280, 720)
      .run(50, small)
      .run(40, { inVideo: { frameWidth: 1280, frameHeight: 720 } })
      .analyse();
    const [found] = observations.filter(({ id }) => id === smaller);
    expect(found).toMatchObject({ severity: "minor", endReason: "cleared", domainHint: "unknown" });
    expect(verdict).toMatchObject({ faultDomain: "unknown", statedCause: null });
  });

  test.each<[string, () => CallBuilder]>([
    [
      "a small window is shared on a large screen",
      () => shownAt(1280, 720).run(60, { inVideo: { ...small.inVideo, contentType: "screenshare" } }),
    ],
    ["the stream has just begun", () => shownAt(1280, 720).run(30, small)],
    [
      "the page is hidden",
      () => shownAt(1280, 720).event("page-visibility-changed", { visible: false }).run(60, small),
    ],
    [
      "the element has just grown",
      () =>
        shownAt(320, 180).run(30, small).event("media-element-changed", element(1280, 720)).run(20, small),
    ],
    [
      "a layer is being switched",
      () => {
        const call = shownAt(1280, 720).run(16);
        for (let round = 0; round < 12; round += 1) {
          call.run(4, { inVideo: { frameWidth: 320, frameHeight: round % 2 === 0 ? 180 : 179 } });
        }
        return call;
      },
    ],
    [
      "the track was replaced a moment ago",
      () => {
        const call = shownAt(1280, 720).run(16);
        for (let round = 0; round < 12; round += 1) {
          call
            .event("sender-track-replaced", { from: "cam", to: "other", kind: "video" }, true)
            .run(4, small);
        }
        return call;
      },
    ],
  ])("%s: expected", (_name, call) => {
    expect(mine(call())).toEqual([]);
  });
});

test("where nothing tells the size on the screen, neither is computable", () => {
  const { verdict } = buildCall().run(30).analyse();
  expect(verdict.missing.map(({ what }) => what)).toEqual(expect.arrayContaining([larger, smaller]));
});

test("hostile events do no harm, and a page that went takes its elements along", () => {
  const call = shownAt(160, 90);
  call.records.push({
    kind: "event",
    at: call.now,
    name: "media-element-changed",
    data: { elementId: 7, trackIds: "x" },
  });
  expect(summary(call.event("session-resumed", { pages: 2 }).run(60).analyse())).toEqual([]);
});
