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

test.each([
  ["sendrecv", ["connection-without-media"]],
  ["recvonly", []],
  ["inactive", []],
])("negotiated as %s", (currentDirection, expected) => {
  const call = buildCall().event(
    "transceiver-changed",
    {
      mid: "1",
      kind: "video",
      direction: "sendrecv",
      currentDirection,
      senderTrackId: "cam",
      receiverTrackId: "far-cam",
    },
    true,
  );
  const found = call
    .run(30, nothingOut)
    .analyse()
    .observations.map(({ id }) => id);
  expect(found.filter((id) => id === "connection-without-media")).toEqual(expected);
});

test("a connection for data channels alone", () => {
  const dataOnly: Changes = {
    inAudio: null,
    inVideo: null,
    outAudio: null,
    outVideo: null,
    remoteInAudio: null,
    remoteInVideo: null,
    remoteOutAudio: null,
    remoteOutVideo: null,
  };
  expect(summary(buildCall().run(40, dataOnly).analyse())).toEqual([]);
});
