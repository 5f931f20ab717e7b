import { expect, test } from "vitest";
import { buildCall, type Changes, summary } from "../../testing/call-builder.ts";

const nothingOut: Changes = {
  outVideo: { packetsSent: 0, bytesSent: 0, framesEncoded: 0 },
  remoteInVideo: null,
};
const nothingIn: Changes = {
  inVideo: { packetsReceived: 0, bytesReceived: 0, framesReceived: 0, framesDecoded: 0 },
};

test.each<[string, Changes, number, string[]]>([
  ["nothing is ever sent from a live camera", nothingOut, 30, ["connection-without-media major 1..30"]],
  ["the camera itself delivers nothing", { ...nothingOut, camSource: { frames: 0 } }, 30, []],
  ["an inactive sender", { ...nothingOut, outVideo: { packetsSent: 0, active: false } }, 30, []],
  ["the far end says it sends, nothing arrives", nothingIn, 30, ["connection-without-media major 1..30"]],
  ["nobody says that anything is sent", { ...nothingIn, remoteOutVideo: null }, 30, []],
  ["only 8 s", nothingOut, 8, []],
])("%s", (_name, changes, seconds, expected) => {
  expect(summary(buildCall().run(seconds, changes).analyse())).toEqual(expected);
});

test("the first packet clears it", () => {
  expect(summary(buildCall().run(20, nothingOut).run(10).analyse())).toEqual([
    "connection-without-media major 1..21",
  ]);
});
