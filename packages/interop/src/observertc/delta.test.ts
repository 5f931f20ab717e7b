import type { JsonObject } from "@peerscope/schema";
import { expect, test } from "vitest";
import { mergeDifference } from "./delta.ts";

const connection = (entry: JsonObject): JsonObject => ({
  peerConnections: [{ peerConnectionId: "pc", inboundRtps: [{ ssrc: 1, ...entry }] }],
});

test("a client that names new members in each message does not make them add up", () => {
  let sample: JsonObject = {};
  for (let number = 0; number < 2_000; number += 1) {
    const text = "x".repeat(5_000);
    sample = mergeDifference(sample, {
      ...connection({ [`entry-${number}`]: text }),
      [`root-${number}`]: text,
    });
  }
  expect(JSON.stringify(sample).length).toBeLessThan(1_100_000);
});

test("what a real client says once is kept however long it goes on", () => {
  const described = { sdpFmtpLine: "x".repeat(1_000), kind: "audio" };
  let sample = mergeDifference({}, connection(described));
  for (let number = 0; number < 5_000; number += 1)
    sample = mergeDifference(sample, connection({ packetsReceived: number }));
  expect(sample).toEqual(connection({ ...described, packetsReceived: 4_999 }));
});
