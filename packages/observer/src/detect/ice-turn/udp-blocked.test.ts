import { expect, test } from "vitest";
import { buildCall, type CallBuilder, type Change } from "../../testing/call-builder.ts";
import { about, addStats, evidenceOf, gatheringCall, notComputable } from "../../testing/ice-calls.ts";

const id = "udp-blocked";
const udpUrl = "turn:relay.example:3478?transport=udp";
const tlsUrl = "turns:relay.example:443?transport=tcp";
const start = (urls = [udpUrl, tlsUrl], more: Change = {}): CallBuilder => gatheringCall(urls, more);
const failedUdp = (call: CallBuilder, errorCode = 701): CallBuilder =>
  call.event("ice-candidate-failed", { errorCode, url: udpUrl }, true);
const overTls = { candidateType: "relay", protocol: "udp", relayProtocol: "tls", url: tlsUrl };

/** Seconds of a call whose selected local candidate has these members, with more objects in its reports. */
function over(
  call: CallBuilder,
  seconds: number,
  local: Change,
  more: Parameters<typeof addStats>[2] = [],
): CallBuilder {
  return addStats(call.run(seconds), seconds, [{ id: "L", type: "local-candidate", ...local }, ...more]);
}

const hostPair = (responsesReceived: number): Parameters<typeof addStats>[2] => [
  { id: "H", type: "local-candidate", candidateType: "host", protocol: "udp" },
  {
    id: "CP9",
    type: "candidate-pair",
    localCandidateId: "H",
    remoteCandidateId: "R",
    requestsSent: 9,
    responsesReceived,
    state: responsesReceived > 0 ? "succeeded" : "failed",
  },
];

const lite = (call: CallBuilder): CallBuilder =>
  call.event(
    "api-called",
    { callId: 1, method: "setRemoteDescription", arguments: { description: { sdp: "a=ice-lite\r\n" } } },
    true,
  );

test("a relay over TLS, and the one over UDP unreachable", () => {
  const analysis = over(failedUdp(start()), 20, overTls).analyse();
  expect(about(analysis, id)).toEqual(["major 1..20 session-end"]);
  expect(evidenceOf(analysis, id)).toMatchObject({
    "local-candidate.relayProtocol": "tls",
    "icecandidateerror.url": udpUrl,
  });
  // It hurt nothing here, and the network is not proven to be the one that blocks.
  expect(analysis.verdict.faultDomain).toBe("unknown");
});

test.each<[string, () => CallBuilder, string[]]>([
  ["9 s", () => over(failedUdp(start()), 9, overTls), []],
  ["then a path over UDP", () => over(failedUdp(start()), 15, overTls).run(9), ["major 1..17 cleared"]],
  [
    "a media server over TCP whose UDP port does not answer",
    () => over(lite(start([])), 20, { candidateType: "host", protocol: "tcp" }, hostPair(0)),
    ["major 1..20 session-end"],
  ],
  [
    "a direct path that fails is no proof: address translation does that",
    () => over(start([tlsUrl]), 20, overTls, hostPair(0)),
    [],
  ],
  ["a pair over UDP is answered", () => over(failedUdp(start()), 20, overTls, hostPair(3)), []],
  [
    "a server answered over UDP",
    () =>
      over(
        failedUdp(start()).event("ice-candidate-gathered", { type: "srflx", protocol: "udp" }, true),
        20,
        overTls,
      ),
    [],
  ],
  ["the relay over UDP refused, so it was reached", () => over(failedUdp(start(), 401), 20, overTls), []],
  [
    "the app configured TLS alone",
    () => over(start([tlsUrl], { iceTransportPolicy: "relay" }), 20, overTls),
    [],
  ],
])("%s", (_name, call, expected) => {
  expect(about(call().analyse(), id)).toEqual(expected);
});

test("a browser that does not say how the relay is reached: not computable", () => {
  const analysis = over(failedUdp(start()), 20, { candidateType: "relay", protocol: "udp" }).analyse();
  expect(about(analysis, id)).toEqual([]);
  expect(notComputable(analysis)).toContain(id);
});

test("nothing over UDP was there to be tried: unknown, not blocked", () => {
  const call = over(buildCall(), 20, overTls);
  expect(about(call.analyse(), id)).toEqual([]);
  expect(notComputable(call.analyse())).toContain(id);
});
