import { expect, test } from "vitest";
import type { CallBuilder } from "../../testing/call-builder.ts";
import { about, connecting, evidenceOf, failed, gatheringCall } from "../../testing/ice-calls.ts";

const udp = "turn:relay.example:3478?transport=udp";
const tls = "turns:relay.example:443?transport=tcp";
const start = (...more: string[]): CallBuilder => gatheringCall([udp, tls, ...more]);
const silent = (call: CallBuilder, url: string, address = "192.0.2.0"): CallBuilder =>
  call.event(
    "ice-candidate-failed",
    { errorCode: 701, errorText: "TURN allocate request timed out.", url, address },
    true,
  );
const gathered = (call: CallBuilder, type: string, url: string): CallBuilder =>
  call.event(
    "ice-candidate-gathered",
    { type, protocol: "udp", relayProtocol: "udp", address: "192.0.2.0", url },
    true,
  );
const bothSilent = (call: CallBuilder): CallBuilder => silent(silent(call, udp), tls);

test("all relays silent, never connected: critical; which end it is, one session cannot tell", () => {
  const analysis = bothSilent(start().skip(1)).run(15, connecting).run(3, failed).analyse();
  expect(about(analysis, "turn-unreachable")).toEqual(["critical 0..19 session-end"]);
  expect(evidenceOf(analysis, "turn-unreachable")["icecandidateerror.url"]).toBe(`${udp}, ${tls}`);
  expect(analysis.verdict).toMatchObject({ statedCause: "turn-unreachable", faultDomain: "unknown" });
  expect(analysis.verdict.missing.map(({ what }) => what)).toContain(
    "other sessions with the same TURN servers",
  );
});

test("a STUN server answers meanwhile: rather the relays than this network", () => {
  const stun = "stun:stun.example";
  const call = bothSilent(gathered(start(stun).skip(1), "srflx", "stun:stun.example:3478"));
  const { alternatives, faultDomain } = call.run(15, connecting).run(3, failed).analyse().verdict;
  expect(faultDomain).toBe("unknown");
  expect(alternatives[0]).toEqual({ faultDomain: "turn", confidence: 0.5 });
  expect(alternatives[1]?.confidence).toBeLessThan(0.5);
});

test.each<[string, () => CallBuilder, string[]]>([
  ["connected without", () => bothSilent(start().skip(1)).run(20), ["major 0..21 session-end"]],
  ["before 10 s", () => bothSilent(start().skip(1)).run(8), []],
  ["one URL of two", () => silent(start().skip(1), udp).run(20), []],
  ["a relay from another server", () => gathered(bothSilent(start().skip(1)), "relay", tls).run(20), []],
  [
    "one interface fails, another is served",
    () => gathered(bothSilent(start().skip(1)), "relay", udp).run(20),
    [],
  ],
  [
    "attempts over IPv6 only, with IPv4 there",
    () =>
      silent(
        silent(
          start().skip(1).event("ice-candidate-gathered", { type: "host", address: "192.0.2.0" }, true),
          udp,
          "2001:db8:1::",
        ),
        tls,
        "2001:db8:1::",
      ).run(20),
    [],
  ],
  [
    "attempts over IPv6, and nothing else there",
    () => silent(silent(start().skip(1), udp, "2001:db8:1::"), tls, "2001:db8:1::").run(20),
    ["major 0..21 session-end"],
  ],
  [
    "a relay after 12 s",
    () => gathered(bothSilent(start().skip(1)).run(11, connecting), "relay", tls).run(9),
    ["major 0..12 cleared"],
  ],
  [
    "closed by the app within 10 s",
    () =>
      bothSilent(start().skip(1))
        .run(5, connecting)
        .event("connection-closed", {}, true)
        .skip(20)
        .event("session-ended", { reason: "stopped" }),
    [],
  ],
])("%s", (_name, call, expected) => {
  expect(about(call().analyse(), "turn-unreachable")).toEqual(expected);
});

test("without a configuration, the servers that were asked count", () => {
  const call = gatheringCall([], { iceServers: null }).skip(1);
  expect(about(silent(call, udp).run(20).analyse(), "turn-unreachable")).toEqual(["major 0..21 session-end"]);
});
