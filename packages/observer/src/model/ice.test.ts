import { expect, test } from "vitest";
import { applyIceEvent, createIceState, readServerUrl } from "./ice.ts";

test.each([
  ["turn:relay.example", "turn:relay.example:3478?transport=udp", "udp"],
  ["TURN:Relay.example:3478?transport=UDP", "turn:relay.example:3478?transport=udp", "udp"],
  ["turn:relay.example?transport=tcp", "turn:relay.example:3478?transport=tcp", "tcp"],
  ["turns:relay.example", "turns:relay.example:5349?transport=tls", "tls"],
  ["turns:relay.example:443?transport=tcp", "turns:relay.example:443?transport=tls", "tls"],
  ["stun:[2001:db8::1]:19302", "stun:[2001:db8::1]:19302?transport=udp", "udp"],
] as const)("%s", (url, key, transport) => {
  expect(readServerUrl(url)).toEqual({ key, transport, turn: key.startsWith("turn") });
});

test.each(["", "https://relay.example", "turn:", "turn:a?transport=sctp", "stun"])(
  "%j is no server",
  (url) => {
    expect(readServerUrl(url)).toBeNull();
  },
);

test("a hostile log stays within bounds", () => {
  const ice = createIceState();
  for (let index = 0; index < 1000; index += 1) {
    applyIceEvent(ice, "ice-candidate-failed", index, { errorCode: 701, url: `turn:h${index}.example` });
    applyIceEvent(ice, "selected-candidate-pair-changed", index, { local: null, remote: 3 });
    applyIceEvent(ice, "ice-candidate-gathered", index, { type: "relay", url: `turn:g${index}.example` });
  }
  applyIceEvent(ice, "connection-created", 0, {
    configuration: { iceServers: Array.from({ length: 500 }, () => ({ urls: ["turn:a.example", 3, null] })) },
  });
  expect(ice.answers.size).toBeLessThanOrEqual(50);
  expect(ice.pathChanges.length).toBeLessThanOrEqual(20);
  expect(ice.configuration?.servers.length).toBeLessThanOrEqual(50);
});
