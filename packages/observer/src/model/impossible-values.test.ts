import { expect, test } from "vitest";
import { findImpossible } from "./impossible-values.ts";

const found = (type: string, member: string, value: number): string[] =>
  findImpossible(type, { id: "1", type, timestamp: 1_700_000_000_000, [member]: value }, []).map(
    ({ stat, field }) => `${stat}.${field}`,
  );

test.each<[string, string, number, boolean]>([
  ["inbound-rtp", "packetsLost", -1_000_001, true],
  ["inbound-rtp", "packetsLost", -1_000_000, false],
  ["inbound-rtp", "jitter", -0.1, true],
  ["inbound-rtp", "audioLevel", 1.01, true],
  ["inbound-rtp", "timestamp", 1.7e15, true],
  ["outbound-rtp", "timestamp", 1.7e15, true],
  ["remote-inbound-rtp", "packetsLost", -2e6, true],
  ["remote-inbound-rtp", "fractionLost", 1.5, true],
  ["remote-inbound-rtp", "fractionLost", 1, false],
  ["remote-inbound-rtp", "roundTripTime", -1, true],
  ["remote-inbound-rtp", "jitter", -1, true],
  ["media-source", "audioLevel", -0.5, true],
  ["candidate-pair", "currentRoundTripTime", -0.001, true],
  ["candidate-pair", "currentRoundTripTime", 0, false],
  ["codec", "payloadType", -5, false],
])("%s.%s %d: impossible %s", (type, member, value, impossible) => {
  expect(found(type, member, value)).toEqual(impossible ? [`${type}.${member}`] : []);
});
