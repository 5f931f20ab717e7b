import type { JsonValue } from "@peerscope/schema";
import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Changes } from "../../testing/call-builder.ts";

const id = "sender-bitrate-capped";

/** The app sets the encodings of the sender with mid 1. */
function withCap(call: CallBuilder, maxBitrate: number | null): CallBuilder {
  const encodings: JsonValue = [maxBitrate === null ? {} : { maxBitrate }];
  const parameters = { transceiver: { mid: "1", receiverTrackId: "far-cam" }, parameters: { encodings } };
  return call.event("api-called", { callId: 1, method: "setParameters", arguments: parameters }, true);
}

const connected = (): CallBuilder =>
  buildCall().event("connection-state-changed", { state: "connected" }, true);

const poor: Changes = {
  outVideo: { targetBitrate: 150_000, qualityLimitationReason: "none", frameHeight: 180, frameWidth: 320 },
  camSource: { height: 720 },
};

function found(call: CallBuilder): string[] {
  return call
    .analyse()
    .observations.filter((observation) => observation.id === id)
    .map(({ severity, endReason }) => `${severity} ${endReason}`);
}

test("at the cap with a poor picture and a line that carries more: information, until the cap is raised", () => {
  expect(found(withCap(connected(), 150_000).run(60, poor))).toEqual(["info session-end"]);
  for (const later of [600_000, null]) {
    const raised = withCap(withCap(connected(), 150_000).run(60, poor), later);
    expect(found(raised.run(40, { camSource: { height: 720 } }))).toEqual(["info cleared"]);
  }
});

test("the cap may have been set before the sender had a mid, or with the transceiver", () => {
  const early = connected()
    .event(
      "api-called",
      {
        callId: 1,
        method: "setParameters",
        arguments: {
          transceiver: { mid: null, receiverTrackId: "far-cam" },
          parameters: { encodings: [{ maxBitrate: 150_000 }] },
        },
      },
      true,
    )
    .event(
      "transceiver-changed",
      {
        mid: "1",
        kind: "video",
        direction: "sendrecv",
        currentDirection: null,
        senderTrackId: "cam",
        receiverTrackId: "far-cam",
      },
      true,
    );
  expect(found(early.run(60, poor))).toEqual(["info session-end"]);
  const added = connected().event(
    "api-called",
    {
      callId: 1,
      method: "addTransceiver",
      arguments: {
        track: { trackId: "cam", kind: "video" },
        init: { sendEncodings: [{ maxBitrate: 150_000 }] },
      },
    },
    true,
  );
  expect(found(added.run(60, poor))).toEqual(["info session-end"]);
});

test("a high quantiser is a poor picture too", () => {
  const withQp = (qp: number): CallBuilder => {
    const call = withCap(connected(), 150_000);
    const outVideo = { ...poor.outVideo, frameHeight: 720, codecId: "C" };
    for (let second = 1; second <= 60; second += 1) {
      call.run(1, { ...poor, outVideo: { ...outVideo, qpSum: second * 30 * qp } });
      const sample = call.records.at(-1);
      if (sample?.kind === "sample") {
        call.records[call.records.length - 1] = {
          ...sample,
          stats: [...sample.stats, { id: "C", type: "codec", timestamp: call.now, mimeType: "video/VP8" }],
        };
      }
    }
    return call;
  };
  expect(found(withQp(110))).toEqual(["info session-end"]);
  expect(found(withQp(60))).toEqual([]);
});

test.each<[string, () => CallBuilder]>([
  ["no cap was set", () => withCap(connected(), null).run(60, poor)],
  ["the cap is not reached", () => withCap(connected(), 165_000).run(60, poor)],
  [
    "the picture is whole",
    () => withCap(connected(), 150_000).run(60, { ...poor, camSource: { height: 180 } }),
  ],
  [
    "the estimate of the line is near the cap",
    () => withCap(connected(), 150_000).run(60, { ...poor, pair: { availableOutgoingBitrate: 180_000 } }),
  ],
  [
    "the browser names another limit",
    () =>
      withCap(connected(), 150_000).run(60, {
        ...poor,
        outVideo: { ...poor.outVideo, qualityLimitationReason: "bandwidth" },
      }),
  ],
  [
    "the camera is off",
    () =>
      withCap(connected(), 150_000)
        .event("track-state-changed", {
          trackId: "cam",
          kind: "video",
          direction: "local",
          enabled: false,
          muted: false,
          readyState: "live",
        })
        .run(60, poor),
  ],
  [
    "a layer is being switched",
    () => {
      const call = withCap(connected(), 150_000);
      for (let round = 0; round < 15; round += 1) {
        call.run(4, { ...poor, outVideo: { ...poor.outVideo, active: round % 2 === 0 } });
      }
      return call;
    },
  ],
  [
    "the track was replaced a moment ago",
    () => {
      const call = withCap(connected(), 150_000);
      for (let round = 0; round < 15; round += 1) {
        call.event("sender-track-replaced", { from: "cam", to: "other", kind: "video" }, true).run(4, poor);
      }
      return call;
    },
  ],
])("%s: expected", (_name, call) => {
  expect(found(call())).toEqual([]);
});

test.each<[string, () => CallBuilder]>([
  [
    "the browser has no target",
    () => withCap(connected(), 150_000).run(30, { outVideo: { targetBitrate: null } }),
  ],
  ["the log has no events", () => buildCall().run(30)],
])("%s: not computable", (_name, call) => {
  expect(
    call()
      .analyse()
      .verdict.missing.map(({ what }) => what),
  ).toContain(id);
});
