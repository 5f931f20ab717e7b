import type { JsonObject, JsonValue } from "@peerscope/schema";
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

/** Objects within each other, more than a function that calls itself for each can follow. */
function nested(name: string): JsonObject {
  let value: JsonObject = {};
  for (let level = 0; level < 50_000; level += 1) value = { [name]: value };
  return value;
}

test("what is nested too deep is not carried on, and nothing fails at it", () => {
  const plain: JsonValue = { a: { b: 1 } };
  const before = mergeDifference({}, { ...connection({ x: nested("x"), plain }), x: nested("x"), plain });
  expect(mergeDifference(before, connection({ packetsReceived: 1 }))).toEqual({
    ...connection({ plain, packetsReceived: 1 }),
    plain,
  });
});

test("a structure that changes bit by bit holds no other one", () => {
  const before = mergeDifference({}, connection({ psnrSum: { y: 1, u: 1 } }));
  const after = mergeDifference(before, connection({ psnrSum: { y: 2 } }));
  expect(after).toEqual(connection({ psnrSum: { y: 2, u: 1 } }));
  expect(() => mergeDifference(after, connection(nested("psnrSum")))).not.toThrow();
});
